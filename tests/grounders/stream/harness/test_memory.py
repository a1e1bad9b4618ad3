"""Three tiers of memory: how long they reach, and that nothing is lost where writing is late or fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import pairwise
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.stream.harness.background import background
from whenabouts.grounders.stream.harness.memory import CLOSED, PAPER, Memory, Sizes, Summary

SMALL = Sizes(short=10, mid=2, long=3, characters=100)


def condense(summaries: Sequence[Summary]) -> str:
    return "block of " + " + ".join(each.text for each in summaries)


def at_once(job: Callable[[], str]) -> Future[str]:
    done: Future[str] = Future()
    try:
        done.set_result(job())
    except Exception as error:
        done.set_exception(error)
    return done


class Later:
    """Runs jobs when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[], str], Future[str]]] = []

    def __call__(self, job: Callable[[], str]) -> Future[str]:
        self.jobs.append((job, Future()))
        return self.jobs[-1][1]

    def work(self) -> None:
        for job, done in self.jobs:
            done.set_result(job())
        self.jobs.clear()


def watch(memory: Memory, chunks: int, first: int = 0) -> None:
    for k in range(first, first + chunks):
        memory.prepare(lambda k=k: f"chunk {k}")  # type: ignore[misc]
        memory.close(10 * k, 10 * (k + 1), f"told {k}")


def spans(memory: Memory) -> list[tuple[float, float]]:
    return [(each.start, each.end) for each in (*memory.long, *memory.mid)]


def test_the_papers_memory_covers_twelve_hours() -> None:
    assert (PAPER.covered, CLOSED.covered) == (43_200, 370)


def test_chunks_become_summaries_and_these_blocks_and_the_oldest_are_forgotten() -> None:
    memory = Memory(SMALL, condense, at_once)
    watch(memory, 3)
    assert memory.text == "[0 s to 20 s] block of chunk 0 + chunk 1\n[20 s to 30 s] chunk 2"
    watch(memory, 9, first=3)
    assert spans(memory) == [(40, 60), (60, 80), (80, 100), (100, 110), (110, 120)]
    assert SMALL.covered == 10 * (1 + 2 + 3 * 2) == 120 - 40 + 10  # and the chunk that is shown now
    assert all(each.whole for each in (*memory.long, *memory.mid)) and not memory.failures


def test_late_texts_hold_up_nothing_and_replace_what_was_told_when_the_next_chunk_begins() -> None:
    later = Later()
    memory = Memory(SMALL, condense, later)
    watch(memory, 1)
    assert memory.text == "[0 s to 10 s] told 0"
    later.work()
    assert memory.text == "[0 s to 10 s] told 0", "the text of a chunk must not change while it goes on"
    watch(memory, 1, first=1)
    assert memory.text == "[0 s to 10 s] chunk 0\n[10 s to 20 s] told 1"
    watch(memory, 1, first=2)  # the block is due, and neither it nor the summary before is written
    assert memory.text == "[0 s to 20 s] chunk 0 told 1\n[20 s to 30 s] told 2"
    later.work()
    watch(memory, 1, first=3)
    assert memory.text.startswith("[0 s to 20 s] block of chunk 0 + told 1\n[20 s to 30 s]")


def test_a_writer_that_hangs_has_no_second_beside_it() -> None:
    later = Later()
    memory = Memory(SMALL, condense, later)
    watch(memory, 40)
    assert len(later.jobs) == 2 and memory.text.splitlines()[-1] == "[390 s to 400 s] told 39"
    assert spans(memory) == [(320, 340), (340, 360), (360, 380), (380, 390), (390, 400)]


def test_a_writer_that_fails_loses_no_time_and_says_why() -> None:
    def fails(_: Sequence[Summary] = ()) -> str:
        raise ModelError("the server is gone")

    memory = Memory(SMALL, fails, at_once)
    for k in range(5):
        memory.prepare(fails)
        memory.close(10 * k, 10 * (k + 1), f"told {k}")
    assert memory.text.splitlines() == [
        "[0 s to 20 s] told 0 told 1",
        "[20 s to 40 s] told 2 told 3",
        "[40 s to 50 s] told 4",
    ]
    assert set(memory.failures) == {"the server is gone"}


def test_what_was_told_after_a_summary_was_begun_stands_beside_it() -> None:
    memory = Memory(SMALL, condense, at_once)
    memory.prepare(lambda: "x" * 200)
    memory.close(0, 10, "told early; told late", "told late")
    [summary] = memory.mid
    assert summary.text.endswith("… told late") and len(summary.text) == 100


def test_an_empty_text_is_none() -> None:
    memory = Memory(SMALL, condense, at_once)
    memory.prepare(lambda: " \n ")
    memory.close(0, 10, "told")
    assert memory.text == "[0 s to 10 s] told"


def test_a_thread_writes_while_the_stream_goes_on() -> None:
    ready = Event()
    memory = Memory(SMALL, condense, background)
    memory.prepare(lambda: (ready.wait(60), "from a thread")[1])
    job = memory._chunk
    memory.close(0, 10, "told")
    assert job is not None and memory.text == "[0 s to 10 s] told"
    ready.set()
    assert job.text.result(60) == "from a thread"
    memory.close(10, 20, "told too")
    assert memory.text.splitlines()[0] == "[0 s to 10 s] from a thread"


def test_another_run_remembers_the_same() -> None:
    memory, other = Memory(SMALL, condense, at_once), Memory(SMALL, condense, at_once)
    watch(memory, 11)
    other.restore(memory.snapshot())
    assert other.text == memory.text
    smaller = Memory(Sizes(short=10, mid=1, long=2, characters=50), condense, at_once)
    smaller.restore(memory.snapshot())
    assert spans(smaller) == spans(memory)[-3:] and smaller.characters <= smaller.most_characters


def test_sizes_that_make_no_sense_are_refused() -> None:
    for wrong in ({"short": 0}, {"mid": 0}, {"long": -1}, {"characters": 3}):
        with pytest.raises(InputError, match="a memory needs"):
            Sizes(**wrong)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.text(max_size=400), st.text(max_size=400), st.sampled_from("wait work fail")), max_size=60)
)
def test_the_memory_is_bounded_and_reaches_back_without_holes(chunks: list[tuple[str, str, str]]) -> None:
    later = Later()
    memory = Memory(SMALL, condense, later)
    for k, (summary, told, what) in enumerate(chunks):
        memory.prepare(lambda summary=summary: summary)  # type: ignore[misc]
        if what == "work":
            later.work()
        if what == "fail":
            for _, done in later.jobs:
                done.set_exception(RuntimeError("out of memory"))
            later.jobs.clear()
        memory.close(10 * k, 10 * (k + 1), told, told[:7])
        assert memory.characters <= memory.most_characters and len(memory.text.splitlines()) <= 5
        ends = spans(memory)
        assert ends[-1][1] == 10 * (k + 1) and all(a[1] == b[0] for a, b in pairwise(ends))
        assert ends[-1][1] - ends[0][0] >= min(10 * (k + 1), SMALL.covered - 2 * 10 - 10)
