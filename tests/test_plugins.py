"""Parts by name: loaded when asked for, added to by other packages, and told of in one sentence where they fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from whenabouts.errors import ModelError, PluginError
from whenabouts.plugins import Registry

GROUP = "whenabouts.shapes"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with three entry points: a good one, one whose module is missing, and one with a name that is taken."""
    (tmp_path / "round_shapes.py").write_text("class Circle: ...\n")
    about = tmp_path / "round_shapes-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: round-shapes\nVersion: 1.0\n")
    points = "circle = round_shapes:Circle\nbroken = no_such_module:Thing\nsquare = round_shapes:Circle\n"
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("round_shapes", None)


def shapes() -> Registry[type]:
    return Registry("shape", GROUP, {"square": "fractions:Fraction", "line": int}, error=ModelError)


def test_a_part_loads_when_it_is_asked_for() -> None:
    from fractions import Fraction

    assert shapes()["square"] is Fraction and shapes().named("line") is int
    assert list(shapes()) == ["square", "line"]


@pytest.mark.usefixtures("installed")
def test_a_package_adds_parts_and_replaces_none() -> None:
    parts = shapes()
    assert list(parts) == ["square", "line", "broken", "circle"] and len(parts) == 4
    assert parts["circle"].__name__ == "Circle" and parts["square"].__name__ == "Fraction"


@pytest.mark.usefixtures("installed")
def test_a_broken_plugin_names_its_package() -> None:
    with pytest.raises(PluginError, match=r"the shape 'broken' of the package round-shapes cannot be loaded \(No mod"):
        shapes().named("broken")


@pytest.mark.usefixtures("installed")
def test_a_broken_plugin_is_left_out_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    parts = shapes()
    for _ in range(2):
        assert list(parts.usable()) == ["square", "line", "circle"] == [name for name, _ in parts.items()]
        assert [part.__name__ for part in parts.values()] == ["Fraction", "int", "Circle"]
    assert len(caplog.messages) == 1 and "the shape 'broken' of the package round-shapes" in caplog.messages[0]


@pytest.mark.usefixtures("installed")
def test_a_plugin_of_the_wrong_type_is_broken() -> None:
    parts: Registry[type] = Registry("shape", GROUP, {}, fits=lambda part: isinstance(part, int))
    with pytest.raises(PluginError, match=r"'circle' of the package round-shapes .* \(round_shapes:Circle is not a sh"):
        parts.named("circle")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="unknown shape 'oval'; choose one of: square, line"):
        shapes().named("oval")
    with pytest.raises(KeyError):
        shapes()["oval"]
