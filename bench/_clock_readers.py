"""Which picture each reader gives at what time: the readers that `clock.py` compares, each run in a process of its own.

    python bench/_clock_readers.py NAME

Reads one path a line, and answers each with one line of JSON: a list of [number, seconds], or a sentence why not. A
name that cannot be imported ends it at once. Nothing but the reader's own functions decides a time.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

BITS = 8
Shown = Iterator[tuple[NDArray[np.uint8], float]]  # a picture (H, W, 3), and the seconds at which it begins


def read_number(image: NDArray[np.uint8]) -> int | None:
    """The number that `_clock_shapes.draw` drew, from bars between a white and a black one; None where none is."""
    height, width = image.shape[:2]
    centres = ((np.arange(BITS + 2) + 0.5) * width / (BITS + 2)).astype(int)
    bars = image[height // 4, centres].astype(int).mean(-1)
    if bars[0] < 160 or bars[-1] > 90:
        return None
    return int(sum(int(bar > 128) << bit for bit, bar in enumerate(bars[1:-1])))


def ours() -> Callable[[str], Shown]:
    """Every picture in a row, and then each once more, sought from its time on."""
    from whenabouts.video import Video

    def read(path: str) -> Shown:
        video = Video(path)
        frames = list(video.around(0, 1e9))
        for frame, again in zip(frames, video.at([frame.time for frame in frames]), strict=True):
            yield frame.image, frame.time
            if again.time != frame.time or read_number(again.image) != read_number(frame.image):
                raise ValueError(f"another picture is sought at {frame.time}")
        for frame in frames[:: max(1, len(frames) // 5)]:
            if next(video.sample(1, start=frame.time)).time != frame.time:
                raise ValueError(f"another picture is on show at {frame.time}")

    return read


def pyav() -> Callable[[str], Shown]:
    """`frame.time` of every frame of `container.decode(video=0)`."""
    import av

    def read(path: str) -> Shown:
        with av.open(path) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24"), float("nan") if frame.time is None else frame.time  # type: ignore[misc]

    return read


def opencv() -> Callable[[str], Shown]:
    """CAP_PROP_POS_MSEC after each `read`."""
    import cv2

    def read(path: str) -> Shown:
        capture: Any = cv2.VideoCapture(path)
        if not capture.isOpened():
            raise ValueError("not opened")
        while (got := capture.read())[0]:
            yield got[1], capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

    return read


def scenedetect() -> Callable[[str], Shown]:
    """The timecode of `position` after each `read` of what `open_video` opens."""
    from scenedetect import open_video

    def read(path: str) -> Shown:
        video: Any = open_video(path)
        while (image := video.read()) is not False and image is not None:
            yield image, float(video.position.seconds)

    return read


def decord() -> Callable[[str], Shown]:
    """`get_frame_timestamp(k)[0]` of picture k."""
    from decord import VideoReader

    def read(path: str) -> Shown:
        video: Any = VideoReader(path)
        for k in range(len(video)):
            yield video[k].asnumpy(), float(video.get_frame_timestamp(k)[0])

    return read


def torchcodec() -> Callable[[str], Shown]:
    """`pts_seconds` of frame k."""
    from torchcodec.decoders import VideoDecoder

    def read(path: str) -> Shown:
        video: Any = VideoDecoder(path)
        for k in range(len(video)):
            frame = video.get_frame_at(k)
            yield frame.data.permute(1, 2, 0).numpy(), frame.pts_seconds

    return read


READERS = {
    "whenabouts": ours,
    "PyAV": pyav,
    "OpenCV": opencv,
    "PySceneDetect": scenedetect,
    "decord": decord,
    "torchcodec": torchcodec,
}


def main() -> None:
    """Answer until there is nothing more to read."""
    warnings.simplefilter("ignore")
    read = READERS[sys.argv[1]]()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        answer: list[list[float | None]] | str
        try:
            answer = [[read_number(image), time] for image, time in read(line.rstrip("\n"))]
        except Exception as error:  # whatever a reader raises is its answer
            answer = f"{type(error).__name__}: {error}"[:200]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
