"""One server for all tests that only ask it: a folder with two videos, one of them foreign to browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from media import make_video
from server_users import Shared, shared
from serving import Server, serving

from whenabouts.video.compose import Line, Still, compose


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    folder = tmp_path_factory.mktemp("house") / "videos"
    (folder / "old").mkdir(parents=True)
    grey = np.full((180, 320, 3), 128, np.uint8)
    lines = [Line(1.0, 2.0, "<img src=x onerror=alert(1)> said the guide.")]
    compose(
        folder / "cat.mp4", [Still(grey, 3), Still(data.chelsea(), 3), Still(grey, 2)], lines=lines, size=(320, 180)
    )
    make_video(folder / "old" / "bars.mkv", seconds=2)
    return folder


@pytest.fixture(scope="session")
def server(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("fastapi")
    cache = tmp_path_factory.mktemp("cache")
    with serving(videos, "--data", videos.parent / "data", WHENABOUTS_CACHE=str(cache)) as running:
        yield running
        assert not [line for line in running.said if "Traceback" in line], "".join(running.said)


@pytest.fixture(scope="session")
def shared_server(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    pytest.importorskip("fastapi")
    folder = tmp_path_factory.mktemp("shared")
    with shared(videos, folder / "data", WHENABOUTS_CACHE=str(folder / "cache")) as running:
        yield running
