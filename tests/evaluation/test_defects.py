"""Known defects of published files are found, each once, and none besides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.evaluation.defects import DEFECTS, check, leaks


@pytest.mark.parametrize(
    ("name", "split", "expected"),
    [
        ("charades-sta", "train", {"beyond the end": 1805, "inverted": 4, "after the end": 3}),
        ("charades-sta-clamped", "train", {}),
        ("activitynet-captions", "train", {"beyond the end": 29, "inverted": 2, "empty": 2, "repeated query": 5}),
        ("tacos", "val", {"duplicate row": 519, "repeated query": 796 - 519}),
        ("qvhighlights", "val", {}),
        ("didemo", "test", {"no duration": 4021}),
    ],
)
def test_known_defects(data: Path, name: str, split: str, expected: dict[str, int]) -> None:
    found = check(BENCHMARKS[name].load(data, split).examples)
    assert Counter(d.kind for d in found) == expected


def test_the_four_inverted_rows_of_charades_are_named(data: Path) -> None:
    found = check(BENCHMARKS["charades-sta"].load(data, "train").examples)
    assert sorted(d.detail for d in found if d.kind == "inverted") == [
        "AKKWU: 38 to 13 s",
        "AKKWU: 38 to 13 s",
        "IOL8Q: 20.9 to 12 s",
        "LEOL6: 8 to 7 s",
    ]


def one(qid: object = 1, query: str = "a query", windows: object = ((0, 2),), **fields: object) -> Example:
    return Example(qid, "v", query, np.array(windows, dtype=float), **{"duration": 10.0} | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("examples", "kind"),
    [
        ([one(windows=[(3, 2)])], "inverted"),
        ([one(windows=[(2, 2)])], "empty"),
        ([one(windows=[(-1, 2)])], "negative"),
        ([one(windows=[(8, 11)])], "beyond the end"),
        ([one(windows=[(10, 11)])], "after the end"),
        ([one(windows=np.zeros((0, 2)))], "no windows"),
        (
            [one(query="He sat on the red couch"), one(2, "sat on a couch", np.zeros((0, 2)), absent="moved")],
            "negative said to happen",
        ),
        ([one(duration=None)], "no duration"),
        ([one(), one(query="another")], "duplicate qid"),
        ([one(), one(2, " A query")], "duplicate row"),
        ([one(), one(2, windows=[(1, 3)])], "repeated query"),
        ([one(), one(2, "another", duration=11.0)], "conflicting duration"),
        ([one(windows=[(8, 12)], clip_ids=np.array([4, 5]), saliency=np.ones((2, 3)))], "clip out of range"),
        ([one(clip_ids=np.array([1]), saliency=np.ones((1, 3)))], "clips and windows disagree"),
        ([one(query=" ")], "empty query"),
    ],
)
def test_every_kind_is_found(examples: list[Example], kind: str) -> None:
    assert kind in {d.kind for d in check(examples)}
    assert kind in DEFECTS


def test_one_of_each_kind_is_tested() -> None:
    tested = test_every_kind_is_found.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {kind for _, kind in tested} == set(DEFECTS)


def test_two_annotations_of_the_same_videos_leak(data: Path) -> None:
    captions = BENCHMARKS["activitynet-captions"]
    leak = leaks(captions.load(data, "val_1").examples, captions.load(data, "val_2").examples)
    assert (leak.videos, leak.video_rows, leak.rows) == (4885, 17031, 17031)


def test_rows_taken_from_a_training_split_leak(data: Path) -> None:
    """As Charades-CD's test rows are, seen from Charades-STA's training split."""
    train = BENCHMARKS["charades-sta"].load(data, "train").examples
    test = BENCHMARKS["charades-sta"].load(data, "test").examples
    assert leaks(train, test).videos == 0
    assert leaks(train, [*test[:100], *train[:50]]).queries == 50
