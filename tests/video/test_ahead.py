"""A bounded pipeline: the same items, never too many, and a thread that ends whatever happens to who takes them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import make_video

from whenabouts.video import Video
from whenabouts.video.ahead import ahead


@pytest.fixture(autouse=True, scope="module")
def two() -> Iterator[None]:
    """Threads for this process, whatever the machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "2")
        yield


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "whenabouts ahead"]


class Source:
    """Numbers up to `count`, that remembers how far it was asked for and whether it was closed, and in which thread."""

    def __init__(self, count: int) -> None:
        self.count, self.made, self.taken, self.most = count, 0, 0, 0
        self.closed_in: threading.Thread | None = None

    def __iter__(self) -> Iterator[int]:
        try:
            for number in range(self.count):
                self.made += 1
                self.most = max(self.most, self.made - self.taken)
                yield number
        finally:
            self.closed_in = threading.current_thread()


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 12))
def test_items_come_in_their_order_whatever_they_weigh(items: list[int], room: int) -> None:
    assert list(ahead(iter(items), lambda item: item, max_bytes=room)) == items
    assert not threads()


def test_no_more_is_made_than_there_is_room_for() -> None:
    source = Source(200)
    for _ in ahead(iter(source), lambda _: 10, max_bytes=35):
        source.taken += 1
    assert source.made == 200
    assert source.most <= 3 + 1 + 1  # ready, in the hand of the maker, in the hand of the taker


def test_an_error_comes_as_itself_after_the_items_before_it() -> None:
    error = ZeroDivisionError("itself")

    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise error

    taken = []

    def take_all() -> None:
        for item in ahead(failing(), lambda _: 1):
            taken.append(item)  # noqa: PERF402 — what was taken before the error counts

    with pytest.raises(ZeroDivisionError) as raised:
        take_all()
    assert raised.value is error
    assert taken == [1, 2]
    assert not threads()


def test_who_stops_early_ends_the_thread_which_closes_its_source() -> None:
    source = Source(10**9)
    with closing(ahead(iter(source), lambda _: 1, max_bytes=4)) as numbers:
        assert next(numbers) == 0
        [thread] = threads()
    assert not thread.is_alive()
    assert source.closed_in is thread
    assert source.made < 10


def test_an_interrupt_while_waiting_ends_both() -> None:
    closed = threading.Event()

    def slow() -> Iterator[int]:
        try:
            yield 0
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            while True:
                threading.Event().wait(0.02)
                yield 1
        finally:
            closed.set()

    def take_all() -> None:
        with closing(ahead(slow(), lambda _: 1)) as numbers:
            for _ in numbers:
                pass

    with pytest.raises(KeyboardInterrupt):
        take_all()
    assert closed.is_set()
    assert not threads()


def test_pictures_of_a_video_are_the_same(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", fps=10, seconds=4)
    video = Video(tmp_path / "video.mp4")
    plain = list(video.sample(5, size=64))
    made = list(ahead(video.sample(5, size=64), lambda frame: frame.image.nbytes, max_bytes=1))
    assert [frame.time for frame in made] == [frame.time for frame in plain]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(made, plain, strict=True))


def test_a_process_of_one_thread_makes_items_as_they_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    source = Source(9)
    with closing(ahead(iter(source), lambda _: 1)) as items:
        assert [next(items), source.made, threads()] == [0, 1, []]
    assert source.closed_in is threading.current_thread()
