"""Silence, sudden and loud sound, changes of loudness and steady tones, from levels alone.

All is relative to the file's own loudness: a quiet recording is not silent, and a room's own noise is silence where
people spoke before and after. Below -60 dBFS nothing is heard at all, whatever the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.found import Found
from whenabouts.evidence.sound.levels import HOP, LOWEST, SPECTRUM, TONE_HOP, Levels, decibels
from whenabouts.video.samples import RATE

__all__ = ["loudness_stretches", "quiet_below", "runs"]

INAUDIBLE = -60.0  # dBFS
BELOW_LOUD = 14.0  # dB that silence lies under what is loud in the file, at least
ABOVE_FLOOR = 5.0  # dB over the file's own floor that silence still is
STEADY = 2.5  # dB of deviation of a room's own noise; quiet music varies more
RIPPLE = 4.0  # dB that noise may exceed the level of silence for a moment
CLICK = 0.02  # seconds of sound that do not end a silence
SHORTEST_SILENCE = 1.0  # seconds; people pause that long within a sentence
SUDDEN = 18.0  # dB over the second before
GONE = 10.0  # dB that a sudden noise has fallen half a second later; a voice or music that begins goes on
LOUDER = 10.0  # dB between the seconds before and after a change of loudness
LASTING = 6.0  # dB between what they mostly are
ACTIVE = 0.4  # share of those seconds in which something is heard
PURE = 0.85  # share of the power in one peak, of every spectrum of a tone ...
PUREST = 0.97  # ... and of half of them: notes of instruments come near, and swell and fade besides
LEVEL = 2.0  # dB of deviation of a tone's level; a note fades
NEIGHBOURS = 1.5  # seconds before and after, in which music has other notes ...
NOTE = 0.6  # ... whose power is so much in one peak ...
NOTES = 0.3  # ... for this share of the time
SHORTEST_TONE = 0.1  # seconds
OFF_PITCH = 4.0  # Hz that a steady tone wavers

Array = NDArray[np.floating[Any]]


def loudness_stretches(heard: Levels) -> list[Found]:
    """Everything that levels tell, in order of time."""
    level = heard.level
    if not len(level):
        return []
    loud = _loud(level)
    quiet = quiet_below(level)
    tones = [*_tones(heard, quiet)]
    found = [*_silences(level, quiet, loud), *tones, *_loud_stretches(level, quiet), *_changes(level)]
    found += [noise for noise in _sudden(level) if not any(_overlap(noise, beep) for beep in tones)]
    return sorted(found, key=lambda one: (one.start, one.end))


def runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """[first, last) of consecutive true flags.

    >>> list(runs(np.array([True, False, True, True])))
    [(0, 1), (2, 4)]
    """
    at = 0
    for value, group in groupby(flags.tolist()):
        count = sum(1 for _ in group)
        if value:
            yield at, at + count
        at += count


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def quiet_below(level: Array) -> float:
    """The level in dBFS under which the file is silent."""
    return max(INAUDIBLE, min(_loud(level) - BELOW_LOUD, _floor(level) + ABOVE_FLOOR))


def _floor(level: Array) -> float:
    """The noise under everything in the file, digital silence aside."""
    audible = level[level > INAUDIBLE - 15]
    return float(np.percentile(audible, 10)) if audible.size else INAUDIBLE


def _loud(level: Array) -> float:
    """What is loud in the file; a click or two do not count."""
    return float(np.percentile(level, 99)) - 6


def _silences(level: Array, quiet: float, loud: float) -> Iterator[Found]:
    """Strength: dB under what is loud in the file; 0 where nothing is."""
    around = np.convolve(np.pad(np.maximum(level, INAUDIBLE - 15), 5, mode="edge"), np.full(11, 1 / 11), "valid")
    silent = (level <= quiet) | ((level <= quiet + RIPPLE) & (around <= quiet))
    for first, last in list(runs(~silent)):
        if first and last < len(level) and (last - first) * HOP <= CLICK + 1e-9:
            silent[first:last] = True
    for first, last in runs(silent):
        part = level[first:last]
        middle = float(np.median(part))
        steady = middle <= INAUDIBLE or float(part[part > INAUDIBLE - 30].std()) <= STEADY
        if (last - first) * HOP >= SHORTEST_SILENCE and steady:
            yield Found("silence", first * HOP, last * HOP, loud - middle)


def _mean(level: Array, seconds: float) -> Array:
    """Level of each `seconds` from each time on, (N - n + 1,) dB."""
    count = max(1, round(seconds / HOP))
    return decibels(_sum(10 ** (level.astype(np.float64) / 10), count) / count)


def _sudden(level: Array) -> Iterator[Found]:
    """Strength: dB over the second before."""
    short = _mean(level, 0.05)
    before = round(1 / HOP)
    if len(short) <= before:
        return
    needed = min(float(np.percentile(level, 99)) + 3, float(np.percentile(level, 90)) + 12)
    at = before
    while at < len(short):
        if short[at] >= needed:
            rise = float(short[at] - np.median(np.maximum(short[at - before : at], INAUDIBLE)))
            peak = float(short[at : at + 10].max())
            after = short[at + 50 : at + 100]
            if rise >= SUDDEN and (not after.size or float(np.median(after)) <= peak - GONE):
                end = at + 1
                while end < min(len(short), at + before) and short[end] > peak - 20:
                    end += 1
                start = at + int(np.argmax(level[at : at + 5] >= needed))
                yield Found("sudden", start * HOP, max(end, start + 5) * HOP, rise)
                at = end + before // 2
                continue
        at += 1


def _loud_stretches(level: Array, quiet: float) -> Iterator[Found]:
    """Strength: dB over the middle of what is heard."""
    heard = level[level > quiet]
    if not heard.size:
        return
    usual = float(np.median(heard))
    smooth = _mean(level, 0.4)
    for first, last in runs(smooth > usual + 12):
        if (last - first) * HOP >= 0.3:
            end = min(len(level), last + round(0.2 / HOP))
            yield Found("loud", (first + round(0.2 / HOP)) * HOP, end * HOP, float(smooth[first:last].max()) - usual)


def _changes(level: Array) -> Iterator[Found]:
    """Strength: dB between the three seconds before and after, of what is heard; a pause is no change."""
    count = round(3.0 / HOP)
    if len(level) <= 2 * count:
        return
    heard = level > max(INAUDIBLE, _floor(level) + ABOVE_FLOOR)
    active = _sum(heard.astype(np.float64), count)
    both = np.minimum(active[:-count], active[count:]) >= ACTIVE * count
    usual = _sum(np.where(heard, level.astype(np.float64) - LOWEST, 0.0), count) / np.maximum(active, 1)
    power = decibels(_sum(np.where(heard, 10 ** (level.astype(np.float64) / 10), 0.0), count) / np.maximum(active, 1))
    lasting = np.abs(usual[count:] - usual[:-count]) >= LASTING  # not by one beep or bang
    step = np.where(both & lasting, power[count:] - power[:-count], 0.0)
    until = -np.inf
    for first, last in runs(np.abs(step) >= LOUDER):
        at = first + int(np.abs(step[first:last]).argmax())
        time = (at + count) * HOP
        if time >= until:  # else the same change, seen once more
            until = time + 3.0
            what = "louder" if step[at] > 0 else "quieter"
            yield Found(what, max(0.0, time - 1), min(len(level) * HOP, time + 1), float(abs(step[at])))


def _sum(values: Array, count: int) -> Array:
    """Of each `count` values from each place on, (N - count + 1,)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    sums: Array = np.maximum(total[count:] - total[:-count], 0)
    return sums


