"""Held-out scores beside answers that did not need the video."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from whenabouts.training.post.answering import Show
from whenabouts.training.post.measure import measure, with_other_queries
from whenabouts.training.post.samples import Sample

HELD_OUT = [
    Sample("a1", "a.mkv", "a dog", ((0.0, 4.0),), 10.0),
    Sample("b1", "b.mkv", "a cat", ((2.0, 6.0),), 10.0),
    Sample("a2", "a.mkv", "a cat", ((6.0, 10.0),), 10.0),
    Sample("none", "a.mkv", "a cow", (), 10.0),
]
TRAINING = [Sample(f"t{i}", f"t{i}.mkv", "a dog", ((0.0, 8.0),), 20.0) for i in range(3)]
TOLD = {("a.mkv", "a dog"): "0 to 4 s", ("b.mkv", "a cat"): "2 to 4 s", ("a.mkv", "a cat"): "6 to 10 s"}


def show(sample: Sample) -> tuple[tuple[float, ...], tuple[()]]:
    return (0.0,), ()


def ask(samples: Sequence[Sample], how: Show) -> list[str]:
    """Sees which video it is only where the video is shown as it is."""
    return [TOLD.get((one.video, one.query), "0 to 1 s") if how is show else "0 to 10 s" for one in samples]


def test_other_queries_are_of_the_same_video_where_they_can_be() -> None:
    changed = with_other_queries(HELD_OUT[:3])
    assert changed is not None
    assert [(one.sample, one.query) for one in changed] == [("a1", "a cat"), ("b1", "a dog"), ("a2", "a dog")]
    assert with_other_queries(TRAINING) is None


def test_the_model_stands_beside_what_needs_no_video() -> None:
    found = measure(ask, HELD_OUT, show, TRAINING)
    assert found is not None
    assert found.scores["the model"] == {"mIoU": 2.5 / 3, "R1@0.3": 1.0, "R1@0.5": 1.0, "R1@0.7": 2 / 3}
    assert found.scores["every picture blanked"]["mIoU"] == found.figures.blank_tiou == pytest.approx(0.4)
    assert found.scores["another query"]["mIoU"] == found.figures.shuffled_tiou == 0.0
    assert found.scores["the best constant answer"]["mIoU"] == pytest.approx((1.0 + 2 / 6 + 0.0) / 3)
    assert measure(ask, HELD_OUT[3:], show, TRAINING) is None
