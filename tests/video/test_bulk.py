"""A Matroska file whose attachments, tracks or tags are far larger than what FFmpeg should hold is one sentence."""

from __future__ import annotations

from pathlib import Path

import media
import pytest

from whenabouts.errors import VideoError
from whenabouts.video import Video


@pytest.mark.parametrize(
    ("name", "what"),
    [("1941A469", "attachments"), ("1254C367", "tags"), ("1043A770", "chapters"), ("1654AE6B", "tracks")],
)
def test_a_gigabyte_beside_the_pictures_is_refused_before_it_is_read(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / "a.mkv"
    media.make_video(path, seconds=1)
    data = path.read_bytes()
    mark = bytes.fromhex("1654AE6B")
    tracks = data.index(mark, data.index(mark) + 4)  # the first one is in the list of where things are
    with path.open("wb") as file:  # a hole on the disk: nothing is stored for it
        file.write(data[:tracks] + bytes.fromhex(name) + (1 << 56 | 1 << 30).to_bytes(8))
        file.seek(1 << 30, 1)
        file.write(data[tracks:])
    with pytest.raises(VideoError, match=rf"holds 1024 MB of .*{what}, over the limit of \d+ MB"):
        Video(path)


def test_tags_are_refused_before_each_is_compared_with_each_though_the_chain_to_them_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    media.make_video(path, seconds=1)
    data = path.read_bytes()
    at = data.index(bytes.fromhex("1654AE6B"))  # in the list of where things are
    path.write_bytes(
        data[:at] + bytes.fromhex("1254C367") + (1 << 56 | 2 << 20).to_bytes(8) + bytes(2 << 20) + data[at:]
    )
    with pytest.raises(VideoError, match="holds 2 MB of tags, over the limit of 1 MB"):
        Video(path)
