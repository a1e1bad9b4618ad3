"""Which cases a probe asks where there are more than it needs, and which of them share an edited video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.trust.probe import Case

__all__ = ["by_moment", "chosen_cases"]


def chosen_cases(cases: Sequence[Case], most: int, seed: int) -> tuple[list[Case], tuple[str, ...]]:
    """At most so many cases, in their order, chosen by seed; and a note where there are more.

    Queries that happen at the same times of a video are chosen together, since they share what is edited.
    """
    if len(cases) <= most:
        return list(cases), ()
    groups = by_moment(cases, [np.zeros((0, 2)) if case.truth is None else case.truth for case in cases])
    groups += [[n] for n, case in enumerate(cases) if case.truth is None or not len(case.truth)]
    order = [n for at in np.random.default_rng(seed).permutation(len(groups)) for n in groups[int(at)]]
    return [cases[n] for n in sorted(order[:most])], (f"{most} of {len(cases)} queries were chosen at random",)


def by_moment(cases: Sequence[Case], windows: Sequence[NDArray[np.float64]]) -> list[list[int]]:
    """Numbers of cases that share a video and windows (M, 2), together; those without windows are left out."""
    groups: dict[tuple[str, bytes], list[int]] = {}
    for number, (case, each) in enumerate(zip(cases, windows, strict=True)):
        if len(each):
            groups.setdefault((case.video.sha256, np.asarray(each, np.float64).tobytes()), []).append(number)
    return list(groups.values())
