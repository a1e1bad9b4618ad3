"""A disk that is full, read-only, gone, slow or damaged: reads go on, nothing acknowledged is lost, lanes survive."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from processes import wait_until
from serving import Server, serving, start

from whenabouts.errors import DataUnavailable, InputError
from whenabouts.server.annotations import AnnotationStore, Correction
from whenabouts.server.disk import GONE, Disk, probe, unavailable
from whenabouts.server.jobs.store import JobStore

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set with prlimit")
READS = ("/api/videos", "/api/videos/{}", "/api/videos/{}/annotations", "/api/jobs", "/api/about", "/", "/metrics")


@contextmanager
def no_space(process: int) -> Iterator[None]:
    """No file of a process can grow in the block, as on a full disk or with a used-up quota."""
    free = resource.RLIM_INFINITY
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, free))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (free, free))


def correct(server: Server, video: str, query: str) -> int:
    body = {"query": query, "annotator": "ann", "windows": [[0, 1]]}
    return server.client.put(f"/api/videos/{video}/annotations", json=body).status_code


def corrections(server: Server, video: str) -> list[str]:
    return [each["query"] for each in server.json("GET", f"/api/videos/{video}/annotations")["annotations"]]


def find(server: Server, video: str, **more: Any) -> Any:
    return server.client.post(f"/api/videos/{video}/find", json={"queries": ["a cat"], "evidence": ["said"]} | more)


def healthy(server: Server) -> bool:
    return bool(server.json("GET", "/api/health")["status"] == "ok")


def test_on_a_full_disk_reads_go_on_and_writes_are_refused_whole(videos: Path, tmp_path: Path) -> None:
    with serving(videos, "--data", tmp_path / "data") as server:
        video = server.video("cat.mp4")
        assert correct(server, video, "before") == 200
        done = server.ended(find(server, video).json())
        with no_space(server.process.pid):
            assert [correct(server, video, f"refused {k}") for k in range(3)] == [507] * 3
            refused = find(server, video)
            assert refused.status_code == 507 and refused.json()["error"].startswith("disk full")
            sent = server.client.post("/api/videos?name=x.mp4", content=b"x", headers={"Content-Type": "video/mp4"})
            assert sent.status_code == 507
            for path in READS:
                assert server.client.get(path.format(video)).status_code == 200, path
            assert server.json("GET", f"/api/jobs/{done['id']}")["state"] == "done"
            told = server.json("GET", "/api/health")
            assert told["status"] == "degraded" and told["reason"].startswith("disk full")
            metrics = server.client.get("/metrics").text
            assert "whenabouts_degraded 1.0" in metrics
            assert 'whenabouts_disk_failures_total{reason="full"} 0.0' not in metrics
        wait_until(lambda: healthy(server))
        assert corrections(server, video) == ["before"], "a refused correction left nothing"
        assert correct(server, video, "after") == 200
        assert server.ended(find(server, video).json())["state"] == "done"
        assert server.json("GET", "/api/videos?folder=uploads")["total"] == 0
        assert not list((tmp_path / "data" / "uploads").iterdir())
    assert not [line for line in server.said if "Traceback" in line]


def test_a_job_that_ends_while_the_disk_is_full_is_saved_later(videos: Path, tmp_path: Path) -> None:
    with serving(videos, "--data", tmp_path / "data") as server:
        video = server.video("cat.mp4")
        running = find(server, video, evidence=["seen"], cache=False, fps=8).json()
        waiting = find(server, video).json()
        wait_until(lambda: server.json("GET", f"/api/jobs/{running['id']}")["state"] == "running")
        with no_space(server.process.pid):
            wait_until(lambda: "disk" in server.json("GET", f"/api/jobs/{running['id']}")["step"])
            assert server.client.post(f"/api/jobs/{waiting['id']}/cancel").status_code == 507
        assert server.ended(running)["state"] == "done"
        assert server.ended(waiting)["state"] == "done", "the lane is alive"


def test_a_data_folder_that_is_gone_takes_nothing_and_comes_back(videos: Path, tmp_path: Path) -> None:
    data, away = tmp_path / "data", tmp_path / "away"
    with serving(videos, "--data", data) as server:
        video = server.video("cat.mp4")
        assert correct(server, video, "before") == 200
        data.rename(away)
        data.mkdir()  # as the empty place where a disk was mounted
        assert [correct(server, video, "lost"), find(server, video).status_code] == [503, 503]
        assert "gone" in server.json("GET", "/api/health")["reason"]
        assert corrections(server, video) == ["before"]
        data.rmdir()
        away.rename(data)
        wait_until(lambda: healthy(server))
        assert correct(server, video, "after") == 200
        assert corrections(server, video) == ["before", "after"]


def test_a_small_disk_of_its_own_that_is_filled(videos: Path, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        with serving(videos, "--data", place / "data") as server:
            video = server.video("cat.mp4")
            answers = {f"query {k}": correct(server, video, f"query {k}") for k in range(5)}
            with (place / "filling").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
                while True:
                    file.write(bytes(4096))
            answers |= {f"full {k}" * 50: correct(server, video, f"full {k}" * 50) for k in range(5)}
            assert set(answers.values()) == {200, 507}
            assert server.client.get("/api/jobs").status_code == 200
            (place / "filling").unlink()
            wait_until(lambda: healthy(server))
            server.kill()
        with serving(videos, "--data", place / "data") as server:
            saved = [query for query, status in answers.items() if status == 200]
            assert corrections(server, video) == saved, "what was acknowledged, and nothing else"
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_another_program_that_has_locked_the_database_delays_writes_alone(videos: Path, tmp_path: Path) -> None:
    with serving(videos, "--data", tmp_path / "data") as server:
        video = server.video("cat.mp4")
        other = sqlite3.connect(tmp_path / "data" / "annotations.sqlite", isolation_level=None)
        other.execute("begin immediate")
        assert correct(server, video, "locked") == 503
        assert corrections(server, video) == []
        other.execute("rollback")
        other.close()
        assert correct(server, video, "free") == 200


@pytest.mark.parametrize("name", ["jobs.sqlite", "annotations.sqlite"])
def test_a_damaged_database_is_refused_and_kept(name: str, videos: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(videos, "--data", data) as server:
        video = server.video("cat.mp4")
        for k in range(200):
            assert correct(server, video, f"query {k} " + "x" * 100) == 200
        server.ended(find(server, video).json())
    content = bytearray((data / name).read_bytes())
    content[2048 : len(content) // 2] = bytes(len(content) // 2 - 2048)
    (data / name).write_bytes(content)
    with pytest.raises(AssertionError, match=rf"(?s){name} is damaged .*sqlite3 {name} \.recover"):
        start(videos, "--data", data)
    assert (data / name).read_bytes() == content


@pytest.mark.parametrize("cell", ["[[0.0,1,0]", "[[0.0, NaN]]", "[0.0]", "\udcff[[0, 1]]", "[[2.0, 1.0]]"])
def test_a_damaged_row_is_left_out_told_and_takes_no_other(
    cell: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, told = tmp_path / "annotations.sqlite", list[BaseException]()
    store = AnnotationStore(path, told.append)
    for query in "abc":
        store.put("v", "v.mp4", 2.0, Correction(query, "ann", ((0.0, 1.0),)))
    with closing(sqlite3.connect(path)) as other:
        bytes_of_cell = cell.encode("utf-8", "surrogateescape")
        other.execute("update annotations set windows = cast(? as text) where query = 'b'", (bytes_of_cell,))
        other.commit()
    for _ in range(2):
        assert [each.query for each in store.export()] == ["a", "c"]
    assert [getattr(each, "reason", "") for each in told] == ["damaged"]
    assert "row 2 of annotations.sqlite is damaged and left out" in caplog.text
    store.close()


def test_a_damaged_job_takes_no_other(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    kept, lost = (store.put("find", "ann", {"queries": [query]})[0] for query in ("a", "b"))
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as other:
        other.execute("update jobs set request = substr(request, 2) where id = ?", (lost.id,))
        other.commit()
    assert [each.id for each in store.newest()] == [kept.id]
    store.close()


def test_two_servers_do_not_share_a_data_folder(tmp_path: Path) -> None:
    with serving("--data", tmp_path / "data"), pytest.raises(AssertionError, match="another server is using"):
        start("--data", tmp_path / "data")


def test_a_write_to_a_file_that_was_replaced_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "annotations.sqlite"
    store = AnnotationStore(path)
    store.put("v", "v.mp4", 2.0, Correction("q", "ann", ((0.0, 1.0),)))
    shutil.copy(path, tmp_path / "copy")
    (tmp_path / "copy").replace(path)
    with pytest.raises(DataUnavailable) as lost:
        store.put("v", "v.mp4", 2.0, Correction("r", "ann", ((0.0, 1.0),)))
    assert lost.value.reason == GONE
    assert [each.query for each in store.of_video("v")] == ["q"]
    store.close()


def test_a_write_that_fails_changes_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from whenabouts.errors import DataUnavailable
from whenabouts.server.jobs.store import JobStore
store = JobStore(Path(sys.argv[1]))
first, _ = store.put("find", "ann", {})
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
for write in (lambda: store.put("find", "ann", {}), lambda: store.take(["find"]), lambda: store.end(first.id, "done")):
    try:
        write()
    except DataUnavailable as error:
        assert error.reason == "full", error
    else:
        raise AssertionError
assert [row.state for row in store.newest()] == ["queued"]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert store.take(["find"]).id == first.id
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "jobs.sqlite")], check=True)


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite")
    store.put("find", "ann", {})
    with store._db.write() as database:
        database.execute("update jobs set state = 'failed'")
        assert [row.state for row in store.newest()] == ["queued"]
    assert [row.state for row in store.newest()] == ["failed"]
    store.close()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, ""), "full"),
        (OSError(errno.EDQUOT, ""), "full"),
        (OSError(errno.EROFS, ""), "read-only"),
        (OSError(errno.ESTALE, ""), "gone"),
        (OSError(errno.EIO, ""), "faulty"),
        (OSError(errno.ENOENT, ""), None),
        (ValueError(), None),
    ],
)
def test_what_an_error_says_about_the_disk(error: Exception, reason: str | None) -> None:
    assert getattr(unavailable(error), "reason", None) == reason


def test_a_disk_is_probed_until_it_recovers(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    disk = Disk(data)
    try:
        assert disk.check() is None and not list(data.iterdir()), "a probe leaves nothing"
        assert disk.report(ValueError()) is None and disk.problem is None
        data.rename(tmp_path / "away")
        assert disk.report(OSError(errno.EIO, "")) is not None and disk.problem == "faulty"
        wait_until(lambda: disk.problem == GONE)
        (tmp_path / "away").rename(data)
        wait_until(lambda: disk.problem is None)
        assert disk.failures == {"faulty": 1}
    finally:
        disk.close()


def test_a_folder_that_is_missing_is_gone(tmp_path: Path) -> None:
    assert probe(tmp_path / "none") == GONE
    with pytest.raises(InputError, match="cannot be opened"):
        JobStore(tmp_path / "none" / "jobs.sqlite")
