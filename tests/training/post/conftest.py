"""Two videos that the tests of training share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of eight seconds, a frame a second, each frame as bright as its number; tests only read them."""
    import av

    folder = tmp_path_factory.mktemp("videos")
    for name in ("video.mkv", "other.mkv"):
        with av.open(str(folder / name), "w") as file:
            stream = file.add_stream("ffv1", rate=1, width=32, height=24, pix_fmt="bgr0")
            for number in range(8):
                picture = np.full((24, 32, 3), 30 * number, dtype=np.uint8)
                file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            file.mux(stream.encode())
    return folder
