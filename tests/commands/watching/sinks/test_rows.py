"""The file of events: whole rows whatever happens, and never another's file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from whenabouts.commands.watching import Began
from whenabouts.commands.watching.sinks.rows import Rows
from whenabouts.errors import InputError
from whenabouts.grounders.stream import Event

BEGAN = Began("a list", "bright", ("빛 \ud800",))
EVENT = Event("light", 1, "ended", 1.0, 2.0, 0.5, 2.0)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().decode().splitlines()]


def quiet(*_: Any) -> None:
    pass


def test_rows_are_appended_run_after_run_and_half_a_row_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "events.jsonl"
    for _ in range(2):
        sink = Rows(path, quiet)
        sink(BEGAN)
        sink(EVENT)
        sink.close()
        with path.open("ab") as file:
            file.write(b'{"type": "event", "que')
    Rows(path, quiet).close()
    assert [each["type"] for each in rows(path)] == ["watch", "event", "watch", "event"]
    assert Event.from_dict({k: v for k, v in rows(path)[1].items() if k != "type"}) == EVENT


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n")
    with pytest.raises(InputError, match="does not hold the events of a watch"):
        Rows(path, quiet)
    assert path.read_text() == "my notes\n"
    with pytest.raises(InputError, match="cannot be written"):
        Rows(tmp_path, quiet)


FULL = """
import json, resource, sys, time
from pathlib import Path
from whenabouts.commands.watching import Began
from whenabouts.commands.watching.sinks.rows import Rows
from whenabouts.grounders.stream import Event
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
said = []
sink = Rows(Path(sys.argv[1]), lambda *told: said.append(told))
sink(Began("a list", "bright", ()))
for k in range(20):
    sink(Event("light", k + 1, "started", float(k), None, 0.5, float(k)))
while not said:
    time.sleep(0.01)
small = Path(sys.argv[1]).read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))  # there is room again
sink.close()
print(json.dumps([said, small.decode()]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no RLIMIT_FSIZE")
def test_a_full_disk_costs_nothing_once_there_is_room_again(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    said, small = json.loads(done.stdout)
    assert len(said) == 1 and said[0][0] == "events" and "file too large" in said[0][1]
    assert small.endswith("}\n"), "no half row stays while it is full"
    assert [each.get("number") for each in rows(path)] == [None, *range(1, 21)]
