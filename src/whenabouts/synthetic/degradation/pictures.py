"""What bad cameras and bad lines do to one picture, by severity from 1 to 5; all are pure functions of their arguments.

The levels of blur and noise are those of ImageNet-C (arXiv:1903.12261, its code `make_imagenet_c.py`), which are for
pictures of 224 pixels; here they are of a picture whose shorter side is scaled to that, so that a large picture is hurt
as much as a small one. Blocks are those of a real codec, FFmpeg's MJPEG, at quantisers that are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

__all__ = [
    "DEFOCUS_RADIUS",
    "MOTION_RADIUS",
    "NOISE_SCALE",
    "PICTURES",
    "QUANTISER",
    "compression",
    "defocus",
    "motion",
    "noise",
]

Image = NDArray[np.uint8]
SIDE = 224

DEFOCUS_RADIUS = (3, 4, 6, 8, 10)  # ImageNet-C, pixels
MOTION_RADIUS = (10, 15, 15, 15, 20)  # ImageNet-C, pixels
MOTION_SIGMA = (3, 5, 8, 12, 15)
NOISE_SCALE = (0.08, 0.12, 0.18, 0.26, 0.38)  # ImageNet-C, of the range
QUANTISER = (10, 15, 20, 25, 31)  # ours; 31 is the codec's worst
TURN = 4.0  # seconds in which the direction of a motion blur goes once round; ours


def defocus(image: Image, severity: int, time: float, seed: int) -> Image:
    """A lens out of focus: every point becomes a disc."""
    radius = DEFOCUS_RADIUS[severity - 1] * _scale(image)
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return _convolved(image, np.clip(radius + 0.5 - np.hypot(x, y), 0, 1))


def motion(image: Image, severity: int, time: float, seed: int) -> Image:
    """A camera that moves while it exposes: every point becomes a line, whose direction turns slowly with time."""
    radius = MOTION_RADIUS[severity - 1] * _scale(image)
    sigma = MOTION_SIGMA[severity - 1] * _scale(image)
    angle = 2 * np.pi * (time / TURN + np.random.default_rng((seed, 1)).random())
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    line = np.clip(1 - np.abs(across), 0, 1) * (np.abs(along) <= radius)
    return _convolved(image, line * np.exp(-(along**2) / (2 * sigma**2)))


def noise(image: Image, severity: int, time: float, seed: int) -> Image:
    """A sensor in the dark: every point and colour is off, anew at each time; grains grow with the picture."""
    height, width = image.shape[:2]
    scale = max(1.0, _scale(image))
    rng = np.random.default_rng((seed, 2, round(time * 1e6)))
    grains = rng.standard_normal((int(np.ceil(height / scale)), int(np.ceil(width / scale)), 3), np.float32)
    rows, columns = (np.arange(height) / scale).astype(int), (np.arange(width) / scale).astype(int)
    off = grains[rows[:, None], columns] * (255 * NOISE_SCALE[severity - 1])
    noisy: Image = np.clip(np.round(image + off), 0, 255).astype(np.uint8)
    return noisy


def compression(image: Image, severity: int, time: float, seed: int) -> Image:
    """A line that is too thin: blocks and false colours, of one MJPEG picture."""
    height, width = image.shape[:2]
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    frame = frame.reformat(width=_even(width), height=_even(height), format="yuvj420p")
    encoder = _codec("w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.framerate = Fraction(25)
    encoder.qmin = encoder.qmax = QUANTISER[severity - 1]
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    decoder = _codec("r")
    shown = [picture for packet in packets for picture in decoder.decode(packet)] + decoder.decode(None)
    rgb = shown[0].reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.ascontiguousarray(rgb, dtype=np.uint8)


PICTURES: dict[str, Callable[[Image, int, float, int], Image]] = {
    "defocus": defocus,
    "motion": motion,
    "noise": noise,
    "compression": compression,
}


def _codec(mode: str) -> VideoCodecContext:
    codec = av.CodecContext.create("mjpeg", mode)  # type: ignore[call-overload]
    assert isinstance(codec, VideoCodecContext)
    codec.thread_count = 1
    return codec


def _scale(image: Image) -> float:
    return float(min(image.shape[:2]) / SIDE)


def _even(length: int) -> int:
    return max(2, length // 2 * 2)


def _convolved(image: Image, kernel: NDArray[np.floating]) -> Image:
    """Each point spread as the kernel says; beyond the edges the picture goes on as its edge."""
    reach = kernel.shape[0] // 2
    total = kernel.sum()
    if reach == 0 or total <= 0:
        return image
    padded = np.pad(image.astype(np.float32), ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    shape = padded.shape[:2]
    spread = np.zeros(shape, np.float32)
    spread[: kernel.shape[0], : kernel.shape[1]] = kernel / total
    way = np.fft.rfft2(np.roll(spread, (-reach, -reach), (0, 1)))
    planes = [np.fft.irfft2(np.fft.rfft2(padded[..., c]) * way, s=shape) for c in range(3)]
    blurred = np.stack(planes, axis=-1)[reach:-reach, reach:-reach]
    return np.clip(np.round(blurred), 0, 255).astype(np.uint8)
