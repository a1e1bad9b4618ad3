"""What is logged, in which form, and what never is: by the program, its worker processes, and as a library."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video

from whenabouts.logs import DEBUG, FORMAT, JSONLines, Lines, Sentences

BROKEN = """
import sys
from whenabouts.cli.app import main
def program():
    from whenabouts.cli.app import app
    app(["models", "--json"], standalone_mode=False)
    raise {error}
main(program)
"""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh process, with what it printed."""
    left = {name: value for name, value in os.environ.items() if name not in {DEBUG, FORMAT}}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=left | environment, capture_output=True, text=True, check=False)


def record(message: str, **fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "whenabouts.server.jobs.runner", "levelname": "INFO", "msg": message})
    vars(made).update(fields, created=1_700_000_000.25)
    return made


def test_a_line_has_time_level_room_and_fields() -> None:
    ended = record("job ended", state="done", seconds=4.2, _ray_timestamp_ns=1)  # as Ray marks every record
    wanted = {"time": "2023-11-14T22:13:20.250Z", "level": "info", "room": "server.jobs.runner"}
    assert json.loads(JSONLines().format(ended)) == wanted | {"message": "job ended", "state": "done", "seconds": 4.2}
    line = Lines().format(ended)
    assert line == "2023-11-14T22:13:20.250Z info    server.jobs.runner: job ended state=done seconds=4.2"
    assert Sentences().format(ended) == "whenabouts: job ended state=done seconds=4.2"


@pytest.mark.parametrize("form", [JSONLines(), Lines(), Sentences()])
def test_no_message_begins_another_line_or_commands_the_terminal(form: logging.Formatter) -> None:
    line = form.format(record("red \x1b[31m\r\nwhenabouts: all is well \x85\u2028", name_of="a\nb"))
    assert line.isprintable()


@pytest.mark.parametrize(("options", "shown"), [([], False), (["--debug"], True)])
def test_a_traceback_is_shown_where_it_is_asked_for(options: list[str], shown: bool, tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"no video")
    done = python("-m", "whenabouts", *options, "find", str(tmp_path / "no.mp4"), "a dog")
    assert done.returncode == 1 and ("Traceback" in done.stderr) is shown
    assert done.stderr.splitlines()[-1].startswith("whenabouts: ") and "no.mp4" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("setting", "shown"), [("", False), ("0", False), ("1", True)])
def test_a_bug_is_one_sentence_and_an_exit_code_of_its_own(setting: str, shown: bool) -> None:
    done = python("-c", BROKEN.format(error="KeyError('of a bug')"), WHENABOUTS_DEBUG=setting)
    assert done.returncode == 70 and ("Traceback" in done.stderr) is shown
    last = done.stderr.splitlines()[-1]
    assert last.startswith("whenabouts: this is a bug (KeyError: 'of a bug')") and "--debug" in last
    if not shown:
        assert done.stderr.count("\n") == 1


def test_no_memory_is_no_bug() -> None:
    done = python("-c", BROKEN.format(error="MemoryError"))
    assert done.returncode == 1 and done.stderr == "whenabouts: there is not enough memory for this\n"


def test_the_log_tells_neither_query_nor_path_unless_all_is_asked_for(tmp_path: Path) -> None:
    video = tmp_path / "private.mp4"
    make_video(video, fps=5, seconds=1)
    ask = ["find", str(video), "my dear aunt", "--evidence", "seen"]
    lines = python("-m", "whenabouts", "--log", "json", *ask, WHENABOUTS_CACHE=str(tmp_path / "cache")).stderr
    told = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    assert {each["level"] for each in told} == {"info"} and all("time" in each and "room" in each for each in told)
    assert "private" not in lines and "aunt" not in lines
    everything = python("-m", "whenabouts", "--debug", *ask, WHENABOUTS_CACHE=str(tmp_path / "cache")).stderr
    assert "private.mp4" in everything and " debug " in everything


def test_a_worker_process_logs_as_its_server_does() -> None:
    program = (
        "import logging\nfrom whenabouts import logs\nlogs.inherit()\nlogging.getLogger('whenabouts.x').warning('no')"
    )
    assert json.loads(python("-c", program, WHENABOUTS_LOG="json").stderr)["message"] == "no"
    assert python("-c", program, WHENABOUTS_LOG="").stderr == "whenabouts: no\n", "of the command line without options"
    assert python("-c", program).stderr == "", "of a program that uses the library"


def test_as_a_library_nothing_is_printed_and_everything_can_be_heard() -> None:
    warn = "import logging, whenabouts\nlogging.getLogger('whenabouts.plugins').warning('no')"
    assert python("-c", warn).stderr == ""
    heard = f"import logging\nlogging.basicConfig(format='%(name)s %(message)s')\n{warn}"
    assert python("-c", heard).stderr == "whenabouts.plugins no\n"
