"""Boundaries on a coarse grid: above some IoU, rounding decides, and not the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Bars, Line, Lines
from whenabouts.documents.document import Table

__all__ = ["Granularity"]

GRIDS = (0.01, 0.1, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 30.0)  # seconds
NEAR = 1e-6  # seconds
FEWEST = 30  # boundaries
ON_GRID = 0.95  # of the boundaries
MEASURABLE = 0.95  # of the queries that a perfect answer must hit
THRESHOLDS = (0.3, 0.5, 0.7, 0.9)
OFFSETS = 11  # places within a cell of the grid, for each end
Windows = NDArray[np.float64]


class Granularity(Bias):
    """The coarsest grid that boundaries lie on, and what exact answers would score against windows rounded to it.

    True ends are taken to be anywhere within half a step of the annotated ones. Boundaries at the start and the end of
    a video lie there whatever the grid, and do not count.
    """

    name: ClassVar[str] = "granularity"
    title: ClassVar[str] = "Granularity: boundaries on a grid"

    def look(self, subject: Subject) -> Finding:
        """Present where an exact answer would miss more than a twentieth of the queries at IoU 0.7."""
        windows, free = _boundaries(subject.examples)
        if len(free) < FEWEST:
            verdict = f"cannot be told: {len(free)} boundaries are inside of a video, and {FEWEST} are needed"
            return Finding(self.name, {}, dict(REFERENCES), verdict)
        on = {step: float((np.abs(free / step - np.round(free / step)) < NEAR / step).mean()) for step in GRIDS}
        step = max((grid for grid, part in on.items() if part >= ON_GRID), default=0.0)
        ceilings = _ceilings(windows, step)
        lost = [m for m, value in ceilings.items() if value < MEASURABLE]
        figures = {f"on a grid of {grid:g} s": part for grid, part in on.items()} | {"grid": step}
        figures |= {f"exact answers R1@{m}": 100 * value for m, value in ceilings.items()}
        figures["exact answers mIoU"] = 100 * float(_overlaps(windows, step).mean())
        present = ceilings[0.7] < MEASURABLE
        told = (
            f"boundaries are on a grid of {step:g} s, {100 * on[step]:.0f} % of them, on which answers that are exact "
            f"have R1@0.7 {100 * ceilings[0.7]:.1f} and mIoU {figures['exact answers mIoU']:.1f}"
            if step
            else "boundaries lie on no grid of a hundredth of a second or more"
        )
        verdict = f"bias present: {told}" if present else f"bias not seen: {told}"
        cannot = ", ".join(f"R1@{m}" for m in lost)
        sentences = (
            f"cannot be measured: {cannot}, for exact answers miss more than 5 % of the queries"
            if lost
            else "R1 can be measured up to IoU 0.9",
            SOURCE,
        )
        table = Table(("grid (s)", "boundaries on it (%)"), tuple((grid, 100 * part) for grid, part in on.items()))
        charts = (
            Bars(
                "Boundaries on grids", tuple(f"{grid:g} s" for grid in on), {"boundaries": tuple(on.values())}, "share"
            ),
            Lines(
                "What exact answers would score",
                {"exact answers": Line(tuple(ceilings), tuple(100 * value for value in ceilings.values()))},
                "IoU threshold",
                "R1 (%)",
            ),
        )
        return Finding(self.name, figures, dict(REFERENCES), verdict, sentences, (table,), charts, present)


def _boundaries(examples: Sequence[Example]) -> tuple[Windows, NDArray[np.float64]]:
    """All windows that last (N, 2), and the boundaries (K,) inside of the videos, in seconds."""
    rows = [(w, e.duration or np.inf) for e in examples for w in e.windows.tolist()]
    windows = np.array([w for w, _ in rows], dtype=np.float64).reshape(-1, 2)
    ends = np.array([end for _, end in rows], dtype=np.float64)
    good = np.isfinite(windows).all(axis=1) & (windows[:, 1] > windows[:, 0])
    windows, ends = windows[good], ends[good]
    inside = np.concatenate([windows[:, 0][windows[:, 0] > NEAR], windows[:, 1][windows[:, 1] < ends - NEAR]])
    return windows, inside


def _overlaps(windows: Windows, step: float) -> NDArray[np.float64]:
    """(N, K) IoU of the windows with K true ones each, whose ends are within half a step."""
    lengths = windows[:, 1] - windows[:, 0]
    offsets = (np.arange(OFFSETS) + 0.5) / OFFSETS * step - step / 2
    early, late = (each.ravel()[None, :] for each in np.meshgrid(offsets, offsets))
    length = lengths[:, None]
    shared = np.maximum(0.0, np.minimum(length, length + late) - np.maximum(0.0, early))
    hull = np.maximum(length, length + late) - np.minimum(0.0, early)
    return np.where(hull > 0, shared / np.where(hull > 0, hull, 1.0), 0.0)


def _ceilings(windows: Windows, step: float) -> dict[float, float]:
    overlap = _overlaps(windows, step)
    return {m: float((overlap >= m - NEAR).mean()) for m in THRESHOLDS}


SOURCE = "references: steps found here in the published files of these data sets"
REFERENCES = {
    "DiDeMo, grid (s)": 5.0,
    "QVHighlights, grid (s)": 2.0,
    "Charades-STA, grid (s)": 0.1,
    "ActivityNet Captions, grid (s)": 0.01,
}
