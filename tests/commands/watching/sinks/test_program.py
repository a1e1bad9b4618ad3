"""A program for each event: it gets the event, and no shell ever reads a query."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from processes import LIMIT

from whenabouts.commands.watching.sinks.program import Program
from whenabouts.errors import InputError
from whenabouts.grounders.stream import Event

HOSTILE = "$(touch taken); `touch taken` \"'\0\n&"
ENDED = Event(HOSTILE, 3, "ended", 1.0, 2.5, 0.5, 2.5)


def script(tmp_path: Path, code: str) -> str:
    (tmp_path / "a program.py").write_text(code)
    return shlex.join([sys.executable, str(tmp_path / "a program.py"), "an argument"])


def test_the_event_is_on_stdin_and_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = script(
        tmp_path,
        "import json, os, sys\n"
        "about = {k: v for k, v in os.environ.items() if k.startswith('WHENABOUTS_')}\n"
        "open('out.json', 'w').write(json.dumps([sys.argv[1:], json.load(sys.stdin), about]))",
    )
    program = Program(line, ["ended"], pytest.fail)
    program(Event("a dog", 1, "started", 1.0, None, 0.5, 2.0))
    program(ENDED)
    program.close()
    arguments, event, about = json.loads((tmp_path / "out.json").read_text())
    assert arguments == ["an argument"]
    assert event == {"type": "event", **json.loads(json.dumps(ENDED.to_dict()))}
    assert about["WHENABOUTS_QUERY"] == HOSTILE.replace("\0", "") and about["WHENABOUTS_END"] == "2.5"
    assert about["WHENABOUTS_WALL"] == "" and not (tmp_path / "taken").exists()


@pytest.mark.parametrize(
    ("code", "timeout", "reason"),
    [("raise SystemExit(3)", LIMIT, "exit code 3"), ("import time; time.sleep(600)", 0.5, "took longer than 0.5 s")],
)
def test_one_that_fails_or_hangs_is_said(tmp_path: Path, code: str, timeout: float, reason: str) -> None:
    said: list[Any] = []
    program = Program(script(tmp_path, code), ["ended"], lambda *told: said.append(told), timeout=timeout)
    program(ENDED)
    program.close()
    assert reason in said[0][1]


def test_one_that_is_not_there_is_said() -> None:
    said: list[Any] = []
    program = Program("/no/such/program", ["ended"], lambda *told: said.append(told))
    program(ENDED)
    program.close()
    assert said[0] == ("program", "no such file or directory", 1)


@pytest.mark.parametrize("line", ["", " ", "'"])
def test_what_is_no_program_is_refused(line: str) -> None:
    with pytest.raises(InputError, match="is not a program"):
        Program(line, ["ended"], pytest.fail)
