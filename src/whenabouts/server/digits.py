"""Times written on pictures: a small font of digits, drawn without a library of fonts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["label"]

SPACE = 1  # pixels of the font between two signs and around them
GLYPHS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "11110 00001 00001 01110 00001 00001 11110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "01110 10000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00001 01110",
    ":": "000 010 010 000 010 010 000",
    ".": "000 000 000 000 000 010 010",
}


def label(text: str, scale: int) -> NDArray[np.uint8]:
    """White digits on black, as an image (H, W, 3): `scale` pixels for each of the font."""
    signs = [np.array([[int(dot) for dot in row] for row in GLYPHS[sign].split()], np.uint8) for sign in text]
    spaced = [np.pad(sign, ((SPACE, SPACE), (SPACE, 0))) for sign in signs]
    line = np.pad(np.concatenate(spaced, axis=1), ((0, 0), (0, SPACE)))
    large = np.kron(line, np.ones((scale, scale), np.uint8)) * 255
    return np.repeat(large[:, :, None], 3, axis=2)
