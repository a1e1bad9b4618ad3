"""Few long videos: finding a moment of ten seconds in half a minute is not finding it in an hour."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import percent, share
from whenabouts.documents.chart import Histogram, Line, Lines
from whenabouts.documents.document import Table

__all__ = ["LongForm"]

LONG = 600.0  # seconds; ours
FEW = 0.05  # of the queries
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LENGTHS = (0.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, np.inf)  # seconds
FEWEST = 10  # answers of a length, to be drawn


class LongForm(Bias):
    """Lengths of videos, and shares of them that moments take; with answers, the score by the length of the video."""

    name: ClassVar[str] = "long-form scarcity"
    title: ClassVar[str] = "Long-form scarcity: few long videos"

    def look(self, subject: Subject) -> Finding:
        """Present where fewer than a twentieth of the queries are on videos of ten minutes or more."""
        asked = [] if subject.common_length else subject.asked
        if not asked:
            verdict = "cannot be told: the durations of the videos are not known"
            return Finding(self.name, {}, dict(REFERENCES), verdict)
        lengths = np.array([e.duration for e in asked], dtype=np.float64)
        parts = np.concatenate([(e.windows[:, 1] - e.windows[:, 0]) / (e.duration or 1.0) for e in asked])
        long = share(lengths >= LONG, asked)
        middle, part = float(np.median(lengths)), float(np.median(parts))
        figures = {"long videos": long.mean, "long videos high": long.high}
        figures |= {f"video {q:g} (s)": float(np.quantile(lengths, q)) for q in QUANTILES}
        figures |= {f"moment / video {q:g}": float(np.quantile(parts, q)) for q in QUANTILES}
        figures["moment / video mean"] = float(parts.mean())
        told = (
            f"videos of 10 minutes or more have {percent(long)} of the queries; the median video has {middle:.0f} s, "
            f"and the median moment takes {100 * part:.1f} % of it"
        )
        present = True if long.high < FEW else False if long.mean >= FEW else None
        verdict = {
            True: f"bias present: {told}",
            False: f"bias not seen: {told}",
            None: f"cannot be told: {told}, and these are too few queries to rule out 5 %",
        }[present]
        rows = tuple(
            (f"{q:.0%}", float(np.quantile(lengths, q)), float(100 * np.quantile(parts, q))) for q in QUANTILES
        )
        tables = [Table(("quantile", "video (s)", "moment (% of the video)"), rows)]
        edges = tuple(np.linspace(0, 1, 11).tolist())
        shares = np.histogram(parts, edges)[0] / len(parts)
        charts: list[Histogram | Lines] = [
            Histogram(
                "Share of the video that a moment takes", edges, {"moments": tuple(shares.tolist())}, "share", "moments"
            )
        ]
        if subject.judged is not None:
            table, line = _by_length(subject)
            tables += [table]
            seconds = f"video (s), lengths with {FEWEST} queries or more"
            charts += [Lines("Score by the length of the video", {"mIoU": line}, seconds, "mIoU (%)", ("x",))]
        return Finding(self.name, figures, dict(REFERENCES), verdict, (SOURCE,), tuple(tables), tuple(charts), present)


def _by_length(subject: Subject) -> tuple[Table, Line]:
    """The mIoU of a system by the length of the video."""
    assert subject.judged is not None
    report = subject.judged.report
    lengths = np.array([e.duration or np.nan for e in report.examples], dtype=np.float64)
    iou, rows, points = report.per_query["mIoU"], [], []
    for low, high in pairwise(LENGTHS):
        chosen = (lengths > low) & (lengths <= high)
        if chosen.any():
            score = 100 * float(iou[chosen].mean())
            name = f"over {low:g} s" if np.isinf(high) else f"{low:g} to {high:g} s"
            rows.append((name, int(chosen.sum()), score))
            if chosen.sum() >= FEWEST:
                points.append((float(np.median(lengths[chosen])), score))
    return Table(("video", "queries", "mIoU"), tuple(rows)), Line(
        tuple(x for x, _ in points), tuple(y for _, y in points)
    )


SOURCE = (
    "references: means of moment / video; MAD by its paper (2112.00431), ExtremeWhenBench's 9 s in 75.7 minutes by its "
    "own (2606.12300), the others measured here"
)
REFERENCES = {
    "MAD, moment / video": 0.0006,
    "Charades-STA test, moment / video": 0.271,
    "ActivityNet Captions val_2, moment / video": 0.346,
    "TACoS test, moment / video": 0.088,
    "QVHighlights val, moment / video": 0.155,
    "ExtremeWhenBench, moment / video": 0.002,
}
