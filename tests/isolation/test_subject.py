"""Children that crash, loop, fall silent or want too much are one error with its reason; those beside them go on."""

from __future__ import annotations

import collections
import ctypes
import itertools
import math
import operator
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from whenabouts.errors import ProcessEnded, VideoError
from whenabouts.isolation import ChildLimits, Children, Subject, child, process, wire
from whenabouts.video.probe import probe


def within(**limits: Any) -> Children:
    return Children(ChildLimits(**limits), "; ask for more")


@pytest.fixture(params=["forked", "spawned"])
def children(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Children:
    if request.param == "forked" and sys.platform != "linux":
        pytest.skip("forks only on Linux")
    monkeypatch.setattr(process, "UNSAFE", ("os",) if request.param == "spawned" else ())
    return Children()


def test_a_child_calls_functions_with_its_subject(children: Children) -> None:
    subject = Subject(children, Fraction, 3, 4)
    assert subject.call(Fraction.limit_denominator, 3) == Fraction(2, 3)
    assert subject.call(math.ceil) == 1


def test_iterators_give_one_item_at_a_time_and_several_run_at_once(children: Children) -> None:
    numbers = Subject(children, range, 3)
    one, other = (numbers.call(enumerate) for _ in range(2))
    assert [next(one), next(other), next(one)] == [(0, 0), (0, 0), (1, 1)]
    one.close()
    assert [*other] == [(1, 1), (2, 2)]


def test_light_items_share_messages_and_heavy_ones_travel_alone() -> None:
    def messages(numbers: Iterator[tuple[np.ndarray, int]]) -> list[int]:
        running, sizes = child._Running(numbers), []
        while found := running.some():
            sizes.append(len(found))
        return sizes

    light, heavy = np.zeros(400, np.float32), np.zeros(child.HEAVY // 2, np.uint8)
    assert sum(sizes := messages((light.copy(), k) for k in range(2000))) == 2000
    assert sizes[0] == 1 and max(sizes) <= child.MOST and len(sizes) < 100
    assert max(messages((heavy.copy(), k) for k in range(9))) == 2


def test_items_made_before_an_error_are_sent_before_it() -> None:
    running = child._Running((12 // number,) for number in (4, 2, 1, 0, 3))
    assert [[parts for parts, _ in running.some()] for _ in range(2)] == [[[3]], [[6], [12]]]
    with pytest.raises(ZeroDivisionError):
        running.some()


def test_arrays_come_as_they_are_and_can_be_written(children: Children) -> None:
    came = Subject(children, np.full, (2, 3), 7).call(np.atleast_2d)
    assert np.array_equal(came, np.full((2, 3), 7))
    came[0] = 9


def test_errors_of_the_package_stay_what_they_are(children: Children, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="does not exist"):
        Subject(children, probe, tmp_path / "none.mp4", None, None)


def test_a_crash_names_its_signal(children: Children) -> None:
    subject = Subject(children, int, 0)
    with pytest.raises(ProcessEnded, match=r"crashed \(SIGSEGV\)"):
        subject.call(ctypes.string_at)
    with pytest.raises(ProcessEnded, match=r"crashed \(SIGSEGV\)"):
        subject.call(abs)  # it does not come to life again
    assert Subject(children, int, 5).call(abs) == 5


@pytest.mark.usefixtures("children")
def test_more_memory_than_allowed_is_refused() -> None:
    with pytest.raises(ProcessEnded, match=r"more than 0\.25 GiB of memory; ask for more"):
        Subject(within(memory=256 << 20), operator.mul, b"full", 1 << 28)


@pytest.mark.usefixtures("children")
def test_a_loop_that_holds_the_lock_ends() -> None:
    endless = Subject(within(cpu=1.0), itertools.count)
    with pytest.raises(ProcessEnded, match="1 s of CPU time brought it no further; ask for more"):
        endless.call(collections.deque, 0)


@pytest.mark.usefixtures("children")
def test_silence_ends() -> None:
    with pytest.raises(ProcessEnded, match="nothing came of it for 1 s"):
        Subject(within(wall=1.0), float, 3600).call(time.sleep)


def test_a_killed_child_is_told_of(children: Children) -> None:
    subject = Subject(children, int, 1)
    os.kill(subject.pid, signal.SIGKILL)
    with pytest.raises(ProcessEnded, match="was killed"):
        subject.call(abs)


def test_a_child_takes_the_next_subject(children: Children) -> None:
    first = Subject(children, int, 1)
    number = first.pid
    first.close()
    assert Subject(children, int, 2).pid == number


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_child_ends_with_its_parent(how: signal.Signals, tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import time
        from whenabouts.isolation import Children, Subject
        subject = Subject(Children(), float, 3600)
        print(subject.pid, flush=True)
        subject.call(time.sleep)
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(how)
    parent.wait(60)
    assert _gone(child)
    parent.stdout.close()


def test_a_child_whose_answer_nobody_reads_ends_without_a_word() -> None:
    """A parent that is stopped closes its ends before the child sees that it has gone."""
    limits = ChildLimits()
    numbers = map(str, (os.getpid(), limits.memory, limits.cpu, limits.wall))
    program = [sys.executable, "-c", process.START, *numbers]
    pipe = subprocess.PIPE
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        assert running.stdin is not None and running.stdout is not None and running.stderr is not None
        wire.send(running.stdin, ("open", "builtins:float", (0.3,)))
        wire.receive(running.stdout)
        wire.send(running.stdin, ("call", 1, "time:sleep", ()))
        running.stdout.close()
        assert running.stderr.read() == b""


def test_nothing_of_a_child_reaches_its_parent_but_values(children: Children) -> None:
    with pytest.raises(ProcessEnded, match="is not a value"):
        Subject(children, str, "real").call(operator.attrgetter)


def test_threads_may_share_a_subject(children: Children) -> None:
    subject = Subject(children, range, 200)
    found: list[list[tuple[int, int]]] = []
    threads = [Thread(target=lambda: found.append([*subject.call(enumerate)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[*enumerate(range(200))]] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_leaves_the_child_to_its_parent(children: Children) -> None:
    subject = Subject(children, int, -4)
    fork = os.fork()
    if not fork:
        kept = subject.usable
        subject.close()
        os._exit(kept)
    assert os.waitpid(fork, 0)[1] == 0
    assert subject.call(abs) == 4


def _gone(process: int) -> bool:
    for _ in range(600):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits on Windows")
def test_a_limit_of_the_shell_is_kept_and_the_watch_goes_on() -> None:
    bounded = "import resource as r; r.setrlimit(r.RLIMIT_CPU, (100, 100)); "
    asked = "from whenabouts.isolation.child import _let_run; _let_run(500.0); print(r.getrlimit(r.RLIMIT_CPU))"
    done = subprocess.run([sys.executable, "-c", bounded + asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(100, 100)"
