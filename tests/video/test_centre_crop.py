"""The middle square of a picture, as CLIP's processor and the makers of published features cut it out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import media
import numpy as np
import pytest
from av.filter import Graph
from av.video.frame import VideoFrame
from photographs import photographs

from whenabouts.video import Frame, Video
from whenabouts.video.frame import CentreCrop, Painter
from whenabouts.video.in_memory import InMemoryVideo

SIDE = 224


def parts() -> list[np.ndarray]:
    """Parts of photographs: wide, tall, square, smaller than the crop, and of odd sides."""
    shapes = [(360, 480), (480, 270), (300, 300), (144, 176), (331, 457)]
    pictures = list(photographs(480).values())[: len(shapes)]
    return [image[:height, :width] for image, (height, width) in zip(pictures, shapes, strict=True)]


def apart(one: np.ndarray, other: np.ndarray) -> tuple[float, int]:
    difference = np.abs(one.astype(int) - other.astype(int))
    return float(difference.mean()), int(difference.max())


def test_pixels_are_those_of_clips_processor() -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    processor = transformers.CLIPImageProcessorPil(do_rescale=False, do_normalize=False)
    for image in parts():
        [expected] = processor(images=image, return_tensors="np", input_data_format="channels_last")["pixel_values"]
        found = Painter(CentreCrop(SIDE)).paint(VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"))
        assert found.shape == (SIDE, SIDE, 3)
        mean, most = apart(found, expected.transpose(1, 2, 0))
        assert mean < 0.5 and most <= 16, (image.shape, mean, most)


def official(frame: VideoFrame) -> np.ndarray:
    """As Lighthouse's frame_loaders/clip_loader.py: `scale` of the shorter side, then `crop`, of FFmpeg."""
    height, width = frame.height, frame.width
    height, width = (int(height * SIDE / width), SIDE) if height >= width else (SIDE, int(width * SIDE / height))
    graph = Graph()
    x, y = int((width - SIDE) / 2.0), int((height - SIDE) / 2.0)
    graph.link_nodes(
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25)),
        graph.add("scale", f"{width}:{height}"),
        graph.add("crop", f"{SIDE}:{SIDE}:{x}:{y}"),
        graph.add("format", "pix_fmts=rgb24"),
        graph.add("buffersink"),
    ).configure()
    graph.push(frame)
    return cast(VideoFrame, graph.pull()).to_ndarray()


def drawn(source: str, pix_fmt: str, matrix: str) -> VideoFrame:
    """A picture that FFmpeg draws, in another format and matrix of colours."""
    graph = Graph()
    graph.link_nodes(
        graph.add("testsrc2", source),
        graph.add("scale", f"out_color_matrix={matrix}"),
        graph.add("format", f"pix_fmts={pix_fmt}"),
        graph.add("buffersink"),
    ).configure()
    return cast(VideoFrame, graph.pull())


def test_pixels_are_those_of_the_code_of_published_features() -> None:
    frames = [
        VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24").reformat(
            image.shape[1] // 4 * 4, len(image) // 2 * 2, "yuv420p"
        )
        for image in parts()
    ]
    frames += [drawn("size=176x144", "yuv420p", "bt601"), drawn("size=426x240", "yuv420p", "bt709")]
    frames += [drawn("size=320x180", "yuvj420p", "bt601"), drawn("size=200x300", "yuv420p10le", "bt709")]
    painter = Painter(CentreCrop(SIDE))
    for frame in frames:
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        np.testing.assert_array_equal(painter.paint(frame), official(frame))


@pytest.mark.parametrize("turn", media.TURNS)
def test_the_square_is_of_the_upright_picture_in_square_pixels(tmp_path: Path, turn: str) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=0.2, turn=turn, sar=Fraction(4, 3))
    video = Video(tmp_path / "a.mp4")
    [whole] = [frame.image for frame in video.sample(1)]
    [square] = [frame.image for frame in video.sample(1, size=CentreCrop(48))]
    assert square.shape == (48, 48, 3)
    expected = Painter(CentreCrop(48)).paint(VideoFrame.from_ndarray(whole, format="rgb24"))
    assert apart(square, expected)[0] < 2


def test_pictures_in_memory_are_cut_too() -> None:
    image = next(image for image in parts() if image.shape[0] != image.shape[1])
    video = InMemoryVideo([Frame(0.0, np.ascontiguousarray(image))], 0.0, 1.0)
    [frame] = video.sample(1, size=CentreCrop(SIDE))
    expected = Painter(CentreCrop(SIDE)).paint(VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"))
    np.testing.assert_array_equal(frame.image, expected)
