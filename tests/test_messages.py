"""Every message has its translation: in help, errors, notes, tables, progress and pages."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import typer

from whenabouts.cli.app import app

ROOT = Path(__file__).parents[1]
PROGRAM = runpy.run_path(str(ROOT / "scripts" / "messages.py"))
MESSAGES: dict[str, str] = PROGRAM["collect"]()
CATALOGUES = sorted(PROGRAM["CATALOGUES"].glob("*.json"))
HOW = (
    '\nRun `python scripts/messages.py --update`, which writes what is missing into the catalogue as "" and drops what'
    ' is no longer said; then fill in each "" with `{1}`, `{2}` … where the English has them.'
)
DIRECT = re.compile(r"[가-힣A-Za-z0-9)]?\{\d+\}(은|는|이|가|을|를|와|과|으로|로)(?=[ .,:])")


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_a_catalogue_is_complete(file: Path) -> None:
    found = [*PROGRAM["problems"](MESSAGES, json.loads(file.read_text("utf-8"))["texts"])]
    assert not found, "\n".join([f"{file.name}, {len(found)} messages:", *found[:40]]) + HOW


@pytest.mark.parametrize(
    "message",
    [
        "no moment found",  # a constant
        "{1} is not a directory",  # an f-string
        "too many of your jobs are waiting; try again later",  # with a choice inside
        "reading an HDF5 file of features needs an extra: pip install 'whenabouts[{1}]'",
        "looking closely",  # progress
        "the budget of {1} frames: the video was read at a lower rate",  # a note
        "At most this many moments per query.",  # help of a field
        "Convert the moments in PREDICTIONS for an editor, a player or an annotation tool.",  # a docstring
        "Mark by hand",  # HTML
        "{1} was not indexed: {2}",  # JavaScript
        "input should be greater than or equal to {1}",
    ],
)
def test_messages_of_every_kind_are_found(message: str) -> None:
    assert message in MESSAGES


def helps(command: Any) -> set[str]:
    """Every paragraph of help below a command, as it stands in the source."""
    found = {command.help} | {getattr(each, "help", None) for each in command.params}
    for name in getattr(command, "commands", ()):
        found |= helps(command.commands[name])
    return {" ".join(part.split()) for text in found if text for part in text.split("\n\n")}


def test_all_help_is_found() -> None:
    known = [re.compile(re.sub(r"\\\{\d+\\\}", ".*", re.escape(text))) for text in MESSAGES if "{" in text]
    lost = {
        text
        for text in helps(typer.main.get_command(app)) - MESSAGES.keys()
        if not any(pattern.fullmatch(text) for pattern in known)
    }
    assert not lost, "scripts/messages.py does not collect this help"


def test_no_korean_particle_depends_on_a_value() -> None:
    texts = json.loads((PROGRAM["CATALOGUES"] / "ko.json").read_text("utf-8"))["texts"]
    assert {text for text in texts.values() if DIRECT.search(text)} == set()


def test_a_catalogue_that_lacks_something_is_noticed() -> None:
    texts = {"no moment found": "x", "{1} is empty": "x", "said by nobody": "x"}
    messages = {"no moment found": "a.py", "{1} is empty": "b.py", "looking": "c.py"}
    assert [*PROGRAM["problems"](messages, texts)] == [
        'other places than the English, of b.py: "{1} is empty"',
        'missing, of c.py: "looking"',
        'no longer said: "said by nobody"',
    ]
