"""CON: answers that were recorded, to a query and to the questions that follow it (`metrics.consistency`)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from whenabouts.benchmarks.example import Example, Task
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.absence_report import BesideTrivial
from whenabouts.evaluation.predictions import name_of
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol, table_row
from whenabouts.evaluation.report import Scores
from whenabouts.evaluation.submission import Submission
from whenabouts.files.records import Row, read_lines, read_rows
from whenabouts.metrics.consistency import Judged, Recorded, consistency

__all__ = ["ConsistencyProtocol"]

NAMES = {"C_Ground": "R-Ground", "S_Ground": "S-Ground", "H_verif_acc": "H-Verify", "C_verif_acc": "C-Verify"}
ONE_WORD = ("yes", "no", "yes.", "no.", "yes,", "no,")
SEED = 0


@dataclass(frozen=True)
class ConsistencyProtocol(EvaluationProtocol):
    """The scores of a file `consistency_predictions.jsonl`, as the official run writes it.

    A row: {"meta": {vid, sentence, timestamp, …}, "prediction": {"qa": {"t": [start, end]}, "iou"}} and, where the IoU
    is at least 0.5, "rephrased": {"pred_moments": [{"t"}], "ious"}, "shifted": {"qa": {"t"}, "iou"}, and the answers
    {"c": "pos" | "neg", "q", "a"} to "holistic": {original, aligned, misaligned} and "compositional": {aligned,
    misaligned}; "c" says how the question was worded. IoUs are worked out from the times. Yes and no are read from the
    first word; answers with neither are left out, where official code asks a paid language model. `strict_official`:
    the recorded IoUs, which were rounded to two decimals, count, and only answers of one word are read.
    """

    tasks: ClassVar[tuple[Task, ...]] = ("TSG",)

    def evaluate(self, submission: Submission) -> BesideTrivial:
        """The scores in per cent. Raises AnnotationError naming file, row and field."""
        known: dict[tuple[str, str, tuple[float, ...]], Example] = {}
        for e in submission.examples:
            known[e.video, e.query, tuple(e.windows[0].tolist())] = e
        source = submission.predictions
        rows = read_lines(source) if isinstance(source, Path) else read_rows(source, name_of(source))
        seen: set[str | int] = set()
        unjudged: list[str] = []
        records = []
        for row in rows:
            meta = _of(row, "meta")
            example = known.get((meta.text("vid"), meta.text("sentence"), meta.pair("timestamp")))
            if example is None or example.wordings is None:
                raise AnnotationError(f"{row.where}: no annotation has this vid, sentence and timestamp")
            if example.qid in seen:
                raise AnnotationError(f"{row.where}: this vid, sentence and timestamp are answered twice")
            seen.add(example.qid)
            records.append(_recorded(row, example, submission.strict, unjudged))
        if unanswered := len(submission.examples) - len(seen):
            told = f"{unanswered} queries have no answer and are left out, as the official code does"
            if not submission.strict:
                many = f"{unanswered} queries have no answer and count as misses"
                told = "1 query has no answer and counts as a miss" if unanswered == 1 else many
                records += [Recorded(0.0, 0.0)] * unanswered
            warnings.warn(told, stacklevel=2)
        if unjudged:
            warnings.warn(f"{len(unjudged)} answers are neither yes nor no and are left out", stacklevel=2)
        figures = consistency(records, rounded=submission.strict)
        return BesideTrivial(
            dataset=submission.dataset,
            split=submission.split,
            protocol=self.name,
            source=self.source,
            scores=_scores(figures),
            figures=figures if submission.strict else None,
            details=figures,
            trivial=lambda: {name: _scores(consistency(made)) for name, made in _trivial(submission.examples).items()},
        )

    def rules(self) -> dict[str, str]:
        """What decides, in words."""
        return table_row("hull IoU >=", ranks="1", tIoU="0.5", no_answer="a miss")


def _scores(figures: dict[str, Any]) -> Scores:
    scores = {NAMES.get(name, name): float(value) for name, value in figures["absolute_scores"].items()}
    areas = {"H-AUC": figures["holistic"], "C-AUC": figures["compositional"]}
    return scores | {name: of["scores"]["ROC_AUC"] for name, of in areas.items()}


def _recorded(row: Row, e: Example, strict: bool, unjudged: list[str]) -> Recorded:
    assert e.wordings is not None
    prediction = _of(row, "prediction")
    answer = _time(_of(prediction, "qa"))
    iou = _rounded_iou if strict else _iou
    truth = e.windows[0].tolist()
    clamped = [min(t, e.duration) for t in truth] if e.duration else truth
    first = iou(answer, truth if strict else clamped)
    found = prediction.number("iou") if strict else first
    if found < 0.5 or "rephrased" not in row:
        return Recorded(first, found)
    again = _of(row, "rephrased")
    moved = _of(row, "shifted") if "shifted" in row else None
    reworded = again.numbers("ious") if strict else [iou(answer, _time(one)) for one in again.rows("pred_moments")]
    shifted = None
    if moved is not None:
        shifted = moved.number("iou") if strict else iou(_time(_of(moved, "qa")), list(e.wordings.shifted))
    return Recorded(
        first,
        found,
        tuple(reworded),
        shifted,
        _judged(row, "holistic", strict, unjudged),
        _judged(row, "compositional", strict, unjudged),
    )


def _judged(row: Row, name: str, strict: bool, unjudged: list[str]) -> tuple[Judged, ...]:
    if name not in row:
        return ()
    judged = []
    for kind, part in _of(row, name).items():
        for asked in Row({kind: part}, f"{row.where}, {name}").rows(kind):
            so, yes = kind != "misaligned", _says_yes(asked.text("a"), strict)
            positive = asked.text("c") == "pos"
            if yes is None:
                unjudged.append(asked.where)
            else:
                judged.append((so, yes == (so == positive)))
    return tuple(judged)


def _says_yes(answer: str, strict: bool) -> bool | None:
    if strict:
        words = answer.split()
        return words[0].lower().startswith("yes") if len(words) == 1 and words[0].lower() in ONE_WORD else None
    first = re.match(r"\W*(yes|no)\b", answer, re.IGNORECASE)
    return None if first is None else first[1].lower() == "yes"


def _trivial(examples: Sequence[Example]) -> dict[str, list[Recorded]]:
    """Whoever takes the whole video and says yes; says nothing; takes a random window and throws a coin."""
    made = {"never": [Recorded(0.0, 0.0) for _ in examples]}
    if not all(e.duration for e in examples):
        return made
    chance = np.random.default_rng(SEED)

    def window(e: Example) -> list[float]:
        return [float(t) for t in np.sort(chance.random(2)) * (e.duration or 0.0)]

    whole = [_answering(e, lambda e: [0.0, e.duration or 0.0], lambda: True) for e in examples]
    guessed = [_answering(e, window, lambda: bool(chance.random() < 0.5)) for e in examples]
    return {"whole video, yes": whole} | made | {"random": guessed}


def _answering(e: Example, window: Callable[[Example], list[float]], yes: Callable[[], bool]) -> Recorded:
    asked, first = e.wordings, window(e)
    assert asked is not None
    iou = _iou(first, e.windows[0].tolist())
    whole = [(True, positive) for _ in (1, *asked.aligned) for positive in (True, False)]
    whole += [(False, positive) for _ in asked.misaligned for positive in (True, False)]
    parts = [(True, True) for _ in asked.yes] + [(False, True) for _ in asked.no]
    return Recorded(
        iou,
        iou,
        tuple(_iou(first, window(e)) for _ in asked.aligned),
        _iou(window(e), list(asked.shifted)),
        tuple((so, yes() == (so == positive)) for so, positive in whole),
        tuple((so, yes() == (so == positive)) for so, positive in parts),
    )


def _of(row: Row, name: str) -> Row:
    return Row(row[name], f"{row.where}, {name}")


def _time(row: Row) -> list[float]:
    return list(row.pair("t"))


def _iou(a: list[float], b: list[float]) -> float:
    hull = max(a[1], b[1]) - min(a[0], b[0])
    return max(min(a[1], b[1]) - max(a[0], b[0]), 0.0) / hull if hull > 0 else 0.0


def _rounded_iou(a: list[float], b: list[float]) -> float:
    """As the official code has it, which takes 0.495 for 0.5."""
    return round(_iou(a, b), 2)
