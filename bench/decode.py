"""How fast pictures come out of a video, beside the tools that people use, in the same run.

    python bench/decode.py [--quick | --smoke]

Makes two 1080p videos of moving noise (H.264, a keyframe every 250 and every 60 pictures). Rivals take turns: the
ffmpeg program (`fps=1` to null for samples, which converts nothing; `-skip_frame nokey` for keyframes), OpenCV and
decord where they can be imported, PyAV decoding every picture, and two passes beside one that gives pictures of two
sizes. A table has medians of seconds and of seconds of the CPU; ratios above 1 mean that whenabouts is faster. The last
line is JSON: the ratios of the CPU's time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
from _rivals import Row, printed, take_turns
from _size import parser

from whenabouts.video import Video

FPS = 25
SIDE = 224
LARGE = (736, 414)  # of pictures in which text is read


def make_video(path: Path, gop: int, seconds: int, picture: tuple[int, int]) -> None:
    """A pan over a rough texture with fresh grain in every picture of width × height."""
    width, height = picture
    rng = np.random.default_rng(gop)
    texture = rng.integers(16, 200, (300, 500), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as out:
        options = {"crf": "26", "preset": "superfast", "x264-params": "scenecut=0"}
        stream = out.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = gop
        for k in range(seconds * FPS):
            top, left = 2 * k % 1200, 5 * k % 2000
            grain = rng.integers(0, 24, (height // 2, width // 2), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
            luma = texture[top : top + height, left : left + width] + grain
            planes = np.concatenate([luma, np.full((height // 2, width), 128, np.uint8)])
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def decode_everything(path: Path) -> None:
    """PyAV at its best: every picture, all threads, nothing converted."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass


def ffmpeg(path: Path, *, fps: float | None = None) -> None:
    """The command that people use: so many pictures a second, or keyframes only."""
    before, after = (["-skip_frame", "nokey"], []) if fps is None else ([], ["-vf", f"fps={fps}"])
    command = ["ffmpeg", "-nostdin", "-v", "error", *before, "-i", str(path), *after, "-f", "null", "-"]
    subprocess.run(command, check=True)


def opencv(path: Path, every: int) -> None:
    """Every picture is grabbed, one in so many retrieved and scaled."""
    import cv2

    capture = cv2.VideoCapture(str(path))
    number = 0
    while capture.grab():
        if number % every == 0:
            cv2.resize(capture.retrieve()[1], (SIDE, SIDE))
        number += 1


def decord(path: Path, every: int) -> None:
    """One picture in so many, in the size that is asked for."""
    import decord as library

    reader = library.VideoReader(str(path), width=SIDE, height=SIDE)
    reader.get_batch(range(0, len(reader), every))


def samplers(path: Path, fps: float) -> dict[str, Callable[[], None]]:
    """Everything on this machine that gives so many pictures a second, by name."""
    every = round(FPS / fps)
    found: dict[str, Callable[[], None]] = {"PyAV, every picture": lambda: decode_everything(path)}
    if shutil.which("ffmpeg"):
        found[f"ffmpeg -vf fps={fps:g} to null"] = lambda: ffmpeg(path, fps=fps)
    if find_spec("cv2"):
        found["OpenCV grab, retrieve"] = lambda: opencv(path, every)
    if find_spec("decord"):
        found["decord get_batch"] = lambda: decord(path, every)
    return found


def rows(path: Path, gop: int, rounds: int) -> list[Row]:
    """All rivals on one video."""
    video = Video(path)
    keyframes: dict[str, Callable[[], None]] = {"PyAV, every picture": lambda: decode_everything(path)}
    if shutil.which("ffmpeg"):
        keyframes["ffmpeg -skip_frame nokey to null"] = lambda: ffmpeg(path)
    return [
        *take_turns(f"1 fps, {SIDE}, gop {gop}", lambda: list(video.sample(1, size=SIDE)), samplers(path, 1), rounds),
        *take_turns(f"1 fps, whole, gop {gop}", lambda: list(video.sample(1)), samplers(path, 1), rounds),
        *take_turns(
            f"0.1 fps, {SIDE}, gop {gop}", lambda: list(video.sample(0.1, size=SIDE)), samplers(path, 0.1), rounds
        ),
        *take_turns(f"keyframes, {SIDE}, gop {gop}", lambda: list(video.keyframes(size=SIDE)), keyframes, rounds),
        *take_turns(
            f"2 and 0.5 fps at once, gop {gop}",
            lambda: list(video.in_two_sizes(2, SIDE, LARGE, every=4)),
            {"two passes": lambda: [*video.sample(2, size=SIDE), *video.sample(0.5, size=LARGE)]},
            rounds,
        ),
    ]


def main() -> None:
    """Print a table and one JSON object at the end."""
    size = parser(__doc__).parse_args().size
    length, rounds = size.pick((40, 7), (12, 3), (1, 1))
    picture = size.pick((1920, 1080), (1920, 1080), (960, 540))
    measured: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for gop in (250, 60):
            path = Path(folder) / f"gop{gop}.mp4"
            make_video(path, gop, length, picture)
            measured += rows(path, gop, rounds)
    print(f"{length} s of {picture[0]}x{picture[1]}, {os.cpu_count()} cores")
    print(json.dumps(printed(measured)))


if __name__ == "__main__":
    main()
