"""`Calibrate`: a calibrator of a model, from its answers to queries whose truth is known."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from whenabouts.benchmarks import Benchmark, Example, read_annotations
from whenabouts.commands.choices import OneOf
from whenabouts.commands.command import Command
from whenabouts.errors import InputError
from whenabouts.files.json import finite
from whenabouts.files.outputs import check_outputs
from whenabouts.files.records import Row
from whenabouts.trust.abstaining import threshold_for
from whenabouts.trust.answered import Answered
from whenabouts.trust.calibration.presence import Presence
from whenabouts.trust.calibrator import Calibrator, Fitted
from whenabouts.trust.conformal import Ranges
from whenabouts.trust.held_out import HeldOut, held_out, parted
from whenabouts.version import __version__

__all__ = ["Calibrate", "Calibration"]

WITHOUT_EFFECT = ("top",)  # settings with which the best moment and its score stay the same


@dataclass(frozen=True, slots=True)
class Calibration:
    """The file that was written, what it holds, how the same method did on videos that were held out, and notes."""

    path: Path
    calibrator: Calibrator
    held_out: HeldOut | None
    notes: tuple[str, ...] = ()


class Calibrate(Command):
    """Fit a calibrator on answers of `predict`, and say how it does on videos that were held out."""

    predictions: Path = Field(description="Answers of `whenabouts predict`, in JSON Lines.")
    benchmark: str = Field(description="Benchmark, or a .jsonl file of your own annotations: what the answers are to.")
    data: Path = Field(Path(), description="Annotation file, or a directory that has it.")
    out: Path = Field(description="File of the calibrator, in JSON.")
    split: str | None = Field(None, description="Split. Default: the one that is scored.")
    method: Annotated[str, OneOf("whenabouts.trust.calibration.presence:METHOD_NAMES", "method of calibration")] = (
        Field("auto", description="How presence is calibrated; auto is what does best on other videos.")
    )
    coverage: float = Field(0.9, gt=0, lt=1, description="How often ranges hold both the true start and the true end.")
    ranges: Literal["joint", "bonferroni", "none"] = Field(
        "joint", description="One radius for both ends, one for each, or no ranges."
    )
    scale: Literal["video", "moment"] = Field(
        "video", description="Radii are a part of the length of the video, or of that of the moment."
    )
    floor: float = Field(
        1.0, gt=0, description="With --scale moment: a shorter moment counts as one of so many seconds."
    )
    risk: float | None = Field(
        None, gt=0, lt=1, description="Abstain so that at most this share of the answers given is wrong."
    )
    holdout: float = Field(
        0.5, ge=0, lt=1, description="Share of the videos held out for the figures; 0 for none. The file is of all."
    )
    seed: int = Field(0, ge=0, description="Draws the videos that are held out.")

    def run(self) -> Calibration:
        """Write the calibrator of all answers, after the same method was measured on videos that were held out.

        Raises InputError, AnnotationError naming the file at fault; InputError where it cannot be calibrated.
        """
        check_outputs([self.out], [self.predictions, self.data, Path(self.benchmark)])
        answers, fitted, notes = self._read()
        calibrator, figures = self._fit(answers, fitted), None
        if self.holdout:
            try:
                figures = self._measure(answers, fitted, notes)
            except InputError as error:
                notes.append(f"nothing was measured on videos held out: {error}")
        if figures is not None:
            calibrator = replace(calibrator, held_out=finite(figures.to_dict()))
        calibrator = calibrator.write(self.out)
        return Calibration(self.out, calibrator, figures, tuple(notes))

    def _read(self) -> tuple[list[Answered], Fitted, list[str]]:
        """Answers beside the truth, what made them, and what is to be told of them."""
        from whenabouts.benchmarks import dataset
        from whenabouts.evaluation.predictions import read_by_query

        benchmark = dataset(self.benchmark).load(self.data, self.split)
        rows = read_by_query(self.predictions, benchmark.examples)
        unknown = _not_annotated(benchmark)
        asked = [each for each in benchmark.examples if each.qid in rows and each.qid not in unknown]
        answers = [_answered(rows[each.qid], each) for each in asked]
        made = _made_by([rows[each.qid] for each in asked])
        sources = {path.name: _sha256(path) for path in (self.predictions, benchmark.path)}
        videos, happen = len({one.video for one in answers}), sum(one.happens for one in answers)
        name = benchmark.name if benchmark.dataset.path is None else benchmark.path.name
        fitted = Fitted(__version__, name, benchmark.split, videos, len(answers), happen, *made, sources=sources)
        notes = []
        if missing := sum(each.qid not in rows for each in benchmark.examples):
            notes.append(f"{missing} queries have no answer, and are left out")
        if unknown:
            notes.append(f"{len(unknown)} queries that nobody annotated are left out")
        if len(fitted.grounders) > 1:
            notes.append(f"the answers are of several grounders, calibrated together: {', '.join(fitted.grounders)}")
        if not fitted.grounders:
            notes.append("the answers do not say which model gave them, so the calibrator cannot refuse another model")
        return answers, fitted, notes

    def _fit(self, answers: Sequence[Answered], fitted: Fitted) -> Calibrator:
        presence = Presence.fit(answers, self.method, seed=self.seed)
        rule = self.ranges
        ranges = (
            None
            if rule == "none"
            else Ranges.fit(answers, self.coverage, rule=rule, scale=self.scale, floor=self.floor)
        )
        abstain = None
        if self.risk is not None:
            abstain = threshold_for(answers, [presence.probability(one) for one in answers], self.risk)
        return Calibrator(presence, ranges, abstain, fitted)

    def _measure(self, answers: Sequence[Answered], fitted: Fitted, notes: list[str]) -> HeldOut:
        part, rest = parted(answers, self.holdout, self.seed)
        try:
            made = self._fit(part, fitted)
        except InputError as error:
            if self.ranges == "none":
                raise
            made = self.model_copy(update={"ranges": "none"})._fit(part, fitted)
            notes.append(f"ranges were not measured on videos held out: {error}")
        return held_out(part, rest, made.presence, made.ranges, made.abstain, seed=self.seed)


def _answered(row: Row, example: Example) -> Answered:
    """A row of `predict` beside the truth. Raises AnnotationError naming the field at fault."""
    presence = row.number("presence", None)
    if presence is not None and not 0 <= presence <= 1:
        row.refuse("presence", f"must lie between 0 and 1, not {presence:g}")
    duration = row.number("duration", example.duration)
    if duration is None or duration <= 0:
        row.refuse("duration", "must say the seconds of the video, as neither the answer nor the annotation does")
    best = None
    if windows := row.entries("pred_relevant_windows"):
        first = Row({"window": windows[0]}, row.where).numbers("window")
        if len(first) not in (2, 3):
            row.refuse("pred_relevant_windows", "must be a list of [start, end, score]")
        best = first[0], first[1], first[2] if len(first) == 3 else 1.0
    truth = example.windows[example.windows[:, 1] > example.windows[:, 0]]  # [0, 0] says too that it does not happen
    return Answered(example.video, duration, presence, best, truth)


def _made_by(rows: Sequence[Row]) -> tuple[tuple[str, ...], dict[str, str], dict[str, Any]]:
    """Grounders, weights and settings of all answers, by their receipts.

    Raises AnnotationError for answers that are calibrated already, or of other weights than the others.
    """
    grounders: dict[str, None] = {}
    models: dict[str, str] = {}
    settings: dict[str, Any] | None = None
    for row in rows:
        if row.get("receipt") is None:
            continue
        receipt = Row(row["receipt"], f"{row.where}, receipt")
        used, given = Row(receipt["models"], receipt.where), dict(Row(receipt["settings"], receipt.where))
        for done in ("calibrator", "abstain"):
            if done in given:
                receipt.refuse("settings", f"says that the answers were made with --{done}; predict again without it")
        grounders[receipt.text("grounder")] = None
        for name in used:
            if models.setdefault(name, used.text(name)) != used[name]:
                receipt.refuse("models", f"names other weights of {name} than an answer before; calibrate one model")
        settings = given if settings is None else {n: v for n, v in settings.items() if n in given and given[n] == v}
    kept = {name: value for name, value in (settings or {}).items() if name not in WITHOUT_EFFECT}
    return tuple(grounders), models, kept


def _not_annotated(benchmark: Benchmark) -> set[str | int]:
    """Queries of your own annotations whose rows have no windows, not even none: nobody looked for them."""
    if benchmark.protocol != "own":
        return set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # told when the benchmark was loaded
        rows = read_annotations(benchmark.path)
    return {row.qid for row in rows if row.relevant_windows is None and row.qid is not None}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
