"""`whenabouts watch` from the outside: growing files, streams that are cut, kills, full disks, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from processes import LIMIT
from spoken import martha
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.video import Video

RATE = 10
CAT = ["-q", "a cat", "--threshold", "0.1"]
Rows = list[dict[str, Any]]
posix = pytest.mark.skipif(os.name != "posix", reason="sends signals")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine seconds of MPEG-TS: grey, a cat from 3 to 6, grey."""
    cat = pytest.importorskip("skimage.data", reason="scikit-image is not installed").chelsea()
    path = tmp_path_factory.mktemp("recording") / "cat.ts"
    pictures = [np.full((240, 360, 3), 128, np.uint8), np.ascontiguousarray(cat[30:270, 40:400])]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", RATE, options={"g": str(RATE), "preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 360, 240, "yuv420p"
        for number in range(9 * RATE):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pictures[number // (3 * RATE) == 1])))
        out.mux(stream.encode(None))
    return path


class Running:
    """A watch in a process of its own, and the rows that it prints."""

    def __init__(self, *arguments: str | Path, stdin: Any = None) -> None:
        command = [sys.executable, "-m", "whenabouts", "watch", *map(str, arguments), "--json"]
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.rows: Rows = []

    def until(self, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first further row of which something is true."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.rows.append(json.loads(line))
            if true(self.rows[-1]):
                return self.rows[-1]
        raise AssertionError(f"it ended: {self.rows}, {self.process.communicate()}")

    def end(self, how: int | None = signal.SIGINT) -> int:
        """End it, and wait until it has ended."""
        if how is not None:
            self.process.send_signal(how)
        out, self.said = self.process.communicate(timeout=LIMIT)
        self.rows += [json.loads(line) for line in out.splitlines()]
        return self.process.returncode


@contextmanager
def watch(*arguments: str | Path, **more: Any) -> Iterator[Running]:
    running = Running(*arguments, **more)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def is_event(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda row: row["type"] == "event" and row["state"] == state


def is_notice(happened: str) -> Callable[[dict[str, Any]], bool]:
    return lambda row: row["type"] == "notice" and row["happened"] == happened


def events(rows: Rows) -> list[tuple[str, int, bool]]:
    return [
        (row["state"], row["number"], row["seen_end"])
        for row in rows
        if row["type"] == "event" and row["state"] != "updated"
    ]


def test_a_file_is_watched_with_everything_that_may_take_its_events(recording: Path, tmp_path: Path) -> None:
    clips, rows = tmp_path / "clips", tmp_path / "events.jsonl"
    note = [sys.executable, "-c", f"import sys; open({str(tmp_path / 'run')!r}, 'a').write(sys.stdin.read())"]
    program = " ".join(f"'{word}'" if "'" not in word else f'"{word}"' for word in note)
    options = ["--clips", str(clips), "--pre", "1", "--post", "1", "--events", str(rows), "--run", program]
    done = CliRunner().invoke(app, ["watch", str(recording), *CAT, *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "started  “a cat”" in done.output and "ended  “a cat”" in done.output
    told: Rows = [json.loads(line) for line in rows.read_text().splitlines()]
    assert told[0]["type"] == "watch" and events(told) == [("started", 1, True), ("ended", 1, True)]
    [ended] = [row for row in told if is_event("ended")(row)]
    assert (ended["start"], ended["end"]) == pytest.approx((3, 6), abs=1)
    [clip] = clips.iterdir()
    with Video(clip) as video:
        assert video.duration == pytest.approx(ended["end"] - ended["start"] + 2, abs=0.3)
    lines = (tmp_path / "run").read_text().splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["started", "ended"]
    assert program not in rows.read_text(), "a receipt holds no secrets"


@pytest.mark.slow
def test_what_is_said_is_heard(tmp_path: Path) -> None:
    samples = martha().samples
    path = tmp_path / "martha.mp4"
    with av.open(str(path), "w") as out:
        picture, sound = out.add_stream("libx264", 5), out.add_stream("aac", 16_000, layout="mono")
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5 * (len(samples) // 16_000 + 1)):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8))))
        spoken = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None], "s16", "mono")
        spoken.sample_rate, spoken.pts, spoken.time_base = 16_000, 0, Fraction(1, 16_000)
        for frame in (*av.AudioResampler("fltp", "mono", 16_000, 1024).resample(spoken), None):
            out.mux(sound.encode(frame))
        out.mux(picture.encode(None))
    told: list[Any] = []
    with whenabouts.watch(path, "they say what the budget was", speech=True) as watching:
        watching.listen(told.append)
        events = list(watching)
    assert not told[0].notes, "it listens"
    assert [event.state for event in events] == ["started", "ended"]
    assert "80 million" in (events[-1].evidence[0].text or "")


def test_a_query_about_words_is_noted_where_nobody_listens(recording: Path) -> None:
    asked = ["-q", "they say the budget was approved", "-q", "the word SALE on the screen", "-q", "a cat"]
    done = CliRunner().invoke(app, ["watch", str(recording), *asked, "--for", "1", "--json"], catch_exceptions=False)
    began = json.loads(done.stdout.splitlines()[0])
    assert list(began["notes"]) == ["they say the budget was approved", "the word SALE on the screen"]
    assert all("so this query gets no answer" in note for [note] in began["notes"].values())


def test_python_gives_the_same_events(recording: Path) -> None:
    with whenabouts.watch(recording, "a cat", threshold=0.1) as watching:
        found = [(event.state, event.number, event.seen_end) for event in watching if event.state != "updated"]
    assert found == [("started", 1, True), ("ended", 1, True)]


def test_a_file_that_grows_is_followed(recording: Path, tmp_path: Path) -> None:
    data, path = recording.read_bytes(), tmp_path / "growing.ts"
    half = len(data) * 5 // 9 // 188 * 188  # within the cat
    path.write_bytes(data[:half])
    with watch(path, *CAT, "--follow") as running:
        started = running.until(is_event("started"))
        assert started["wall"] and started["latency"] >= 0
        with path.open("ab") as file:
            file.write(data[half:])
        running.until(is_event("ended"))
        assert running.end() == 130
    assert events(running.rows) == [("started", 1, True), ("ended", 1, True)]
    assert any(map(is_notice("ended"), running.rows)) and "watched until" in running.said


class Broadcast:
    """A server that sends a recording to whoever connects, until it is told to hang up."""

    def __init__(self, data: bytes) -> None:
        self._data, self._server = data, socket.create_server(("127.0.0.1", 0))
        self.hang_up = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(self._data)
                self.hang_up.wait()
                self.hang_up.clear()

    def close(self) -> None:
        self._server.close()
        self.hang_up.set()


@pytest.mark.slow
def test_a_stream_is_cut_and_comes_back_and_no_end_is_invented(recording: Path) -> None:
    data = recording.read_bytes()
    broadcast = Broadcast(data[: len(data) * 5 // 9 // 188 * 188])  # it breaks off within the cat
    with watch(broadcast.address, *CAT) as running:
        running.until(is_event("started"))
        broadcast.hang_up.set()
        lost = running.until(is_notice("lost"))
        ended = running.until(is_event("ended"))
        assert not ended["seen_end"] and ended["end"] <= lost["time"] + 0.01
        resumed = running.until(is_notice("resumed"))
        assert resumed["time"] >= resumed["since"] == pytest.approx(lost["time"], abs=0.01)
        again = running.until(is_event("started"))
        assert again["number"] == 2 and again["start"] >= resumed["time"]
        assert running.end() == 130
    broadcast.close()
    assert events(running.rows) == [
        ("started", 1, True), ("ended", 1, False), ("started", 2, True), ("ended", 2, False)
    ]  # fmt: skip
    times = [row["emitted"] for row in running.rows if row["type"] == "event"]
    assert times == sorted(times)


@pytest.mark.slow
@posix
def test_a_killed_watch_of_a_stream_goes_on_with_its_state(recording: Path, tmp_path: Path) -> None:
    data = recording.read_bytes()
    broadcast = Broadcast(data[: len(data) * 5 // 9 // 188 * 188])
    state, rows = tmp_path / "state.json", tmp_path / "events.jsonl"
    options = [broadcast.address, *CAT, "--state", state, "--events", rows]
    with watch(*options) as running:
        started = running.until(is_event("started"))
        while not state.exists() or not json.loads(state.read_text())["grounder"]["ledger"]["open"]:
            assert running.process.poll() is None
            time.sleep(0.02)
        running.process.kill()  # as a power failure would
    with rows.open("ab") as file:
        file.write(b'{"type": "half a')
    broadcast.hang_up.set()
    with watch(*options, "-q", "a dog") as running:
        began = running.until(lambda row: row["type"] == "watch")
        assert began["resumed"] and began["queries"] == ["a cat", "a dog"] and began["time"] > started["emitted"]
        ended = running.until(is_event("ended"))
        assert (ended["number"], ended["seen_end"]) == (1, False) and ended["end"] <= began["time"]
        again = running.until(lambda row: is_event("started")(row) and row["query"] == "a cat")
        assert again["number"] == 2 and again["start"] >= began["time"]
        assert running.end(signal.SIGTERM) == 0
    broadcast.close()
    told = [json.loads(line) for line in rows.read_text().splitlines()]
    assert [row["type"] for row in told if row["type"] == "watch"] == ["watch", "watch"]
    told = [row for row in told if row.get("query") == "a cat"]
    assert events(told)[-3:] == [("ended", 1, False), ("started", 2, True), ("ended", 2, False)]


def test_a_file_goes_on_where_it_was(recording: Path, tmp_path: Path) -> None:
    options = [str(recording), *CAT, "--state", str(tmp_path / "state.json"), "--json"]
    first = CliRunner().invoke(app, ["watch", *options, "--for", "5"], catch_exceptions=False)
    second = CliRunner().invoke(app, ["watch", *options], catch_exceptions=False)
    for done, want in (
        (first, [("started", 1, True), ("ended", 1, False)]),
        (second, [("started", 2, True), ("ended", 2, True)]),
    ):
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert events(rows) == want
        assert all(row["emitted"] >= (4 if done is second else 0) for row in rows if row["type"] == "event")
    other = CliRunner().invoke(app, ["watch", *options, "--model", "similarity:builtin"])
    assert other.exit_code == 1 and "is the state of another model" in str(other.exception)


@pytest.mark.slow
@posix
def test_a_full_disk_stops_nothing(recording: Path, tmp_path: Path) -> None:
    """Files of this process and its children hold no more than 1000 bytes."""
    program = (
        "import resource, signal, sys; from whenabouts.cli.app import main; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY)); main()"
    )
    options = [*CAT, "--json", "--events", "events.jsonl", "--clips", "clips", "--state", "state.json"]
    done = subprocess.run(
        [sys.executable, "-c", program, "watch", str(recording), *options],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert events(rows) == [("started", 1, True), ("ended", 1, True)]
    parts = {row["part"] for row in rows if row["type"] == "trouble"}
    assert parts >= {"events", "clips"}, "what could not be written is told"
    kept = (tmp_path / "events.jsonl").read_text()
    assert kept.endswith("\n") and all(json.loads(line) for line in kept.splitlines()), "no half row stays"
    assert list((tmp_path / "clips").iterdir()) == [], "no half clip stays"


def test_where_nobody_reads_any_more_it_ends_and_saves_its_state(recording: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with watch(recording, *CAT, "--state", state) as running:
        running.until(lambda row: row["type"] == "watch")
        assert running.process.stdout is not None
        running.process.stdout.close()  # as `| head -1` does
        assert running.process.stderr is not None
        assert "Traceback" not in running.process.stderr.read()
        running.process.wait()
    assert json.loads(state.read_text())["model"] == "similarity"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.mp4", "-q", "a cat"], "missing.mp4"),
        (["smb://host/x", "-q", "a cat"], "unknown scheme smb"),
        (["{cat}"], "no query is asked"),
        (["{cat}", "-q", " "], "a query is empty"),
        (["{cat}", "-q", "a cat", "--model", "crystal"], "unknown online model"),
        (["{cat}", "-q", "a cat", "--webhook", "nowhere"], "a webhook is an address"),
        (["{cat}", "-q", "a cat", "--run", "'"], "is not a program"),
        (["{cat}", "-q", "a cat", "--queries", "missing.txt"], "missing.txt cannot be read"),
        (["{cat}", "-q", "a cat", "--state", "{cat}"], "is not the state of a watch"),
        (["{cat}", "-q", "a cat", "--events", "{cat}"], "does not hold the events of a watch"),
        (["{cat}", "-q", "a cat", "--clips", "{cat}"], "cannot be made"),
        (["{cat}", "-q", "a cat", "--on", "sometimes"], "sometimes"),
        (["{cat}", "-q", "a cat", "--follow", "--speed", "2"], "speed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_in_one_sentence(arguments: list[str], sentence: str, recording: Path) -> None:
    before = recording.read_bytes()
    done = CliRunner().invoke(app, ["watch", *(each.replace("{cat}", str(recording)) for each in arguments)])
    assert done.exit_code in {1, 2} and sentence in f"{done.output} {done.exception}"
    assert recording.read_bytes() == before
