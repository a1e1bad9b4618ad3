"""Two sets of answers to the same queries beside each other, in words: what each has learned, and what not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.judged import Judged
from whenabouts.auditing.portraits.portrait import FEWEST, Trait
from whenabouts.benchmarks.example import Example
from whenabouts.moment import tiou
from whenabouts.trust.flaws.bounds import mean_interval

__all__ = ["Manner", "beside", "manner"]

Array = NDArray[np.float64]
HIT = 0.5  # tIoU
ELSEWHERE = 0.1  # tIoU, below which a miss has nothing of the moment
LOOSE, TIGHT = 0.65, 0.75  # median tIoU of hits, up to which they are loose, and from which on tight
NEAR, TOTAL = 0.4, 0.6  # share of misses that are elsewhere, up to which misses are near, and from which on total
LEVELS = np.arange(30, 100) / 100  # thresholds at which hits are compared, from the lowest that is usual
LEARNED = {
    ("loose", "total"): "it knows which moments it knows, but not from when to when, and finds nothing of the others",
    ("tight", "total"): "it has learned from when to when, and finds nothing of the moments that it does not know",
    ("loose", "near"): "it has learned where, and not from when to when",
    ("tight", "near"): "it has learned where, and from when to when",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a system hits and misses.

    hits:      share of tIoU at least 0.5, and `miou`: the mean
    of_hits:   median tIoU of hits, and `of_misses`: mean tIoU of misses
    elsewhere: share of misses that have less than 0.1, refusals among them
    longer:    median length of hits by that of the moment
    """

    hits: float
    miou: float
    of_hits: float
    of_misses: float
    elsewhere: float
    longer: float

    @property
    def learned(self) -> str | None:
        """What that says of it, where both are plain."""
        hits = "loose" if self.of_hits <= LOOSE else "tight" if self.of_hits >= TIGHT else ""
        misses = "near" if self.elsewhere <= NEAR else "total" if self.elsewhere >= TOTAL else ""
        return LEARNED.get((hits, misses))


def manner(judged: Judged) -> Manner:
    """Of the first windows of a system; a query without an answer is a miss elsewhere."""
    return _manner(*_overlaps(judged, [e for e in judged.examples if len(e.windows)]))


def beside(one: Judged, other: Judged) -> list[Trait]:
    """What differs, in sentences, on the queries of both; none where these are fewer than 20.

    `score`: where hits and mean tIoU stand, with bounds of 95 % over videos; `manner`: how each hits and misses;
    `crossing`: up to which threshold one of them is ahead, where it is not ahead at all of them.
    """
    known = {e.qid for e in other.examples}
    examples = [e for e in one.examples if len(e.windows) and e.qid in known]
    if len(examples) < FEWEST:
        return []
    names = (one.name, other.name) if one.name != other.name else (f"{one.name} (A)", f"{other.name} (B)")
    found = [_overlaps(each, examples) for each in (one, other)]
    a, b = (overlap for overlap, _ in found)
    traits = [_score(names, a, b, [e.video for e in examples])]
    traits += [_told(name, _manner(*each)) for name, each in zip(names, found, strict=True)]
    crossing = _crossing(names, a, b)
    return [*traits, crossing] if crossing else traits


def _score(names: tuple[str, str], a: Array, b: Array, videos: Sequence[str]) -> Trait:
    figures: dict[str, float] = {}
    parts, ahead = [], []
    for title, one, other in (("R1@0.5", a >= HIT, b >= HIT), ("mIoU", a, b)):
        gap = mean_interval(np.subtract(one, other, dtype=np.float64), videos)
        sure = gap.low > 0 or gap.high < 0
        ahead.append((gap.mean > 0) - (gap.mean < 0) if sure else 0)
        figures |= {f"{title} difference": gap.mean, f"{title} low": gap.low, f"{title} high": gap.high}
        parts.append(
            f"{title} {100 * float(one.mean()):.1f} of {names[0]}, {100 * float(other.mean()):.1f} of {names[1]} "
            f"({100 * gap.mean:+.1f}, 95 % {100 * gap.low:+.1f} to {100 * gap.high:+.1f})"
        )
    shown = "; ".join(parts)
    if ahead[0] * ahead[1] < 0:
        more, better = names if ahead[0] > 0 else names[::-1]
        said = f"{more} hits more at 0.5, and {better} overlaps more in the mean: {shown}"
    elif any(ahead):
        best = names[0] if sum(ahead) > 0 else names[1]
        said = f"{best} is ahead: {shown}"
    else:
        said = f"neither {names[0]} nor {names[1]} is surely ahead: {shown}"
    return Trait("score", said, figures)


def _told(name: str, of: Manner) -> Trait:
    figures = {f"{name}: {field}": float(getattr(of, field)) for field in Manner.__slots__}
    said = (
        f"hits of {name} have a tIoU of {of.of_hits:.2f} in the median and are {of.longer:.2f} times as long as the "
        f"moment; {of.elsewhere:.0%} of its misses have nothing of it (tIoU {of.of_misses:.2f} in the mean)"
    )
    return Trait("manner", f"{said}: {of.learned}" if of.learned else said, figures)


def _crossing(names: tuple[str, str], a: Array, b: Array) -> Trait | None:
    """Where the curves of hits by threshold change places, if they do once."""
    gaps = np.array([float((a >= level).mean() - (b >= level).mean()) for level in LEVELS])
    signs = np.sign(np.where(np.abs(gaps) > 1 / len(a) ** 0.5 / 4, gaps, 0))
    plain = signs[signs != 0]
    if not len(plain) or (np.diff(plain) != 0).sum() != 1:
        return None
    last = int(np.flatnonzero(signs == plain[0])[-1])
    turn = float(LEVELS[last + int(np.argmax(np.sign(gaps[last:]) == plain[-1]))])
    first, then = names if plain[0] > 0 else names[::-1]
    said = f"{first} hits more up to a tIoU of {turn:.2f}, and {then} beyond it"
    return Trait("crossing", said, {"threshold": turn})


def _overlaps(judged: Judged, examples: Sequence[Example]) -> tuple[Array, Array]:
    """(Q,) tIoU of the first window with the best truth, 0 without one, and its length by that of that truth."""
    found = np.zeros((2, len(examples)))
    for place, example in enumerate(examples):
        windows = judged.windows.get(example.qid)
        if windows is not None and len(windows):
            each = tiou(windows[0], example.windows)[0]
            low, high = example.windows[int(np.argmax(each))]
            found[:, place] = each.max(), (windows[0][1] - windows[0][0]) / max(high - low, 1e-9)
    return found[0], found[1]


def _manner(overlap: Array, longer: Array) -> Manner:
    hit = overlap >= HIT
    return Manner(
        hits=float(hit.mean()),
        miou=float(overlap.mean()),
        of_hits=float(np.median(overlap[hit])) if hit.any() else 0.0,
        of_misses=float(overlap[~hit].mean()) if not hit.all() else 0.0,
        elsewhere=float((overlap[~hit] < ELSEWHERE).mean()) if not hit.all() else 0.0,
        longer=float(np.median(longer[hit])) if hit.any() else 0.0,
    )
