"""The state of a watch: whole or not there, and only for its own source and model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whenabouts.commands.watching.state import Saving, State
from whenabouts.errors import InputError

KEPT = State("a list", "bright", 12.5, 1000.0, {"queries": ["빛"], "ledger": {"told": {"빛": 3}, "open": []}})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert State.read(path) is None
    KEPT.write(path)
    assert State.read(path) == KEPT
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"queries": []}',
        json.dumps({"source": 1, "model": 2, "clock": "x", "wall": 0, "grounder": {}}),
    ],
)
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(InputError, match="is not the state of a watch"):
        State.read(path)


def test_the_state_of_another_watch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="another source"):
        KEPT.fits(tmp_path, "another list", "bright")
    with pytest.raises(InputError, match="another model"):
        KEPT.fits(tmp_path, "a list", "dark")
    KEPT.fits(tmp_path, "a list", "bright")


def test_the_newest_state_is_saved_at_the_end(tmp_path: Path) -> None:
    now = [0.0]
    saving = Saving(tmp_path / "new" / "state.json", pytest.fail, now=lambda: now[0])
    assert not saving.due
    now[0] = 5.0
    assert saving.due
    for clock in range(100):
        saving.save(State("a list", "bright", float(clock), 0.0, {}))
    assert not saving.due
    saving.close()
    kept = State.read(tmp_path / "new" / "state.json")
    assert kept is not None and kept.clock == 99


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        Saving(tmp_path / "file" / "state.json", pytest.fail)
