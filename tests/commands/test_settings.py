"""Settings of an online model as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.commands import Watch
from whenabouts.errors import InputError, ModelError, QueryError


def test_a_setting_reaches_the_model() -> None:
    typed = Watch.of(queries="a dog", settings=["least=0.9", "cut=0.3"])
    said = Watch.of(queries="a dog", settings={"least": 0.9, "cut": 0.3})
    assert typed == said
    grounder = typed._grounder()
    assert (grounder.least, grounder.cut) == (0.9, 0.3)  # type: ignore[attr-defined]


def test_an_option_stands_before_a_setting_of_the_same_name() -> None:
    assert Watch.of(queries="a dog", threshold=0.5, settings=["least=0.9"])._grounder().least == 0.5  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["hop", "=2", "a..b=1", ".a=1", ""])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="NAME=VALUE"):
        Watch.of(queries="a dog", settings=[text])


@pytest.mark.parametrize("rows", [["a=1", "a.b=2"], ["a.b=1", "a.b.c=2"]])
def test_a_value_has_no_settings_within(rows: list[str]) -> None:
    with pytest.raises(QueryError, match="NAME=VALUE"):
        Watch.of(queries="a dog", settings=rows)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("nothing=1", "has no setting nothing"),
        ("model=3", "cannot be made with these settings"),
        ("fps=fast", r"fps must be a number in \(0, inf\), got 'fast'"),
    ],
)
def test_a_setting_that_does_not_fit_is_one_sentence(setting: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises((ModelError, InputError), match=reason):
        Watch.of(queries="a dog", settings=[setting])._grounder()
    done = CliRunner().invoke(app, ["watch", str(tmp_path / "none.mp4"), "-q", "a dog", "--set", setting])
    assert done.exit_code != 0
