"""The small parts of a live source: its queue, its tallies, its delays, its pace, the wall, and sources in memory."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from whenabouts.errors import InputError, VideoError
from whenabouts.video import Frame
from whenabouts.video.live import LiveSource, Notice, Simulated
from whenabouts.video.live.address import Address
from whenabouts.video.live.backoff import FIRST, LONGEST, delays
from whenabouts.video.live.flow import Growing
from whenabouts.video.live.queue import Closed, Queue
from whenabouts.video.live.settings import Settings
from whenabouts.video.live.tally import Tally, Total
from whenabouts.video.live.wall import Wall


def test_a_queue_holds_no_more_than_it_may_and_loses_nothing() -> None:
    queue: Queue[bytes] = Queue(10, 100, len)
    items = [bytes(size) for size in (10, 90, 10, 200, 1, 1, 1)] * 20
    held: list[int] = []

    def fill() -> None:
        for item in items:
            queue.put(item)

    filling = threading.Thread(target=fill)
    filling.start()
    taken = []
    while len(taken) < len(items):
        item = queue.get(timeout=60)
        assert item is not None
        taken.append(item)
        held.append(queue.size)
    filling.join()
    assert taken == items
    assert max(held) <= 200
    assert queue.get(timeout=0.01) is None


def test_a_queue_that_is_closed_wakes_whoever_waits() -> None:
    queue: Queue[int] = Queue(1, 1, lambda _: 1)
    queue.put(1)
    closing = threading.Timer(0.05, queue.close)
    closing.start()
    with pytest.raises(Closed):
        queue.put(2)
    with pytest.raises(Closed):
        queue.get()


def test_delays_grow_to_a_bound_and_are_the_same_each_time() -> None:
    first = list(islice(delays(), 50))
    assert first == list(islice(delays(), 50))
    assert FIRST * 0.75 <= first[0] <= FIRST * 1.25
    assert all(LONGEST * 0.75 <= each <= LONGEST * 1.25 for each in first[10:])
    assert len(set(first)) == 50


def test_what_happens_often_is_told_now_and_then() -> None:
    tally = Tally()
    tally.add(1.0)
    assert tally.due() == Total(1, 1.0, 1.0)
    for k in range(100):
        tally.add(2.0 + k)
        assert tally.due() is None
    assert tally.due(at_once=True) == Total(100, 2.0, 101.0)
    assert tally.due(at_once=True) is None


def test_the_wall_is_told_by_what_came_with_the_least_delay() -> None:
    wall, zero = Wall(), 1_800_000_000.0
    assert wall.utc(0.0) is None
    for k in range(24 * 60):  # a day in which the source runs 4 s slow
        at = k * 60.0
        wall.note(at, zero + at * (1 + 4 / 86_400) + (3.0 if k % 5 else 0.2))
    for at in (0.0, 40_000.0, 86_000.0):
        told = wall.utc(at)
        assert told is not None
        assert abs(told.timestamp() - zero - at * (1 + 4 / 86_400)) < 0.5
    wall.part(86_400.0)
    wall.note(86_401.0, zero + 90_001.0)
    assert wall.utc(86_402.0) == datetime.fromtimestamp(zero, UTC) + timedelta(seconds=90_002)


def test_a_source_in_memory_is_a_live_source() -> None:
    picture = np.zeros((1, 1, 3), np.uint8)
    source: LiveSource = Simulated(Frame(float(k), picture) for k in range(3))
    got = list(source)
    assert [each.time for each in got] == [0, 1, 2, 2]
    assert isinstance(got[-1], Notice)
    assert source.utc(60) == datetime(2000, 1, 1, 0, 1, tzinfo=UTC)
    endless = Simulated(Frame(float(k), picture) for k in range(10**9))
    for each in endless:
        if each.time == 5:
            endless.close()
    assert each == Notice("ended", 5.0, "the stream was closed at 5.0 s")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("rtsp://me:pass%40word@10.0.0.1:554/cam?pwd=x#y", "rtsp://10.0.0.1:554/cam?…"),
        ("HTTPS://a:b@Example.org/live.m3u8", "https://Example.org/live.m3u8"),
        ("udp://@239.0.0.1:1234", "udp://239.0.0.1:1234"),
        ("http://[::1]:80/\x1b[31m", "http://[::1]:80/[31m"),
        ("tcp://a@b:c@h:1", "tcp://h:1"),
    ],
)
def test_a_name_is_shown_without_secrets(url: str, name: str) -> None:
    address = Address.parse(url)
    assert address.name == name
    assert "file" not in address.options["protocol_whitelist"]
    assert "pass" not in repr(address)


def test_nothing_local_can_be_opened_by_what_is_read() -> None:
    assert Address.parse("-").options["protocol_whitelist"] == "none"
    assert Address.parse("a.ts").options["protocol_whitelist"] == "none"


def test_a_growing_file_that_is_over_stays_over(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_bytes(b"first")
    growing = Growing(path, 0.0, Event())
    assert [growing.read(10), growing.read(10)] == [b"first", b""]
    path.write_bytes(b"first and more")
    assert growing.read(10) == b"", "whoever asks again does not wait again"
    growing.close()


def test_senseless_settings_are_refused() -> None:
    nan = float("nan")
    for wrong in ({"keep": -1}, {"keep": nan}, {"stall": 0}, {"start_at": nan}, {"wait": -1}, {"drop": "newest"}):
        with pytest.raises(InputError):
            Settings(**wrong)
    with pytest.raises(VideoError):
        Address.parse("gopher://h")


def test_a_paced_source_waits_no_longer_than_it_is_open() -> None:
    from whenabouts.video.live.pace import Pace

    stop = threading.Event()
    pace = Pace(1.0, stop)
    pace.wait(0.0)
    threading.Timer(0.05, stop.set).start()
    begin = time.monotonic()
    pace.wait(1000.0)
    assert time.monotonic() - begin < 100
