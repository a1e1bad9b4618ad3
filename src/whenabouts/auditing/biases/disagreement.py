"""Annotators disagree: above what people reach among themselves, a score measures whose windows were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import FEWEST, percent, share
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Histogram
from whenabouts.evaluation.statistics import same_query
from whenabouts.moment import tiou

__all__ = ["Disagreement"]

THRESHOLD = 0.5
AGREED = 0.9  # of the time a second person must hit, so that nothing is said; ours
APART = 2  # steps between ratings of one clip
Windows = NDArray[np.float64]


class Disagreement(Bias):
    """How often the window of one person hits that of another, at IoU > 0.5: what can be scored at most.

    Opinions are windows of people who annotated a query again; else the windows of data sets whose windows are
    opinions, as DiDeMo's; else rows of one split that ask the same question of the same video, as in TACoS.
    """

    name: ClassVar[str] = "annotator disagreement"
    title: ClassVar[str] = "Annotator disagreement: what people reach"

    def look(self, subject: Subject) -> Finding:
        """Present where the upper bound of people's R1@0.5 is below 90."""
        opinions, source = _opinions(subject)
        if len(opinions) < FEWEST:
            return self._rated(subject, len(opinions))
        known = {e.qid: e for e in subject.examples}
        examples = [known[qid] for qid in opinions]
        tables = [tiou(windows, windows) for windows in opinions.values()]
        others = [table[~np.eye(len(table), dtype=bool)] for table in tables]
        human = share([float((values > THRESHOLD).mean()) for values in others], examples)
        lowest = np.array([values.min() for values in others])
        figures = {
            "queries with opinions": float(len(opinions)),
            "people R1@0.5": 100 * human.mean,
            "people R1@0.5 high": 100 * human.high,
            "people mIoU": 100 * float(np.mean([values.mean() for values in others])),
            "median of the lowest IoU": float(np.median(lowest)),
        }
        sentences = [source]
        if subject.opinions:
            figures |= _against_truth(opinions, tables, known)
            sentences.append(
                f"against the annotations one of them has R1@0.5 {figures['one person R1@0.5']:.1f}, and the one who "
                f"agrees most with the others {figures['representative R1@0.5']:.1f}"
            )
        present = human.high < AGREED
        told = f"the window of one person hits that of another at IoU > 0.5 {percent(human)} of the time"
        verdict = (
            f"bias present: {told}; a score above that measures whose windows were kept"
            if present
            else f"bias not seen: {told}"
        )
        edges = tuple(np.linspace(0, 1, 11).tolist())
        counts = np.histogram(np.concatenate(others), edges)[0]
        chart = Histogram(
            "IoU of two people's windows",
            edges,
            {"pairs": tuple((counts / counts.sum()).tolist())},
            "IoU",
            "share of pairs",
        )
        return Finding(self.name, figures, dict(REFERENCES), verdict, (*sentences, SOURCE), (), (chart,), present)

    def _rated(self, subject: Subject, asked_again: int) -> Finding:
        """Without opinions on windows; ratings of clips by several people say something all the same."""
        spread = [np.ptp(e.saliency, axis=1) for e in subject.examples if e.saliency is not None and e.saliency.size]
        told = f"cannot be told: {asked_again} queries have windows of several people, and {FEWEST} are needed"
        if not spread or subject.examples[0].saliency is None or subject.examples[0].saliency.shape[1] < 2:
            return Finding(self.name, {}, dict(REFERENCES), told)
        apart = float((np.concatenate(spread) >= APART).mean())
        also = (
            f"{told}; of one clip, the ratings of several people are 2 or more steps of 5 apart in {100 * apart:.1f} %"
        )
        return Finding(self.name, {"clips rated apart": apart}, dict(REFERENCES), also, (SOURCE,))


def _opinions(subject: Subject) -> tuple[dict[str | int, Windows], str]:
    """Windows of at least two people by qid, and where they are from."""
    if subject.opinions:
        known = {e.qid for e in subject.examples}
        given = {qid: w for qid, w in subject.opinions.items() if qid in known and len(w) > 1}
        return given, "opinions: windows of people who annotated these queries again"
    if subject.dataset.protocol == "didemo":
        return {
            e.qid: e.windows for e in subject.examples if len(e.windows) > 1
        }, "opinions: the windows of each query, one by each annotator"
    rows: dict[tuple[str, str], list[Example]] = {}
    for e in subject.examples:
        if len(e.windows) == 1:
            rows.setdefault(same_query(e), []).append(e)
    repeated = [list({e.windows.tobytes(): e for e in same}.values()) for same in rows.values() if len(same) > 1]
    return {
        same[0].qid: np.concatenate([e.windows for e in same]) for same in repeated if len(same) > 1
    }, "opinions: windows of rows that ask the same question of the same video; they may be several moments"


def _against_truth(
    opinions: Mapping[str | int, Windows], tables: Sequence[Windows], known: Mapping[str | int, Example]
) -> dict[str, float]:
    """R1@0.5 of any one person, and of the one whose mean IoU with the others is highest, against the annotations."""
    one, representative = [], []
    for (qid, windows), table in zip(opinions.items(), tables, strict=True):
        if len(known[qid].windows):
            hits = tiou(windows, known[qid].windows).max(axis=1) > THRESHOLD
            one.append(float(hits.mean()))
            representative.append(float(hits[int(np.argmax(table.sum(axis=1)))]))
    found = {"one person R1@0.5": one, "representative R1@0.5": representative}
    return {name: 100 * float(np.mean(values)) for name, values in found.items() if values}


SOURCE = (
    "references: figures of Otani et al. 2020 (2009.00325) on 1,000 queries of Charades-STA and 1,288 of ActivityNet "
    "Captions, which five people annotated again, from the authors' notebooks"
)
REFERENCES = {
    "Charades-STA, one person R1@0.5": 42.7,
    "Charades-STA, representative R1@0.5": 52.1,
    "Charades-STA, median of the lowest IoU": 0.25,
    "ActivityNet Captions, one person R1@0.5": 35.1,
    "ActivityNet Captions, representative R1@0.5": 44.4,
    "ActivityNet Captions, median of the lowest IoU": 0.06,
}
