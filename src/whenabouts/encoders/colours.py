"""Basic colours: how much of an image each covers, and which of them a sentence names."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLOURS", "colour_shares", "colours_named"]

# The eleven basic colour terms (Berlin and Kay, 1969) with the words that are taken to mean them.
COLOURS: dict[str, frozenset[str]] = {
    "black": frozenset({"black", "blackness", "dark", "darkness", "night"}),
    "white": frozenset({"white", "bright", "snow"}),
    "grey": frozenset({"grey", "gray"}),
    "red": frozenset({"red"}),
    "orange": frozenset({"orange"}),
    "brown": frozenset({"brown"}),
    "yellow": frozenset({"yellow", "golden"}),
    "green": frozenset({"green"}),
    "blue": frozenset({"blue"}),
    "purple": frozenset({"purple", "violet"}),
    "pink": frozenset({"pink"}),
}
PIXEL_STEP = 4  # every fourth row and column of a small image is enough
EPSILON = np.float32(1e-6)

Plane = NDArray[np.float32]


def colour_shares(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The share of each image that each colour covers: images (N, H, W, 3) uint8 RGB -> (N, 11), each in [0, 1].

    Colours are regions of hue (degrees), saturation and value. They overlap a little where people disagree, and a few
    unsaturated tones belong to no colour.
    """
    planes = np.ascontiguousarray(np.moveaxis(images[:, ::PIXEL_STEP, ::PIXEL_STEP], 3, 0))
    red, green, blue = planes.reshape(3, len(images), -1).astype(np.float32) / np.float32(255)
    value, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    chroma = value - low
    saturation = chroma / np.maximum(value, EPSILON)
    hue = _hue(red, green, blue, value, np.maximum(chroma, EPSILON))
    vivid = (saturation > 0.35) & (value > 0.2)
    black, white = value < 0.2, (low > 0.8) & (saturation < 0.15)
    pale = (saturation > 0.15) & (saturation < 0.5) & (value > 0.75) & ((hue < 14) | (hue >= 330))
    masks = (
        black,
        white,
        (saturation < 0.15) & ~black & ~white,
        vivid & ((hue < 14) | (hue >= 345)),
        vivid & (hue >= 14) & (hue < 42) & (value > 0.6),
        vivid & (hue >= 10) & (hue < 45) & (value <= 0.6),
        vivid & (hue >= 42) & (hue < 70),
        vivid & (hue >= 70) & (hue < 165),
        vivid & (hue >= 165) & (hue < 262),
        vivid & (hue >= 262) & (hue < 300),
        ((saturation > 0.15) & (value > 0.6) & (hue >= 300) & (hue < 345)) | pale,
    )
    return np.stack([mask.mean(axis=1, dtype=np.float32) for mask in masks], axis=1)


def colours_named(text: str) -> NDArray[np.float32]:
    """1 for each colour that a word of the text names, else 0; (11,)."""
    words = set(re.findall("[a-z]+", text.lower()))
    return np.array([bool(words & meaning) for meaning in COLOURS.values()], dtype=np.float32)


def _hue(red: Plane, green: Plane, blue: Plane, value: Plane, chroma: Plane) -> Plane:
    """Hue in degrees, 0 to 360, of planes of equal shape."""
    towards_green = (green - blue) / chroma  # in [-1, 1] where red is the highest
    sixths = np.where(
        value == red,
        np.where(towards_green < 0, towards_green + 6, towards_green),
        np.where(value == green, (blue - red) / chroma + 2, (red - green) / chroma + 4),
    )
    hue: Plane = sixths * 60
    return hue
