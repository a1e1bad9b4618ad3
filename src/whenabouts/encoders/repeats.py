"""Pictures that repeat: a slide that stays, a talk before a still camera, footage in a loop. Each is encoded once.

Two pictures are the same if their thumbnails are: no part of one differs from the same part of the other by more than
the noise that a codec leaves in a picture that stands still. A picture is always compared with those that were encoded,
never with one that only repeated them, so a slow change is not missed however slow it is.

The bounds are those of H.264: of slides coded at a rate factor of 23 to 34, one picture in 11 to 20 is encoded (two a
second, ten seconds a slide). Of three videos of people and one of photographs under a moving camera, 3 of 310 pictures
pass as repeats, whose vectors differ by a cosine distance of 0.002 at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from whenabouts.encoders import Encoder

__all__ = ["RepeatsEncodedOnce", "thumbnail"]

SIDE = 28  # parts of a thumbnail across and down
MEAN_NOISE, MAX_NOISE = 0.8, 8.0  # grey levels, over all parts and in any one of them
SPARSE = 37  # one in so many values of a thumbnail is compared first
RECENT = 256  # encoded pictures that are remembered


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The mean colours of the parts of an image (H, W, 3): (SIDE, SIDE, 3), or its pixels where it has fewer.

    The rest of the division is left out at the right and at the bottom.
    """
    height, width = (max(1, side // SIDE) for side in image.shape[:2])
    rows, columns = image.shape[0] // height, image.shape[1] // width
    parts = image[: rows * height, : columns * width].reshape(rows, height, columns * width * 3)
    # Sums of whole numbers, exact in any order: first down, where memory is contiguous, which is 15 times faster.
    down = np.einsum("rhx->rx", parts, dtype=np.float32, casting="unsafe").reshape(rows, columns, width, 3)
    mean: NDArray[np.float32] = np.einsum("rcwk->rck", down) / np.float32(height * width)
    return mean


class RepeatsEncodedOnce:
    """Encodes the pictures of one video in the order given, and gives a repeated one the vector it had before.

    `encoded` counts those that went through the encoder.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoded = 0
        self.encoder = encoder
        self._known: NDArray[np.float32] | None = None  # (RECENT, D) thumbnails of those encoded last, in a ring
        self._means = np.full(RECENT, np.inf, dtype=np.float32)  # of each, over all parts
        self._vectors: dict[int, NDArray[np.float16]] = {}  # by number of the encoded picture

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
        """Vectors (N, dim) of images (size, size, 3) that follow those given before."""
        first = self.encoded
        new: list[NDArray[np.uint8]] = []
        numbers: list[int] = []
        for image in images:
            small = thumbnail(image).ravel()
            number = self._same(small)
            if number is None:
                number = self._remember(small)
                new.append(image)
            numbers.append(number)
        if new:
            vectors = self.encoder.encode_images(new).astype(np.float16)
            self._vectors |= {first + k: vector for k, vector in enumerate(vectors)}
        found = np.stack([self._vectors[number] for number in numbers])
        self._vectors = {n: vector for n, vector in self._vectors.items() if n >= self.encoded - RECENT}
        return found

    @property
    def resident_bytes(self) -> int:
        """Bytes of the thumbnails and vectors that are remembered."""
        known = 0 if self._known is None else self._known.nbytes + self._means.nbytes
        return known + sum(vector.nbytes for vector in self._vectors.values())

    def _same(self, small: NDArray[np.float32]) -> int | None:
        """The number of the encoded picture that is most like this one, if one is the same."""
        if self._known is None:
            return None
        near = np.flatnonzero(np.abs(self._means - small.mean()) <= MEAN_NOISE)  # others cannot be the same
        some = np.abs(self._known[near, ::SPARSE] - small[::SPARSE])  # nor those that differ in a few of the parts
        near = near[some.max(axis=1, initial=0.0) <= MAX_NOISE]
        differences = np.abs(self._known[near] - small)
        largest = differences.max(axis=1, initial=0.0)
        largest[differences.mean(axis=1) > MEAN_NOISE] = np.inf
        if not len(near) or largest.min() > MAX_NOISE:
            return None
        slot = int(near[largest.argmin()])
        return slot + RECENT * ((self.encoded - 1 - slot) // RECENT)

    def _remember(self, small: NDArray[np.float32]) -> int:
        if self._known is None:
            self._known = np.zeros((RECENT, len(small)), dtype=np.float32)
        number, slot = self.encoded, self.encoded % RECENT
        self._known[slot], self._means[slot] = small, small.mean()
        self.encoded += 1
        return number
