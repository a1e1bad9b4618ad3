"""Answers and people against several opinions on a query."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.references import read_references
from whenabouts.metrics.references import agreement, closest_of_others, opinion_overlaps, representative


@pytest.mark.parametrize(
    ("name", "folder", "people", "median", "second", "original", "window", "right"),
    [
        # mayu-ot/hidden-challenges-MR, notebooks/report: what "Multi-ref metric" prints is 83.6 (1.04) and 72.4 (1.07)
        # for a person drawn at random, whose mean is exact here, and 98.20 for the representative; "[Human
        # performance]" prints 0.25 and 0.06, 52.1 and 44.4. `right` is nearest_neighbor_metric of "Multi-ref metric",
        # run on one window for all videos.
        ("charades-sta", "charades", 83.48, 0.25, 98.20, 52.1, (0, 0.3), 29.7),
        ("activitynet-captions", "activitynet", 72.41, 0.0625, 95.96, 44.49, (0.22, 0.92), 59.94),
    ],
)
def test_people_and_a_constant_window_score_what_the_notebooks_say(
    data: Path,
    name: str,
    folder: str,
    people: float,
    median: float,
    second: float,
    original: float,
    window: tuple[float, float],
    right: float,
) -> None:
    examples = {e.qid: e for e in dataset(name).load(data).examples}
    opinions = read_references([data / "otani2020" / folder], list(examples.values()))
    chosen = {qid: said[[representative(said)]] for qid, said in opinions.items()}

    def share(hits: list[float]) -> float:
        return round(100 * float(np.mean(hits)), 2)

    assert share([(closest_of_others(said) > 0.5).mean() for said in opinions.values()]) == people
    assert np.median([np.nanmin(agreement(said)) for said in opinions.values()]) == median
    closest = [np.sort(opinion_overlaps(chosen[qid], said)[0])[-2] > 0.5 for qid, said in opinions.items()]
    assert share(closest) == second
    kept = [opinion_overlaps(one, examples[qid].windows).max() > 0.5 for qid, one in chosen.items()]
    assert share(kept) == original
    constant = np.array([window])
    hits = [
        opinion_overlaps(constant * (examples[qid].duration or 0), said).max() > 0.5 for qid, said in opinions.items()
    ]
    assert share(hits) == right


def test_a_pair_at_a_threshold_stays_there_in_any_unit() -> None:
    opinions = np.array([[41.0, 76.0], [41.0, 58.5]])
    for seconds in (30.96, 29.62, 24.25, 7.3):
        assert closest_of_others(opinions * (seconds / 100)).tolist() == [0.5, 0.5]


def test_a_single_opinion_agrees_with_nobody() -> None:
    assert closest_of_others([[0, 1]]).shape == (0,)
    assert representative([[0, 1]]) == 0
    assert opinion_overlaps([], [[0, 1]]).shape == (0, 1)
