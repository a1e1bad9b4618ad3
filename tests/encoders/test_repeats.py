"""Repeated pictures: slides in a real codec, slow changes that must not be missed, and a bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from whenabouts.encoders.features import video_features
from whenabouts.encoders.repeats import RECENT, RepeatsEncodedOnce, thumbnail
from whenabouts.video import Video


class Colours:
    """An encoder whose vector is the mean colour; counts its work."""

    name, size, dim, sha256 = "colours", 112, 3, "0" * 64

    def __init__(self) -> None:
        self.pictures = 0

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        self.pictures += len(images)
        return np.array([image.mean(axis=(0, 1)) / 256 for image in images], dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), 3), dtype=np.float32)


def slide(number: int) -> np.ndarray:
    """A page of small bars on a pale ground, as text on a slide."""
    rng = np.random.default_rng(number)
    image = np.full((180, 320, 3), rng.integers(200, 255, 3), np.uint8)
    for row in range(20, 160, 14):
        for column in range(20, int(rng.integers(120, 300)), 12):
            image[row : row + 7, column : column + int(rng.integers(3, 11))] = rng.integers(0, 90, 3)
    return image


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty slides of ten seconds each, H.264 at five pictures a second with a keyframe every two."""
    path = tmp_path_factory.mktemp("slides") / "slides.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=5, options={"crf": "28", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 180, "yuv420p", 10
        for k in range(1500):
            frame = av.VideoFrame.from_ndarray(slide(k // 50), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, 5)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_slides_cost_a_tenth_of_the_encodings(slides: Path) -> None:
    encoder, every = Colours(), Colours()
    once = video_features(Video(slides), encoder, fps=2.0, cache=False)
    whole = video_features(Video(slides), every, fps=2.0, cache=False, repeats=False)
    assert len(once.times) == every.pictures == whole.encoded == 600
    assert 30 <= encoder.pictures == once.encoded <= 60
    np.testing.assert_allclose(once.vectors, whole.vectors, atol=0.5 / 256)


def test_what_was_encoded_is_kept_with_the_vectors(slides: Path) -> None:
    first = video_features(Video(slides), Colours(), fps=0.5)
    encoder = Colours()
    again = video_features(Video(slides), encoder, fps=0.5)
    assert again.encoded == first.encoded > 0 == encoder.pictures
    np.testing.assert_array_equal(again.vectors, first.vectors)
    assert video_features(Video(slides), encoder, fps=0.5, repeats=False).encoded == len(first.times)


def test_a_slow_fade_is_never_missed() -> None:
    encoder = Colours()
    once = RepeatsEncodedOnce(encoder)
    fade = [np.full((112, 112, 3), round(level), np.uint8) for level in np.arange(0, 200, 0.25)]
    vectors = once.encode(fade)
    exact = np.array([image.mean() / 256 for image in fade])
    assert np.abs(vectors[:, 0] - exact).max() <= 1 / 256  # the picture shown, give or take the noise of a codec
    assert encoder.pictures == once.encoded >= 100


def test_a_loop_is_encoded_once_and_a_small_movement_each_time() -> None:
    loop = [slide(k)[:112, :112] for k in range(100)]
    once = RepeatsEncodedOnce(Colours())
    first = once.encode(loop)
    np.testing.assert_array_equal(once.encode(loop), first)
    assert once.encoded == 100
    moving = RepeatsEncodedOnce(Colours())
    base = np.full((112, 112, 3), 120, np.uint8)
    for k in range(20):
        image = base.copy()
        image[50:60, 20 + 3 * k : 30 + 3 * k] = 160  # a hand far away
        moving.encode([image])
    assert moving.encoded == 20


def test_memory_is_bounded_and_a_picture_can_come_back_after_it() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (RECENT + 10, 28, 28, 3)).astype(np.uint8)
    once = RepeatsEncodedOnce(Colours())
    first = once.encode(list(pictures))
    assert once.encoded == RECENT + 10
    np.testing.assert_array_equal(once.encode([pictures[-1], pictures[0], pictures[20]]), first[[-1, 0, 20]])
    assert once.encoded == RECENT + 11  # the very first had been forgotten


@pytest.mark.parametrize("size", [1, 20, 28, 96, 224, 384])
def test_a_thumbnail_is_the_mean_colour_of_its_parts(size: int) -> None:
    image = np.random.default_rng(1).integers(0, 255, (size, size, 3)).astype(np.uint8)
    small = thumbnail(image)
    side = max(1, size // 28)
    assert small.shape == (size // side, size // side, 3)
    np.testing.assert_allclose(small[-1, 0], image[(small.shape[0] - 1) * side :][:side, :side].mean((0, 1)), rtol=1e-5)
