"""Put a run of the user's into its place: scored as published figures were, with what it can be told apart from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from whenabouts.auditing.contamination import Contamination, contamination
from whenabouts.auditing.judged import Judged, judge
from whenabouts.auditing.leaderboard.beside import Baseline
from whenabouts.auditing.leaderboard.board import Board, Group
from whenabouts.auditing.leaderboard.figure import UNKNOWN
from whenabouts.auditing.leaderboard.made import Made, how_made
from whenabouts.auditing.leaderboard.placed import Neighbour, Placed
from whenabouts.auditing.leaderboard.rules import Rule, rule
from whenabouts.auditing.leaderboard.uncertainty import intervals
from whenabouts.auditing.portraits import portraits, untold
from whenabouts.benchmarks import BENCHMARKS, dataset
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.predictions import Source
from whenabouts.evaluation.report import Report
from whenabouts.evaluation.unlike import unlike
from whenabouts.files.records import Row, read_lines

__all__ = ["place"]


class Scored(NamedTuple):
    """A run under one protocol: its report, 95 % bounds by metric, and its answers where they are about moments."""

    report: Report
    bounds: Mapping[str, tuple[float, float]]
    judged: Judged | None


def place(board: Board, predictions: Source, truth: Path | None, **options: Any) -> Board:
    """The board with a run in every group of one split under whose protocol it can be scored.

    predictions, truth: as for `evaluate`; `options` are those of it too, without the protocol

    Raises InputError where there is no such group, AnnotationError naming file and row for answers to other queries.
    """
    if board.dataset not in BENCHMARKS:
        raise InputError(
            f"the annotations of {board.dataset} are not read here, so no run can be placed among its figures"
        )
    split = options.pop("split", None) or dataset(board.dataset).default_split
    groups = _groups(board, split)
    _refuse_strangers(board.dataset, split, predictions, truth)
    protocols = list(dict.fromkeys(group.key.protocol for group in groups))
    reports: dict[str, Scored] = {}
    refused: list[AnnotationError] = []
    for protocol in protocols:
        try:
            reports[protocol] = _scored(board.dataset, split, protocol, predictions, truth, options)
        except AnnotationError as error:  # such as an answer that lacks, where a protocol needs all
            refused.append(error)
    if not reports:
        raise refused[0]
    groups = [_measured(group, reports[group.key.protocol].report) for group in groups if group.key.protocol in reports]
    judged = next((of.judged for of in reports.values() if of.judged), None)
    made = how_made(predictions)
    placed = [_placed(group, reports[group.key.protocol], _called(predictions), made) for group in groups]
    found = tuple(one for one in placed if one)
    if not found:
        raise InputError(f"none of the figures of {board.dataset}, {split}, is of a metric that the run has")
    notes = [str(error) for error in refused]
    notes += [note for of in reports.values() for note in of.report.notes]
    notes += [few] if judged and (few := untold(judged)) else []
    if len({one.key.setting for one in found}) > 1:
        notes.append("the run is shown in every setting; --setting keeps to the one that it was made in")
    notes.append("bounds are of this run alone; published figures have bounds of their own, which are not known")
    return replace(
        board,
        groups=tuple(groups),
        placed=found,
        traits=tuple(portraits(judged)) if judged else (),
        notes=tuple(dict.fromkeys([*board.notes, *notes])),
    )


def _called(predictions: Source) -> str:
    return predictions.stem if isinstance(predictions, Path) else "your run"


def _groups(board: Board, split: str) -> list[Group]:
    here = [group for group in board.groups if group.key.split == split and group.ranked]
    able = [group for group in here if _scores(rule(group.key.protocol)) and group.key.setting != UNKNOWN]
    if able:
        return able
    if here:
        names = ", ".join(dict.fromkeys(group.key.protocol for group in here))
        raise InputError(f"no run can be placed on {board.dataset}, {split}: nothing here counts as {names} does")
    splits = ", ".join(dict.fromkeys(group.key.split for group in board.groups if group.ranked))
    raise InputError(f"no figure of {board.dataset} on the split {split} is ranked; there are some on: {splits}")


def _refuse_strangers(name: str, split: str, predictions: Source, truth: Path | None) -> None:
    """Refuse rows that are about other videos or queries: qids of two data sets may be the same numbers."""
    if not isinstance(predictions, Path):
        return
    described = dataset(name)
    examples = described.read(described.find(truth, split), split)
    rows: list[Row] = []
    with suppress(AnnotationError):  # of files that are no JSON Lines
        rows = read_lines(predictions)
    if places := unlike(rows, examples):
        raise InputError(
            f"{predictions} has answers to other videos or queries than {name}, {split}, such as {places[0]}; a run is "
            "placed only on the split that it was made on"
        )


def _scores(how: Rule) -> bool:
    return how.scored_by is not None or how.official is not None


def _scored(
    name: str, split: str, protocol: str, predictions: Source, truth: Path | None, options: Mapping[str, Any]
) -> Scored:
    how = rule(protocol)
    how_scored = {"split": split, "protocol": how.scored_by, "official": how.official, **options}
    if how.counts is None:
        report = evaluate(predictions, name, truth, **how_scored)
        return Scored(report, intervals(report, predictions), None)
    judged = judge(predictions, name, truth, **how_scored)
    if 2 * judged.report.answered < judged.report.queries:
        raise AnnotationError(
            f"{_called(predictions)} answers {judged.report.answered} of {judged.report.queries} queries of {name}, "
            f"{split}; a run that is placed answers at least half of them"
        )
    return Scored(judged.official, intervals(judged.official, predictions), judged)


def _placed(group: Group, scored: Scored, name: str, made: Made) -> Placed | None:
    report, bounds, _ = scored
    if group.metric not in report.scores:
        return None
    value, interval = report.scores[group.metric], bounds.get(group.metric)
    ranked = [Neighbour(one.figure.title, one.figure.scores[group.metric], one.rank) for one in group.ranked]
    better = [one for one in ranked if _rounded(value, one.value) < one.value]
    equal = [one for one in ranked if _rounded(value, one.value) == one.value]
    worse = [one for one in ranked if _rounded(value, one.value) > one.value]
    alike = [one for one in ranked if interval and interval[0] <= one.value <= interval[1]]
    return Placed(
        name=name,
        key=group.key,
        metric=group.metric,
        value=value,
        interval=interval,
        rank=len(better) + 1,
        of=len(ranked) + 1,
        above=better[-1] if better else None,
        below=worse[0] if worse else None,
        alike=tuple(alike),
        equal=tuple(equal),
        blind=_blind(group),
        scores=dict(report.scores),
        settings=made.settings,
        training=_training(made, group),
    )


def _rounded(value: float, published: float) -> float:
    """A value at the digits of a published one."""
    return round(value, max(len(repr(published).partition(".")[2]), 1))


def _measured(group: Group, report: Report) -> Group:
    """The group with the blind baselines of the annotations at hand, and those stored that were not measured."""
    here = [Baseline(name, scores, "the annotations at hand") for name, scores in report.blind.items()]
    return replace(group, blind=(*here, *(one for one in group.blind if one.name not in report.blind)))


def _blind(group: Group) -> Neighbour | None:
    known = [Neighbour(one.name, one.scores[group.metric]) for one in group.blind if group.metric in one.scores]
    return max(known, key=lambda one: one.value, default=None)


def _training(made: Made, group: Group) -> Contamination | None:
    return None if made.model is None else contamination(made.model, group.key.dataset, group.key.split)
