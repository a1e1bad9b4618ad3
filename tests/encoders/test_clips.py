"""Rows of clips: which pictures of a clip they are made of, seen whole or as published features saw them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from media import make_video, read_number

from whenabouts.encoders import load_encoder, precision
from whenabouts.encoders.clips import FeatureMaker, as_published
from whenabouts.errors import InputError, ModelError
from whenabouts.training.supervised.features import read_receipt, write_clips
from whenabouts.video import Video
from whenabouts.video.frame import CentreCrop


class Numbers:
    """An encoder of frames and of clips, whose vectors are the numbers that pictures show."""

    name, sha256, pictures = "numbers", "0" * 64, 32

    def __init__(self, size: int) -> None:
        self.size, self.seen = size, [0]

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        self.seen += [read_number(image) for image in images]
        return np.array([[read_number(image), 1] for image in images], dtype=np.float32)

    encode_texts = encode_words = encode_images

    def encode_clips(self, clips: np.ndarray) -> np.ndarray:
        self.seen.append(len(clips))
        return np.array([[read_number(image) for image in clip] for clip in clips], dtype=np.float32)


@pytest.fixture(params=[25, 30])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make_video(tmp_path / "video.mp4", fps=request.param, seconds=8.6, size=(144, 144))
    return tmp_path / "video.mp4"


def of_ffmpeg(path: Path, fps: Fraction) -> list[int]:
    """Numbers of the pictures that FFmpeg's `fps` filter gives, with which Lighthouse reads videos."""
    with av.open(str(path)) as container:
        stream, graph = container.streams.video[0], Graph()
        source, sink = graph.add_buffer(template=stream), graph.add("buffersink")
        graph.link_nodes(
            source, graph.add("fps", f"fps={fps}"), graph.add("format", "pix_fmts=rgb24"), sink
        ).configure()
        shown: list[int] = []
        for frame in [*container.decode(stream), None]:
            graph.push(frame)
            while True:
                try:
                    shown.append(read_number(graph.pull().to_ndarray()))
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
        return shown


def test_a_row_as_published_is_of_the_picture_that_ffmpeg_gives(path: Path) -> None:
    encoder = Numbers(CentreCrop(96))
    maker = FeatureMaker(encoder)
    rows = maker.rows(Video(path), 2.0, cache=False)
    assert maker.pictures == 1 and encoder.seen[1:] == of_ffmpeg(path, Fraction(1, 2))
    assert len(rows) == len(encoder.seen) - 1


def test_a_row_is_else_of_the_pictures_at_its_start_and_in_its_middle(path: Path) -> None:
    encoder, rate = Numbers(96), Video(path).probe.average_rate
    maker = FeatureMaker(encoder)
    rows = maker.rows(Video(path), 2.0, cache=False)
    assert maker.pictures == 2 and encoder.seen[1:] == [round(k * rate) for k in range(9)] and len(rows) == 5


def test_a_video_that_ends_before_the_middle_of_a_clip_has_a_row(tmp_path: Path) -> None:
    make_video(tmp_path / "short.mp4", seconds=0.6, size=(144, 144))
    assert len(FeatureMaker(Numbers(CentreCrop(96))).rows(Video(tmp_path / "short.mp4"), 2.0, cache=False)) == 1


def test_motion_as_published_is_of_the_pictures_that_lighthouse_takes(path: Path) -> None:
    """`frame_loaders/slowfast_loader.py`: 30 a second, padded with the last one, 60 a clip, of which it takes 32."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    shown, fps = of_ffmpeg(path, Fraction(30)), int(Video(path).probe.average_rate)
    shown += shown[-1:] * (-len(shown) % 60)
    index = torch.clamp(torch.linspace(0, int(32 * 2 * fps / 30 - 1), 32), 0, 59).long().tolist()
    expected = [[shown[60 * clip + k] for k in index] for clip in range(len(shown) // 60)]
    motion = Numbers(CentreCrop(96))
    rows = FeatureMaker(Numbers(CentreCrop(96)), motion).rows(Video(path), 2.0, cache=False)
    clips = np.array(expected[: len(rows)], dtype=np.float32)
    np.testing.assert_allclose(rows[:, :32], clips / np.linalg.norm(clips, axis=1, keepdims=True), atol=1e-5)
    assert motion.seen == [0, 4]  # several clips at once


def test_what_features_were_made_of_is_told_and_not_mixed(path: Path, tmp_path: Path) -> None:
    whole, cropped = load_encoder("builtin"), load_encoder("builtin@crop")
    assert (whole.name, cropped.name) == ("builtin", "builtin@crop")
    assert isinstance(cropped.size, CentreCrop) and not isinstance(whole.size, CentreCrop)
    assert load_encoder("builtin@squeeze").name == "builtin" and precision(whole) == "float32"
    write_clips([path], FeatureMaker(cropped), 2.0, tmp_path / "features")
    receipt = read_receipt(tmp_path / "features")
    assert (receipt["encoder"], receipt["pictures"], receipt["precision"]) == ("builtin@crop", 1, "float32")
    with pytest.raises(InputError, match="made with encoder builtin@crop, not builtin"):
        write_clips([path], FeatureMaker(whole), 2.0, tmp_path / "features")
    with pytest.raises(ModelError, match="unknown encoder 'builtin@middle'"):
        load_encoder("builtin@middle")


def test_features_of_clip_are_made_as_published() -> None:
    assert as_published("slowfast+clip+pann") == "slowfast+clip@crop+pann"
    assert as_published("hub:a/clip") == "hub:a/clip"
