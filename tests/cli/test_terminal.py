"""Terminals that cannot write everything, and texts that would command one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import LIMIT, in_turn
from subtitled import video

from whenabouts import Evidence, Moment, Prediction
from whenabouts.cli.tables import first_lines, print_predictions
from whenabouts.cli.terminal import json_text, visible
from whenabouts.video.source import shown

SRT = "1\n00:00:01,000 --> 00:00:03,000\nDer Haushalt — 예산 😀 “é” was approved on Tuesday.\n"
POOR = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "cp949"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]
HOSTILE = "red \x1b[31m\x1b]0;owned\x07 \x00 \x9b2J \x7f end"


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = video(tmp_path_factory.mktemp("terminal") / "talk.mp4")
    path.with_suffix(".srt").write_text(SRT, "utf-8")
    return path


def run(poor: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "whenabouts", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=LIMIT, check=False, env=os.environ | poor)


@pytest.mark.parametrize("poor", POOR, ids=lambda poor: next(iter(poor.values())))
def test_a_poor_encoding_gets_escapes_and_no_traceback(talk: Path, poor: dict[str, str]) -> None:
    asked = ["find", talk, "it was approved on Tuesday", "--evidence", "said"]
    others = [["--help"], ["find", "--help"], *([["models"]] if "ascii" in poor.values() else [])]  # it loads torch
    done = in_turn([asked, [*asked, "--json"], *others], **poor)
    for code, _, err in done:
        assert code == 0 and b"Traceback" not in err, err.decode("utf-8", "replace")
    table, rows = (out.decode(poor.get("PYTHONIOENCODING", "ascii")) for _, out, _ in done[:2])
    assert "0:01.0" in table
    [answer] = json.loads(rows)
    assert answer["moments"][0]["evidence"][0]["text"] == SRT.splitlines()[2]


@pytest.mark.parametrize("poor", POOR, ids=lambda poor: next(iter(poor.values())))
def test_an_error_and_korean_help_are_written_too(poor: dict[str, str]) -> None:
    [(code, _, err)] = in_turn([["find", "예산.mp4", "a dog"]], **poor)
    assert code == 1 and b"does not exist" in err and b"Traceback" not in err
    done = run(poor | {"LANG": "ko_KR", "LANGUAGE": "ko"}, "find", "--help")
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")


def test_no_control_character_of_a_text_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = Evidence("said", 1.0, 4.0, HOSTILE)
    found = Prediction(HOSTILE, (Moment(1.0, 4.0, 0.5, (said,)),), 60.0, presence=0.9, notes=(HOSTILE,))
    failed = Prediction(HOSTILE, (), 60.0, failure="no moment in the answer", said=(HOSTILE,))
    print_predictions([found, failed])
    for text in (capsys.readouterr().out, *first_lines([found])):
        assert "red �[31m" in text and "end" in text
        assert not [letter for letter in text if letter != "\n" and ord(letter) in {*range(32), *range(127, 160)}]


def test_json_escapes_them_and_keeps_the_text() -> None:
    text = json_text({"text": HOSTILE, "list": ["é", "예산"]}, indent=2)
    assert visible(text) == text and "예산" in text
    assert json.loads(text)["text"] == HOSTILE


def test_a_file_name_is_shown_without_them() -> None:
    assert shown(Path("a\x1b[2J\n\x9b.mp4")) == "a\\x1b[2J\\x0a\\x9b.mp4"


STRANGE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202egpj.exe\u2066"


def commands(text: bytes) -> list[str]:
    return [letter for letter in STRANGE if letter.encode() in text and not letter.isprintable()]


def test_nothing_that_a_stranger_wrote_commands_the_terminal(tmp_path: Path) -> None:
    """Names of files and columns, queries, subtitles, notes and errors, in tables, JSON and on stderr."""
    path = video(tmp_path / "talk.mp4")
    path.with_suffix(".srt").write_text(SRT.replace("Der", STRANGE), "utf-8")
    path.with_suffix(f".{STRANGE}.srt").write_text("nothing", "utf-8")
    answers = tmp_path / f"answers {STRANGE}.json"
    saved = [tmp_path / f"a{suffix}" for suffix in (".edl", ".csv", ".srt", ".vtt", ".fcpxml", ".xml", ".eaf")]
    asked = ["find", path, f"was approved on Tuesday {STRANGE}", "--evidence", "said", "--clip", tmp_path / STRANGE]
    done = run({}, *asked, *(word for each in saved for word in ("--save", each)))
    assert done.returncode == 0 and b"approved" in done.stdout
    rows = run({}, *asked[:5], "--json")
    answers.write_bytes(rows.stdout)
    spoken = json.loads(rows.stdout)
    assert spoken[0]["query"].endswith(STRANGE)
    printed = [done, rows, run({}, "export", answers, tmp_path / f"b{STRANGE}.edl"), run({}, "find", STRANGE, "a dog")]
    printed += [run({}, "evaluate", answers, "--truth", tmp_path / STRANGE), run({}, STRANGE)]
    printed += [run({}, "find", path, "a dog", "--model", STRANGE)]
    for each in printed:
        assert not commands(each.stdout), each.args
        assert not commands(each.stderr), each.args
    for each in saved:
        assert not commands(each.read_bytes()), each.name
