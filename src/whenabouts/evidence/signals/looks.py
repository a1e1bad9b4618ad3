"""One small picture as a few numbers: how dark it is, whether it has one colour, whether it is colour bars.

A picture here is uint8 (72, 128, 3) RGB, upright, full range: the conversion from the video's own range, depth and
rotation happened in `video.sample`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SIZE", "Look", "colour_name", "is_bars", "is_black", "is_blank", "look"]

SIZE = (128, 72)  # width and height in pixels
BRIGHTEST = 36.0  # of 255, which 99.5 % of a black picture stay under; the black of an old tape is not quite black ...
DARK = 20.0  # ... on average ...
FLAT = 14.0  # ... but it is flat, from the 0.5th to the 99.5th percentile: a night is not
UNLIKE = 18.0  # of 255: deviation within a bar, into which a codec lets its neighbours bleed
ONE_COLOUR = 14.0  # of 255, between the 0.5th and the 99.5th percentile of a channel
ORDER = (7, 6, 3, 2, 5, 4, 1)  # white, yellow, cyan, green, magenta, red, blue: bits for red (4), green (2), blue (1)
UNEVEN = 12.0  # of 255: mean deviation down the columns of a picture with bars
LIT = 60  # of 255: what is no part of the black borders around the bars

Picture = NDArray[np.uint8]


class Look(NamedTuple):
    """Levels in 0 to 255: of the brightest and the mean pixel, the spread of a channel, its mean (red, green, blue).

    `brightest` is 255 where the mean alone says that the picture is not black, and `spread` where the deviation says
    that it has more than one colour: most pictures need no percentiles.
    """

    brightest: float
    mean: float
    spread: float
    colour: tuple[float, float, float]
    bars: bool


def look(image: Picture) -> Look:
    """The numbers of a picture (H, W, 3)."""
    pixels = image.reshape(-1, 3)
    red, green, blue = (float(value) for value in pixels.mean(0))
    mean = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # BT.709
    brightest = spread = 255.0
    if mean <= DARK or float(pixels[::7].std(0).max()) <= ONE_COLOUR:
        low, high = np.percentile(pixels, (0.5, 99.5), axis=0)
        brightest, spread = float(high.max()), float((high - low).max())
    return Look(brightest, mean, spread, (red, green, blue), spread > ONE_COLOUR and is_bars(image))


def is_black(seen: Look) -> bool:
    """Whether nothing shows."""
    return seen.brightest <= BRIGHTEST and seen.mean <= DARK and seen.spread <= FLAT


def is_blank(seen: Look) -> bool:
    """Whether the whole picture has one colour that is not black."""
    return seen.spread <= ONE_COLOUR and not is_black(seen)


def colour_name(colour: tuple[float, float, float]) -> str:
    """The everyday name of a colour in 0 to 255, of those that a blank screen has.

    >>> colour_name((250, 250, 248)), colour_name((10, 20, 200)), colour_name((120, 121, 119))
    ('white', 'blue', 'grey')
    """
    top, bottom = max(colour), min(colour)
    if top - bottom < 0.2 * top + 8:
        return "white" if bottom > 190 else "grey"
    red, green, blue = (value > (top + bottom) / 2 for value in colour)
    names = {
        (True, False, False): "red",
        (False, True, False): "green",
        (False, False, True): "blue",
        (True, True, False): "yellow",
        (False, True, True): "cyan",
        (True, False, True): "magenta",
    }
    return names.get((red, green, blue), "grey")


def is_bars(image: Picture) -> bool:
    """Whether the upper half is the seven colour bars of EBU and SMPTE, with or without a black one and borders."""
    if float(image[12:32:4, ::3].std(axis=0).mean()) > UNEVEN:
        return False
    upper = _without_borders(image)
    if upper.shape[1] < 28 or upper.shape[0] < 12:
        return False
    upper = upper[: upper.shape[0] // 2].astype(np.float32)
    width = upper.shape[1]
    for k, bits in enumerate(ORDER):
        left, right = width * (k + 0.3) / 7, width * (k + 0.7) / 7
        bar = upper[:, int(left) : max(int(left) + 1, int(right))].reshape(-1, 3)
        mean = bar.mean(0)
        if bar.std(0).max() > UNLIKE or _bits(mean) != bits:
            return False
    return True


def _bits(colour: NDArray[Any]) -> int:
    red, green, blue = (bool(value > 90) for value in colour)
    return 4 * red + 2 * green + blue


def _without_borders(image: Picture) -> Picture:
    lit = image.max(axis=2) > LIT
    columns, rows = np.flatnonzero(lit.any(0)), np.flatnonzero(lit.any(1))
    if not columns.size:
        return image[:0]
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
