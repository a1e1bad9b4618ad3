"""How MeCo reads windows out of the cosines of structural tokens and frames.

The rules are those of `get_boundaries` in `tools/compute_metrics_charades_qvh.py` of pangzss/MeCo, in its precision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from whenabouts.grounders.llm.systems.meco.head import EVENT
from whenabouts.moment import Moment, tiou

__all__ = ["Found", "clips", "decode"]

MIN_SIMILARITY = 0.7  # of the rescaled cosine
NMS_TIOU = 0.7  # from which the weaker window goes

Window = tuple[float, float, float]


class Found(NamedTuple):
    """What the structural tokens of one answer tell.

    windows:  (start, end, confidence) in seconds, best first; one that a better one overlaps has confidence 0
    saliency: one value a second, the mean over events; where nothing was found, 1 for every second
    nothing:  no frame was kept, and the one window is the whole video, with the official confidence of 1
    """

    windows: tuple[Window, ...]
    saliency: tuple[float, ...]
    nothing: bool = False

    @property
    def moments(self) -> list[Moment]:
        """The windows that no better one overlaps, best first; none where nothing was found."""
        return [] if self.nothing else [Moment(*window) for window in self.windows if window[2] > 0]


def decode(cosines: Tensor, scale: float, kinds: Sequence[str], duration: float, *, charades: bool = False) -> Found:
    """Windows of the `<ent>` tokens of one answer; cosines (K, T), `kinds` of length K, duration in seconds.

    charades: as for Charades-STA, a frame counts only where its token is at least as sure of it as every other
            structural token; then all that is kept grows by a frame on both sides. Elsewhere the rescaled cosine alone
            decides

    A run of kept frames i..j is the window [i, j], a single one [i, i + 1]; its confidence is the largest softmax of
    its token over frames from start to end. Raises ValueError.
    """
    if len(kinds) != len(cosines):
        raise ValueError(f"{len(cosines)} rows of cosines but {len(kinds)} structural tokens; give one kind per row")
    whole = Found(((0.0, duration, 1.0),), (1.0,) * int(duration), nothing=True)
    events = [row for row, kind in enumerate(kinds) if kind == EVENT]
    if not events:
        return whole
    cosines = cosines.detach().float().cpu()
    sure = (cosines * scale).softmax(1)
    rows: list[list[float]] = []
    for row in events:
        span = cosines[row].amax() - cosines[row].amin()
        kept = (cosines[row] - cosines[row].amin()) / span > MIN_SIMILARITY
        if charades:
            others = [other for other in range(len(kinds)) if other != row]
            if others:
                kept &= sure[row] >= sure[others].amax(0)
            kept = _grown(kept)
        for first, last in _runs(kept):
            rows.append([first, last, float(sure[row, first : last + 1].max())])
    if not rows:
        return whole
    ranked = _suppressed(torch.tensor(rows)).tolist()
    return Found(tuple((start, end, score) for start, end, score in ranked), tuple(sure[events].mean(0).tolist()))


def clips(saliency: Sequence[float]) -> list[float]:
    """Saliency per second as QVHighlights scores it, per 2 s; an odd last second is left out."""
    pairs: list[float] = torch.tensor(saliency[: len(saliency) // 2 * 2]).reshape(-1, 2).mean(1).tolist()
    return pairs


def _grown(mask: Tensor) -> Tensor:
    wider = mask.clone()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    return wider


def _runs(mask: Tensor) -> Iterator[tuple[int, int]]:
    """First and last frame of each run, the last one a frame later where they are the same."""
    start = None
    for place, kept in enumerate([*mask.tolist(), False]):
        if kept and start is None:
            start = place
        elif not kept and start is not None:
            yield start, max(place - 1, start + 1)
            start = None


def _suppressed(windows: Tensor) -> Tensor:
    """Windows (N, 3) by confidence, which is 0 where a better one overlaps; ties fall as they do in torch."""
    for i in range(len(windows)):
        best = i + int(windows[i:, 2].argmax())
        windows[[i, best]] = windows[[best, i]]
        rest = windows[i + 1 :]
        overlap = torch.from_numpy(tiou(windows[i, :2].numpy(), rest[:, :2].numpy())[0])
        rest[overlap >= NMS_TIOU, 2] = 0
    return windows[windows[:, 2].argsort(descending=True)]
