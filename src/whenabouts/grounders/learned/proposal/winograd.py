"""Convolutions of large kernels over maps with fewer multiplications, and only where their results are asked for.

Winograd's minimal filtering (Lavin and Gray 2016, arXiv:1509.09308) of tiles of 4 x 4 results and kernels of 5 x 5:
both are evaluated at eight points a side, 64 products stand for 400, and each point is a matrix product over channels.
A larger kernel is cut into parts of at most 5 x 5 that lie one tile apart, so that all parts read the same tiles.

Results differ from those of a direct convolution by rounding alone: about 4e-6 of their spread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from whenabouts.grounders.learned.products import traced

__all__ = ["pays", "tiled_conv2d"]

TILE, TAPS = 4, 5
SIDE = TILE + TAPS - 1
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)  # and infinity
LEAST_CHANNELS, LEAST_PLACES = 128, 2048  # with fewer, changing the kernel costs what is saved


def pays(x: Tensor, weight: Tensor) -> bool:
    """Whether it is faster than the library's for maps (B, C, H, W): where all is large, in float32 on a CPU."""
    large = weight.shape[-1] >= TAPS and min(weight.shape[:2]) >= LEAST_CHANNELS
    large = large and x.shape[0] * x.shape[2] * x.shape[3] >= LEAST_PLACES
    return large and x.device.type == "cpu" and x.dtype == torch.float32 and not traced()


def tiled_conv2d(x: Tensor, weight: Tensor, bias: Tensor, padding: int, wanted: Tensor | None = None) -> Tensor:
    """`conv2d` of maps whose channels are last: (B, H, W, C) and (O, C, k, k) -> (B, H', W', O).

    wanted: (H', W') where results matter; tiles of 4 x 4 without any are 0. None: everywhere
    """
    parts = -(-(weight.shape[-1] - 1) // TILE)
    rows, columns = (side + 2 * padding - weight.shape[-1] + 1 for side in x.shape[1:3])
    results = _tiles(torch.ones(rows, columns, dtype=torch.bool) if wanted is None else wanted)
    place, (down, across) = results.nonzero(), results.shape
    of_results, of_kernels, _ = _matrices()
    at_all = torch.kron(of_kernels, of_kernels)
    kernels = [(at_all @ part.T).view(SIDE, SIDE, *weight.shape[:2]).unbind() for part in _parts(weight, parts)]
    # a row of points at a time: what is taken and given back in pieces of some megabytes needs no new memory
    made = [
        of_results @ sum(tiles @ kernel for tiles, kernel in pairs).flatten(1)  # type: ignore[union-attr]
        for pairs in _points(x, kernels, place, padding, down, across, parts)
    ]
    tiles = (of_results @ torch.stack(made).flatten(1)).view(TILE, TILE, len(place), len(x), len(bias)) + bias
    tiles = tiles.permute(2, 0, 1, 3, 4)
    if len(place) < results.numel():
        tiles = tiles.new_zeros(down * across, *tiles.shape[1:]).index_copy(
            0, place[:, 0] * across + place[:, 1], tiles
        )
    whole = tiles.reshape(down, across, TILE, TILE, len(x), len(bias)).permute(4, 0, 2, 1, 3, 5)
    return whole.reshape(len(x), down * TILE, across * TILE, len(bias))[:, :rows, :columns]


def _tiles(wanted: Tensor) -> Tensor:
    """Which tiles have a place that is wanted: (H, W) -> (H / 4, W / 4), rounded up."""
    rows, columns = wanted.shape
    whole = pad(wanted, (0, -columns % TILE, 0, -rows % TILE))
    return whole.view(whole.shape[0] // TILE, TILE, whole.shape[1] // TILE, TILE).any(3).any(1)


def _points(
    x: Tensor, kernels: Sequence[Sequence[Tensor]], place: Tensor, padding: int, down: int, across: int, parts: int
) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """For each row of points what is multiplied, per part of the kernel: tiles (8, R·B, C) and kernel (8, C, O)."""
    batch, high, wide, channels = x.shape
    of_tiles = _matrices()[2]
    tall, broad = (down + parts) * TILE, (across + parts) * TILE
    x = pad(x, (0, 0, padding, broad - wide - padding, padding, tall - high - padding))
    strips = x.unfold(1, SIDE, TILE).permute(4, 1, 0, 2, 3).reshape(SIDE, -1)  # a tile high, and as wide as the map
    index = (torch.arange(batch) * broad + torch.arange(SIDE)[:, None, None]) + place[:, 1, None] * TILE
    index, count = index + place[:, :1] * (batch * broad), len(place) * batch
    for row, strip in enumerate((of_tiles @ strips).view(SIDE, -1, channels).unbind()):
        pairs = []
        for number, kernel in enumerate(kernels):
            down_by, across_by = divmod(number, parts)
            shift = down_by * batch * broad + across_by * TILE
            tiles = strip.index_select(0, (index + shift).flatten()).view(SIDE, count * channels)
            tiles = (of_tiles @ tiles).view(SIDE, count, channels)
            pairs.append((tiles, kernel[row].transpose(1, 2)))
        yield pairs


def _parts(weight: Tensor, parts: int) -> list[Tensor]:
    """The kernel cut into parts², (O·C, 25) each; the fifth tap of a part is the first of the next but for the last."""
    short, found = parts * TILE + 1 - weight.shape[-1], []
    weight = pad(weight, (0, short, 0, short)) if short else weight
    for row, column in np.ndindex(parts, parts):
        high, wide = (TAPS if place == parts - 1 else TILE for place in (row, column))
        part = weight[..., row * TILE : row * TILE + high, column * TILE : column * TILE + wide]
        found.append(pad(part, (0, TAPS - wide, 0, TAPS - high)).reshape(-1, TAPS * TAPS))
    return found


@cache
def _matrices() -> tuple[Tensor, Tensor, Tensor]:
    """Matrices of results (4, 8), kernels (8, 5) and tiles (8, 8): of polynomials through `POINTS` (Toom and Cook)."""
    gaps = np.array([np.prod([p - q for q in POINTS if q != p]) for p in POINTS])
    powers = np.vander(POINTS, TAPS, increasing=True)
    results = np.zeros((TILE, SIDE))
    results[:, :-1], results[-1, -1] = powers[:, :TILE].T, 1
    kernels = np.zeros((SIDE, TAPS))
    kernels[:-1], kernels[-1, -1] = powers / gaps[:, None], 1
    tiles = np.zeros((SIDE, SIDE))
    for row, point in enumerate(POINTS):
        tiles[row, :-1] = np.poly([q for q in POINTS if q != point])[::-1]
    tiles[-1] = np.poly(POINTS)[::-1]
    scale = np.sqrt(np.abs(kernels).sum(1) / np.abs(tiles).sum(1))[:, None]  # of like size on both sides: less rounding
    return tuple(torch.tensor(m, dtype=torch.float32) for m in (results, kernels / scale, tiles * scale))  # type: ignore[return-value]
