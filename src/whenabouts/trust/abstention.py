"""How well a grounder knows when it does not know: the field's measures, each beside trivial baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from whenabouts.grounders.grounder import Grounder
from whenabouts.metrics.calibration import brier, ece, reliability
from whenabouts.metrics.coverage import coverage
from whenabouts.metrics.presence import auroc, fpr_at_tpr, rejection_f1
from whenabouts.metrics.relevance import ra_iou
from whenabouts.metrics.selective import accuracy_at_coverage, aurc, e_aurc, risks
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress
from whenabouts.trust.answers import answered, answers_to, best, overlap, sureness, videos_of
from whenabouts.trust.baselines import BASELINES, Judged, baseline
from whenabouts.trust.probe import Case, Curve, Finding, Probe

__all__ = ["Abstention"]

COVERAGES = (0.5, 0.8)
POINTS = 200  # of a curve at most


class Abstention(Probe):
    """AUROC, AURC, ECE and the like of a grounder's presence and moments. It names no flaw.

    An answer is right where its best moment has a tIoU of at least 0.5 with a true one; one to a query that does not
    happen is never right. "Acc" and "R1@0.5 with abstentions" are those of RaTSG (NeurIPS 2024): over all queries,
    where a right abstention scores 1. A measure of a baseline has its name after the words "of baseline".
    """

    name: ClassVar[str] = "abstention"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Figures of the grounder and of every baseline; measures that need both kinds of query are left out else."""
        known = [case for case in cases if case.truth is not None]
        notes = []
        if left := len(cases) - len(known):
            notes.append(f"{left} queries have no truth and were passed over")
        if not known:
            return Finding(self.name, notes=tuple(notes))
        answers = answers_to(grounder, known, progress=progress)
        truths = [case.truth for case in known if case.truth is not None]
        model = Judged(
            np.array([sureness(answer) for answer in answers]),
            np.array([answered(answer) for answer in answers]),
            np.array([overlap(best(a), t) if len(t) else 0.0 for a, t in zip(answers, truths, strict=True)]),
            np.array([len(truth) > 0 for truth in truths]),
            stated=all(answer.presence is not None for answer in answers),
        )
        if not model.stated:
            count = sum(answer.presence is None for answer in answers)
            notes.append(f"{count} answers state no presence: their best score stands for it, and ECE is left out")
        if model.happens.all() or not model.happens.any():
            notes.append("AUROC and the like need queries that happen and others")
        figures = measures(model) | _ranges(known, answers)
        for name in BASELINES:
            figures |= {
                f"{measure} of {name}": value for measure, value in measures(baseline(name, known, model)).items()
            }
        curves = {"risk and coverage": _risk_and_coverage(model)}
        if model.stated:
            bins = reliability(model.sure, model.happens)
            curves["reliability"] = Curve(
                tuple(bins.stated.tolist()), tuple(bins.true.tolist()), "stated probability", "share that happens"
            )
        return Finding(self.name, figures, curves, notes=tuple(notes))


def measures(judged: Judged) -> dict[str, float]:
    """Every measure of some answers by name; those that cannot be known are left out."""
    sure, happens, right = judged.sure, judged.happens, judged.right
    rejected = ~judged.said
    out: dict[str, float] = {}
    if happens.any() and not happens.all():
        out |= {
            "AUROC": auroc(sure, happens),
            "FPR@95": fpr_at_tpr(sure, happens),
            "rejection F1": rejection_f1(rejected, happens),
        }
    if judged.stated:
        out |= {"ECE": ece(sure, happens), "Brier": brier(sure, happens)}
    out |= {"AURC": aurc(sure, right), "E-AURC": e_aurc(sure, right)}
    out |= {f"accuracy at {c:.0%} coverage": accuracy_at_coverage(sure, right, c) for c in COVERAGES}
    return out | {
        "RA-IoU": float(ra_iou(judged.tious, judged.said, happens).mean()),
        "Acc": float((judged.said == happens).mean()),
        "R1@0.5 with abstentions": float(np.where(happens, right & judged.said, rejected).mean()),
    }


def _ranges(cases: Sequence[Case], answers: Sequence[Prediction]) -> dict[str, float]:
    """How often the ranges of start and end hold the true ones, of queries that happen, and how wide they are.

    Of answers of a calibrator with a coverage: what other models say of how exact a time is promises nothing. A query
    without a moment is not covered; one whose best moment has no range does not count.
    """
    if not all(_promise(answer) for answer in answers):
        return {}
    asked = [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if case.truth is not None and len(case.truth) and (answer.best is None or answer.best.spread)
    ]
    radii = [answer.best.spread for _, answer in asked if answer.best and answer.best.spread]
    if not radii:
        return {}
    held = [
        answer.best is not None
        and bool((np.abs(case.truth - best(answer)) <= np.array(answer.best.spread)).all(axis=1).any())
        for case, answer in asked
        if case.truth is not None
    ]
    found = coverage(held, videos_of([case for case, _ in asked]))
    return {
        "coverage of ranges": found.mean,
        "coverage of ranges low": found.low,
        "coverage of ranges high": found.high,
        "median radius in seconds": float(np.median(np.max(radii, axis=1))),
    }


def _promise(answer: Prediction) -> bool:
    """Whether a calibrator gave the ranges."""
    calibrator = answer.receipt.settings.get("calibrator") if answer.receipt else None
    return isinstance(calibrator, dict) and calibrator.get("coverage") is not None


def _risk_and_coverage(judged: Judged) -> Curve:
    risk = risks(judged.sure, judged.right)
    chosen = np.unique(np.linspace(0, len(risk) - 1, min(POINTS, len(risk))).round().astype(int))
    return Curve(tuple(((chosen + 1) / len(risk)).tolist()), tuple(risk[chosen].tolist()), "coverage", "risk")
