"""Frames as a server takes them: JPEG, or a small MP4 whose own rate keeps their times."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra

__all__ = ["even_rate", "jpeg", "mp4"]

CRF = "18"


def jpeg(image: NDArray[np.uint8], quality: int) -> str:
    """A data URL of an image (H, W, 3). Raises MissingExtra."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("llm", "asking a server") from error
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"


def mp4(images: Sequence[NDArray[np.uint8]], rate: float) -> str:
    """A data URL of an H.264 video with every image (H, W, 3), `rate` of them per second, the first at 0 s."""
    import av

    stream = io.BytesIO()
    height, width = (side // 2 * 2 for side in images[0].shape[:2])
    with av.open(stream, "w", format="mp4") as container:
        track = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1000), options={"crf": CRF})
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        for image in images:
            cut = np.ascontiguousarray(image[:height, :width])
            container.mux(track.encode(av.VideoFrame.from_ndarray(cut, format="rgb24")))
        container.mux(track.encode())
    return f"data:video/mp4;base64,{base64.b64encode(stream.getvalue()).decode()}"


def even_rate(times: Sequence[float]) -> float | None:
    """Frames per second of times (seconds) that a video of one rate can keep, from 0 s on; None of others.

    No time may lie half a step or more beside its place: then a video would tell a wrong one.

    >>> even_rate([0.0, 0.5, 1.0]), even_rate([0.0, 0.5, 9.0]), even_rate([4.0, 4.5, 5.0])
    (2.0, None, None)
    """
    if len(times) < 2 or times[-1] <= times[0]:
        return None
    step = (times[-1] - times[0]) / (len(times) - 1)
    beside = max(abs(time - number * step) for number, time in enumerate(times))
    return 1 / step if beside < step / 2 else None
