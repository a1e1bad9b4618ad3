"""On a real Ray cluster of several processes: the same rows bit for bit, also when a worker is killed in mid-video."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from media import even_times, make_video

from whenabouts.errors import WhenaboutsError
from whenabouts.library.ray_engine import RayEngine
from whenabouts.library.run import IndexSettings, index_folder, open_library
from whenabouts.library.store import Library

ray = pytest.importorskip("ray")


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    yield
    ray.shutdown()


def tables(library: Library) -> dict[str, Any]:
    """All rows but those about places, in an order of their own."""
    return {name: sorted(map(str, library.table(name).to_arrow().to_pylist())) for name in ("videos", "shots", "lines")}


def test_two_actors_make_the_rows_of_one_process(videos: Path, indexed: Library, tmp_path: Path) -> None:
    library = open_library(tmp_path / "library")
    outcome = index_folder(library, videos, engine=RayEngine(workers=2, cpus=0.5))
    assert len(outcome.indexed) == 3 and not outcome.failed
    assert tables(library) == tables(indexed)
    assert library.places().keys() == indexed.places().keys()


def test_a_killed_worker_loses_nothing_and_a_broken_file_stops_nothing(
    videos: Path, indexed: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    for video in videos.iterdir():
        os.link(video, folder / video.name)
    make_video(folder / "long.mp4", times=even_times(5, 120.0))
    (folder / "broken.mp4").write_bytes(b"nothing")
    killed: list[int] = []

    def kill(path: str, what: str) -> None:
        if not killed:  # the first video is there, so that both workers are at the next
            workers = [p for p in psutil.Process().children(recursive=True) if "_Indexer" in " ".join(p.cmdline())]
            killed.extend(p.pid for p in workers)
            for worker in workers:
                worker.send_signal(signal.SIGKILL)

    library = open_library(tmp_path / "library")
    outcome = index_folder(library, folder, engine=RayEngine(workers=2, cpus=0.5), on_file=kill)
    assert killed and len(outcome.indexed) == 4
    assert [Path(path).name for path in outcome.failed] == ["broken.mp4"]
    ours = tables(library)
    assert all(set(rows) <= set(ours[name]) for name, rows in tables(indexed).items())
    assert len(ours["videos"]) == 4 and len(ours["shots"]) == sum(video["shots"] for video in library.videos().values())


def test_an_unknown_encoder_is_one_sentence_from_there_too(videos: Path) -> None:
    with pytest.raises(WhenaboutsError, match=r"no-such|worker"):
        list(RayEngine(workers=1).rows([videos / "it's cat.mp4"], IndexSettings(encoder="no-such")))
