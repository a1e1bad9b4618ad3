"""What was asked is there until it is answered, whoever dies in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from whenabouts.errors import InputError, QueueFull
from whenabouts.server.jobs.store import MAX_TRIES, JobStore


def test_jobs_are_taken_in_turn_and_ended_once(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    for client, number in (("ann", 1), ("ann", 2), ("bob", 3)):
        store.put("find", client, {"number": number})
    waiting = store.newest("queued")
    assert [store.position(row, ["find"]) for row in waiting[::-1]] == [0, 2, 1]
    taken = [store.take(["find", "clip"]) for _ in range(4)]
    assert [row and row.request["number"] for row in taken] == [1, 3, 2, None]
    assert taken[0] is not None
    store.end(taken[0].id, "done", result={"x": 1})
    store.end(taken[0].id, "cancelled")
    assert (store.get(taken[0].id).state, store.get(taken[0].id).result) == ("done", {"x": 1})
    assert store.counts() == {("find", "done"): 1, ("find", "running"): 2}
    store.close()


def test_the_queue_is_bounded_for_each_client_and_for_all(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite", limit=4)
    for _ in range(2):
        store.put("find", "ann", {})
    with pytest.raises(QueueFull) as full:
        store.put("find", "ann", {})
    assert full.value.of_client
    for client in ("bob", "cy"):
        store.put("find", client, {})
    with pytest.raises(QueueFull) as full:
        store.put("find", "dan", {})
    assert not full.value.of_client
    store.close()


def test_a_batch_that_has_no_room_leaves_nothing(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite", limit=8)
    assert store.put_batch("find", "ann", {}, videos=["a", "b", "c"], batch="x")
    assert not store.put_batch("find", "ann", {}, videos=["a", "b", "c"], batch="x")
    with pytest.raises(QueueFull):
        store.put_batch("find", "ann", {}, videos=["a", "b"], batch="y")
    assert [row.video for row in store.of_batch("x")] == ["a", "b", "c"] and store.of_batch("y") == []
    assert [(batch, count) for batch, count, _ in store.batches(9)] == [("x", 3)]
    store.close()


def test_the_same_key_is_the_same_job_for_the_same_client(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    first, new = store.put("find", "ann", {"a": 1}, key="k")
    again, newer = store.put("find", "ann", {"a": 2}, key="k")
    other, newest = store.put("find", "bob", {"a": 1}, key="k")
    assert (new, newer, newest) == (True, False, True)
    assert first.id == again.id != other.id
    store.close()


def test_a_second_server_is_told_that_the_folder_is_taken(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    with pytest.raises(InputError, match=r"another server is using .* --data"):
        JobStore(tmp_path / "jobs.sqlite")
    store.close()
    JobStore(tmp_path / "jobs.sqlite").close()


def test_what_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_text("this is no database" * 100)
    with pytest.raises(InputError, match="damaged or not a database"):
        JobStore(tmp_path / "jobs.sqlite")


@pytest.mark.skipif(os.name == "nt", reason="there are no signals of that kind")
def test_jobs_of_a_killed_process_wait_again_but_not_for_ever(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from whenabouts.server.jobs.store import JobStore\n"
        "store = JobStore(Path(sys.argv[1]))\n"
        "if not store.newest(): store.put('find', 'ann', {'a': 1}); store.put('watch', 'ann', {'w': 1})\n"
        "assert store.take(['find']) and store.take(['watch'])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "jobs.sqlite"
    for _ in range(MAX_TRIES):
        done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    store = JobStore(path)
    told = {row.kind: (row.state, row.tries) for row in store.newest()}
    assert told == {"find": ("failed", MAX_TRIES), "watch": ("queued", MAX_TRIES)}
    store.close()


def test_a_job_that_is_released_counts_as_never_begun(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    store.put("find", "ann", {})
    row = store.take(["find"])
    assert row is not None
    store.requeue(row.id)
    again = store.get(row.id)
    assert (again.state, again.tries, again.started) == ("queued", 0, None)
    store.close()


def test_old_jobs_are_forgotten_and_waiting_ones_never(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.server.jobs.store.KEPT_JOBS", 2)
    store = JobStore(tmp_path / "jobs.sqlite")
    rows = [store.put("find", "ann", {"n": n})[0] for n in range(5)]
    for row in rows[:4]:
        store.end(row.id, "done")
    assert set(store.prune()) == {rows[0].id, rows[1].id}
    assert [row.request["n"] for row in store.newest()] == [4, 3, 2]
    store.close()
