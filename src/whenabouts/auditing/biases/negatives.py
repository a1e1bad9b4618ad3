"""Every query happens: a model that never says "no" loses nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import percent, share
from whenabouts.documents.chart import Bars
from whenabouts.evaluation.absence_report import AbsenceReport

__all__ = ["NoNegatives"]

FEW = 0.05  # of the queries


class NoNegatives(Bias):
    """The share of queries that do not happen, and how many of them a system accepts."""

    name: ClassVar[str] = "no negatives"
    title: ClassVar[str] = "No negatives: every query happens"

    def look(self, subject: Subject) -> Finding:
        """Present where the upper bound of the share is below a twentieth."""
        examples = [e for e in subject.examples if len(e.windows) or e.absent is not None or e.saliency is None]
        empty = np.array([not len(e.windows) for e in examples], bool)
        if not len(empty) or empty.all():
            verdict = "cannot be told: no query has a window here, so that the truth is not at hand"
            return Finding(self.name, {}, dict(REFERENCES), verdict)
        negative = share(empty, examples)
        kinds = dict.fromkeys(e.absent for e in examples if e.absent is not None)
        figures = {"share without a window": negative.mean, "share without a window high": negative.high}
        told = f"{int(empty.sum())} of {len(empty)} queries have no window, {percent(negative)}"
        present = True if negative.high < FEW else False if negative.mean >= FEW else None
        verdict = {
            True: f"bias present: {told}, so that a system that accepts every query loses nothing",
            False: f"bias not seen: {told}",
            None: f"cannot be told: {told}, and a share of 5 % cannot be ruled out",
        }[present]
        sentences = []
        if empty.any() and not kinds:
            sentences.append("nobody says whether the queries without a window were looked for and do not happen")
        report = subject.judged.report.absence if subject.judged else None
        if isinstance(report, AbsenceReport):
            absent = np.array([not len(e.windows) for e in report.examples], bool)
            accepted = share(report.says[absent], [e for e in report.examples if not len(e.windows)])
            figures["negatives accepted"] = accepted.mean
            sentences.append(f"the system accepts {percent(accepted)} of the queries that do not happen")
        elif subject.judged:
            declined = [not len(subject.judged.windows.get(e.qid, ())) for e in subject.judged.examples]
            figures["positives declined"] = float(np.mean(declined))
            sentences.append(
                f"the system declines {100 * figures['positives declined']:.1f} % of the queries that happen; how it "
                "answers others cannot be told from this split"
            )
        chart = Bars(
            "Queries that happen, and that do not",
            ("with a window", "without"),
            {"queries": (float((~empty).sum()), float(empty.sum()))},
            "queries",
        )
        return Finding(self.name, figures, dict(REFERENCES), verdict, (*sentences, SOURCE), (), (chart,), present)


SOURCE = "references: counted in the published files of these splits"
REFERENCES = {
    "Charades-STA test, share without a window": 0.0,
    "ActivityNet Captions val_2, share without a window": 0.0,
    "QVHighlights val, share without a window": 0.0,
    "TACoS test, share without a window": 0.0,
    "DiDeMo test, share without a window": 0.0,
}
