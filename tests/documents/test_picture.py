"""A chart that a notebook shows and a file keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from whenabouts.documents.chart import Bars
from whenabouts.documents.picture import Picture
from whenabouts.errors import InputError, MissingExtra

PICTURE = Picture(Bars("Scores", ("R1@0.5",), {"score": (50.0,)}, "per cent"))


def test_a_notebook_shows_it_on_paper_of_its_own_light_or_dark() -> None:
    shown = PICTURE._repr_svg_()
    assert ElementTree.fromstring(shown).get("width") and "prefers-color-scheme: dark" in shown
    assert ">Scores</text>" in shown


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("PDF", b"%PDF")])
def test_it_is_saved_in_the_kinds_that_papers_take(kind: str, begins: bytes, tmp_path: Path) -> None:
    PICTURE.save(tmp_path / f"a.{kind}")
    PICTURE.save(str(tmp_path / f"b.{kind}"))
    saved = (tmp_path / f"a.{kind}").read_bytes()
    assert saved.startswith(begins) and saved == (tmp_path / f"b.{kind}").read_bytes()


def test_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"choose one of: \.svg, \.png, \.pdf"):
        PICTURE.save(tmp_path / "a.docx")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("matplotlib", "whenabouts.documents.fig"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("axes", "renderer"):
        monkeypatch.delitem(sys.modules, f"whenabouts.documents.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"drawing a chart needs an extra: pip install 'whenabouts\[plots\]'"):
        PICTURE._repr_svg_()
