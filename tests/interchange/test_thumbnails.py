"""Thumbnails show the picture of their time, small, upright and readable by anyone."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from media import make_video, read_number

from whenabouts.interchange.thumbnails import COVER, MAX_SIDE, filmstrip, thumbnail
from whenabouts.video import Video


def decoded(address: str | None) -> Any:
    assert address is not None
    head, _, content = address.partition(",")
    assert head == "data:image/jpeg;base64"
    with av.open(BytesIO(base64.b64decode(content)), format="mjpeg") as picture:
        return next(picture.decode(video=0)).to_ndarray(format="rgb24")


def test_a_thumbnail_shows_the_picture_on_show(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", size=(288, 192))
    with Video(tmp_path / "video.mp4") as video:
        assert [read_number(decoded(thumbnail(video, time))) for time in (0.0, 1.0, 1.99, 3.96)] == [0, 25, 49, 99]


def test_a_strip_shows_the_middle_of_each_part(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", size=(288, 192))
    with Video(tmp_path / "video.mp4") as video:
        assert [read_number(decoded(picture)) for picture in filmstrip(video, 4)] == [12, 37, 62, 87]


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (1000, 64), (64, 48)])
def test_a_thumbnail_covers_its_place_unless_the_video_is_a_ribbon(tmp_path: Path, size: tuple[int, int]) -> None:
    make_video(tmp_path / "video.mp4", size=size, seconds=0.2)
    with Video(tmp_path / "video.mp4") as video:
        height, width = decoded(thumbnail(video, 0.0)).shape[:2]
    assert width / height == pytest.approx(size[0] / size[1], rel=0.05)
    assert (width >= COVER[0] and height >= COVER[1]) or max(width, height) == MAX_SIDE
    assert max(width, height) <= MAX_SIDE


def test_a_turned_video_has_upright_thumbnails(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", size=(288, 192), turn="90")
    with Video(tmp_path / "video.mp4") as video:
        picture = decoded(thumbnail(video, 1.0))
    assert picture.shape[0] > picture.shape[1] and read_number(picture) == 25
