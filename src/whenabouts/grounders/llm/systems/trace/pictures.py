"""The frames that TRACE is shown, each a square on CLIP's mean colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import FrameRule
from whenabouts.video import Video

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["chosen_squares", "pixels", "spread"]

LONGEST = 9999  # seconds: the last time that is shown must be written in six characters
MEAN = (0.48145466, 0.4578275, 0.40821073)  # of OpenAI's CLIP, for red, green and blue from 0 to 1
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


def spread(video: Video, rule: FrameRule, size: int, *, pad: bool) -> Frames:
    """The frames that the rule chooses, as squares of `size` made of the whole picture, with their true times.

    pad: whether the longer side is kept whole and the shorter one filled up; otherwise the middle is cut out

    Raises InputError for a video whose times cannot be written, VideoError.
    """
    seconds, times = video.duration, video.times
    rate = float(video.probe.average_rate or len(times) / seconds)
    chosen = rule.choose(len(times), rate, video.probe.width, video.probe.height).indices
    return chosen_squares(video, [float(times[i]) for i in chosen], size, pad=pad)


def chosen_squares(video: Video, times: Sequence[float], size: int, *, pad: bool) -> Frames:
    """The pictures on show at `times`, which do not decrease, as squares with their true times. Raises as `spread`."""
    seconds = video.duration
    if seconds > LONGEST:
        raise InputError(
            f"{video.path} lasts {seconds:.0f} s, and TRACE writes times up to {LONGEST} s; cut the video first"
        )
    shown = [(frame.time, squared(frame.image, size, pad=pad)) for frame in video.at(times)]
    return Frames(tuple(time for time, _ in shown), tuple(image for _, image in shown), len(shown) / seconds)


def squared(image: NDArray[np.uint8], size: int, *, pad: bool) -> NDArray[np.uint8]:
    """A picture (H, W, 3) as a square of `size`, resized as CLIP's own processor does."""
    from PIL import Image

    height, width = image.shape[:2]
    picture = Image.fromarray(image)
    if pad:
        side = max(width, height)
        square = Image.new("RGB", (side, side), tuple(int(255 * value) for value in MEAN))
        square.paste(picture, ((side - width) // 2, (side - height) // 2))
        return np.asarray(square.resize((size, size), Image.Resampling.BICUBIC))
    short = min(width, height)
    resized = picture.resize((int(size * width / short), int(size * height / short)), Image.Resampling.BICUBIC)
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    return np.asarray(resized)[top : top + size, left : left + size]


def pixels(images: Iterable[NDArray[np.uint8]]) -> Tensor:
    """Squares (S, S, 3) -> what CLIP takes, (T, 3, S, S)."""
    import torch

    shown = torch.from_numpy(np.stack(list(images))).permute(0, 3, 1, 2).float() / 255
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    return (shown - mean) / deviation
