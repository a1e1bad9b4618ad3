"""A folder of tiny videos whose contents are known: a cat, a rocket, a coffee, each after three grey seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from whenabouts.library.run import index_folder, open_library
from whenabouts.library.store import Library
from whenabouts.video.compose import Line, Still, compose

GREY = np.full((90, 160, 3), 128, np.uint8)


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("lancedb")
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    folder = tmp_path_factory.mktemp("archive")
    for name, picture in {"cat": data.chelsea(), "rocket": data.rocket(), "coffee": data.coffee()}.items():
        lines = [Line(1, 3, "The budget was approved on Tuesday."), Line(4, 6, "To be, or not to be?")]
        stills = [Still(GREY, 3), Still(picture, 4)]
        compose(folder / f"it's {name}.mp4", stills, lines=lines if name == "rocket" else [], size=(160, 90), rate=8)
    return folder


@pytest.fixture
def folder(videos: Path, tmp_path: Path) -> Path:
    """A copy of the videos for a test of its own."""
    return Path(shutil.copytree(videos, tmp_path / "videos"))


@pytest.fixture(scope="session")
def indexed(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of them, to be read only."""
    library = open_library(tmp_path_factory.mktemp("library") / "library")
    index_folder(library, videos)
    return library
