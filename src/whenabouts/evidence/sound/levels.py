"""How loud a video is every 10 ms, and where it sounds one steady tone; a few numbers are kept of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.progress import Fraction
from whenabouts.video.samples import RATE, Samples, samples, windows

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["HOP", "LOWEST", "TONE_HOP", "Levels", "levels"]

HOP = 0.01  # seconds of a level
TONE_HOP = 0.02  # seconds from one spectrum to the next
SPECTRUM = 1024  # samples
LOWEST = -180.0  # dBFS, of digital silence
HUM = 100.0  # Hz, below which a tone is the mains
BATCH = 10.0  # seconds in memory at once

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """`level` (N,): dB relative to full scale, root mean square over each `HOP` seconds from time 0.

    `purity` and `pitch` (M,): of each spectrum, `TONE_HOP` seconds apart, the share of the power at its highest peak,
    and that peak in Hz. A spectrum stands for the middle of its samples.
    """

    level: Array
    purity: Array
    pitch: Array


def levels(video: Video, progress: Fraction | None = None) -> Levels:
    """Of the whole sound; where the track ends before the video, silence. Raises VideoError."""
    hop, tone_hop, length = round(HOP * RATE), round(TONE_HOP * RATE), round(BATCH * RATE)
    loud: list[Array] = []
    pure: list[Array] = []
    pitches: list[Array] = []
    overlap = SPECTRUM - tone_hop
    for first, piece in windows(samples(video), length + overlap, length):
        loud.append(_levels(piece[:length] if len(piece) == length + overlap else piece, hop))
        purity, pitch = _tones(piece, tone_hop)
        pure.append(purity)
        pitches.append(pitch)
        if progress:
            progress(min(1.0, (first + len(piece)) / RATE / video.duration))
    missing = round(video.duration / HOP) - sum(map(len, loud))
    loud.append(np.full(max(0, missing), LOWEST, np.float32))
    return Levels(np.concatenate(loud), np.concatenate([[], *pure]), np.concatenate([[], *pitches]))


def _levels(piece: Samples, hop: int) -> Array:
    whole = np.pad(piece, (0, -len(piece) % hop)).reshape(-1, hop)
    power = np.square(whole, dtype=np.float64).mean(axis=1)
    return decibels(power)


def decibels(power: Array) -> Array:
    """Mean squares as dB relative to full scale, at least `LOWEST`."""
    level: Array = (10 * np.log10(np.maximum(power, 10 ** (LOWEST / 10)))).astype(np.float32)
    return level


def _tones(piece: Samples, hop: int) -> tuple[Array, Array]:
    if len(piece) < SPECTRUM:
        return np.zeros(0), np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(piece, SPECTRUM)[::hop]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(SPECTRUM).astype(np.float32)))).astype(np.float32)
    power[:, : round(HUM * SPECTRUM / RATE)] = 0
    total = power.sum(axis=1)
    peak = np.clip(power.argmax(axis=1), 3, power.shape[1] - 4)
    rows = np.arange(len(power))
    near = sum(power[rows, peak + k] for k in range(-3, 4))
    left, middle, right = (np.log(power[rows, peak + k] + 1e-20) for k in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0.0)
    pitch = (peak + np.clip(shift, -1, 1)) * RATE / SPECTRUM
    return np.where(total > 0, near / np.maximum(total, 1e-20), 0.0), pitch
