"""`whenabouts parse`: lines in, JSON lines out."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def parse(answers: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "whenabouts", "parse", *options], input=answers, capture_output=True, check=False
    )


def rows(done: subprocess.CompletedProcess[bytes]) -> list[object]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_one_answer_per_line_keeps_its_place() -> None:
    done = parse(b"24.3 to 30.4\n\nno idea\r\n[5.0, 10.0]\n", "--parser", "time-r1")
    assert rows(done) == [[24.3, 30.4], [None, None], [None, None], [None, None]]


@pytest.mark.parametrize(
    "answers",
    [
        b'"start: 5.0\\nend: 10.0"\n{"text": "from 1 to 2"}\n',
        b'["start: 5.0\\nend: 10.0",\n {"output": "from 1 to 2"}]',
    ],
)
def test_answers_with_line_breaks_come_as_json(answers: bytes) -> None:
    assert rows(parse(answers, "--parser", "timelens")) == [[[5.0, 10.0]], [[1.0, 2.0]]]


def test_our_own_parser_explains_itself() -> None:
    told = rows(parse(b"It is not in the video.\n9 to 4\n", "--explain"))
    assert told[0] == {"windows": [], "absent": True, "notes": []}
    assert told[1]["notes"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("options", "answers", "words"),
    [
        (["--parser", "nobody"], b"", "choose one of"),
        (["--parser", "time-r1", "--explain"], b"", "works only with the parser"),
        ([], b"\xff\xfe1", "UTF-8"),
    ],
)
def test_misuse_is_one_sentence(options: list[str], answers: bytes, words: str) -> None:
    done = parse(answers, *options)
    assert done.returncode == 1 and done.stdout == b""
    assert words in done.stderr.decode() and done.stderr.count(b"\n") == 1