def _tones(heard: Levels, quiet: float) -> Iterator[Found]:
    """Strength: pitch in Hz."""
    if not len(heard.purity):
        return
    middle = SPECTRUM / 2 / RATE
    at = ((np.arange(len(heard.purity)) * TONE_HOP + middle) / HOP).astype(int)
    audible = heard.level[np.minimum(at, len(heard.level) - 1)] > max(quiet, -50.0)
    pure = audible & (heard.purity >= PURE)
    steady = np.concatenate([[False], np.abs(np.diff(heard.pitch)) <= OFF_PITCH])
    for first, last in runs(pure & (steady | np.roll(steady, -1))):
        pitch = float(np.median(heard.pitch[first:last]))
        inner = heard.level[at[first] : at[last - 1] + 1]
        if np.median(heard.purity[first:last]) < PUREST or inner.std() > LEVEL:
            continue
        if _among_notes(heard, audible, first, last, pitch):
            continue
        start, end = first * TONE_HOP + middle, (last - 1) * TONE_HOP + middle
        start, end = _tone_edge(heard.level, start, -1, quiet), _tone_edge(heard.level, end, 1, quiet)
        if end - start >= SHORTEST_TONE and np.abs(heard.pitch[first:last] - pitch).max() <= 2 * OFF_PITCH:
            yield Found("tone", start, end, pitch)


def _among_notes(heard: Levels, audible: NDArray[np.bool_], first: int, last: int, pitch: float) -> bool:
    """Whether the sound around a tone consists of notes: a beep stands alone, or is repeated as pure as it is."""
    margin, reach = round(0.1 / TONE_HOP), round(NEIGHBOURS / TONE_HOP)
    around = np.r_[max(0, first - reach) : max(0, first - margin), last + margin : last + reach]
    around = around[around < len(heard.purity)]
    purity = heard.purity[around]
    itself = (purity >= PUREST) & (np.abs(heard.pitch[around] - pitch) <= 2 * OFF_PITCH)
    notes = audible[around] & (purity >= NOTE) & ~itself
    return bool(around.size and notes.sum() > NOTES * around.size)


def _tone_edge(level: Array, time: float, step: int, quiet: float) -> float:
    """Where a tone that lasts at `time` truly ends: where the level drops, within half a spectrum."""
    at = min(len(level) - 1, round(time / HOP))
    own = level[at]
    for k in range(1, round(SPECTRUM / 2 / RATE / HOP) + 2):
        beyond = at + step * k
        if not 0 <= beyond < len(level) or level[beyond] < max(own - 8, quiet):
            return (beyond + (1 if step < 0 else 0)) * HOP
    return time
