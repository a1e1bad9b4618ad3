"""The blind baselines that are stored beside published figures are those that an audit computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.auditing.judged import judge
from whenabouts.auditing.leaderboard import leaderboard
from whenabouts.auditing.leaderboard.beside import _table, baselines, no_baselines
from whenabouts.auditing.leaderboard.figure import Key
from whenabouts.auditing.leaderboard.rules import rule
from whenabouts.benchmarks import BENCHMARKS
from whenabouts.evaluation.blind import BASELINES


@pytest.mark.parametrize(
    ("name", "split", "protocol"),
    [
        ("charades-sta", "test", "charades-sta"),
        ("charades-sta", "test", "vlm-top1-ge"),
        ("tacos", "test", "2d-tan"),
        ("qvhighlights", "val", "qvhighlights"),
    ],
)
def test_stored_figures_are_what_is_computed_here(name: str, split: str, protocol: str, data: Path) -> None:
    known = BENCHMARKS[name]
    whole = [
        {"qid": e.qid, "query": e.query, "vid": e.video, "pred_relevant_windows": [[0.0, e.duration, 1.0]]}
        for e in known.load(data, split).examples
    ]
    judged = judge(whole, known, data, split=split, protocol=rule(protocol).scored_by)
    stored = {one.name: one.scores for one in baselines(Key(name, split, "original", protocol, "zero-shot"))}
    quick = [one for one in BASELINES.values() if one.beside and not one.compares]
    assert {one.name for one in quick} <= stored.keys()
    truths = {e.qid: e.windows for e in judged.report.known}
    for one, answers in judged.report.answers_of(quick).items():
        scores = (
            judged.official.blind[one]
            if name == "qvhighlights"
            else {metric: 100 * values.mean() for metric, values in judged.report.scored(answers, truths).items()}
        )
        assert stored[one] == pytest.approx(scores, abs=0.00501), one


def test_every_group_has_blind_baselines_or_says_why_not() -> None:
    for name in ("charades-sta", "activitynet-captions", "qvhighlights", "charades-cd", "thumos14"):
        for group in leaderboard(name).groups:
            assert group.blind or no_baselines(group.key).startswith(("No blind", "There is no blind"))


def test_only_names_that_are_known_here_are_stored() -> None:
    assert {row["baseline"] for row in _table("blind.csv")} <= set(BASELINES)
