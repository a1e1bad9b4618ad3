"""Folders in another order than a head has learned them answer wrongly, so they are refused."""

from __future__ import annotations

import pytest

from whenabouts.errors import InputError
from whenabouts.training.supervised.columns import Column, as_learned, clip_before_slowfast, learned

SLOWFAST, CLIP = ("slowfast", 2304), ("clip", 512)
RUN = {"columns": [["motion", 4], ["looks", 4]]}  # a run of our own, on folders as wide as each other


@pytest.mark.parametrize(
    ("facts", "width", "columns"),
    [
        ({"features": "slowfast+clip+glove"}, 2816, [SLOWFAST, CLIP]),
        ({"features": "slowfast+clip+pann"}, 2816, [SLOWFAST, CLIP]),
        ({"features": "i3d+clip"}, 2048, [("i3d", 2048)]),
        ({"features": ""}, 2816, [SLOWFAST, CLIP]),  # such as after --feature-order
        ({"features": "clap"}, 0, []),
        ({"folders": ["clip", "slowfast", "text"]}, 2816, []),  # of runs that did not say their columns yet
        (RUN, 8, [("motion", 4), ("looks", 4)]),
    ],
)
def test_what_a_head_learned_from(facts: dict[str, object], width: int, columns: list[Column]) -> None:
    assert learned(facts, width) == columns


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ([CLIP, SLOWFAST], {"features": "slowfast+clip+glove"}),
        ([("a", 512), ("b", 2304)], {}),
        ([SLOWFAST, CLIP], {"columns": [CLIP, SLOWFAST]}),
        ([("looks", 4), ("motion", 4)], RUN),
    ],
)
def test_another_order_is_refused(given: list[Column], facts: dict[str, object]) -> None:
    with pytest.raises(InputError, match="give them in that order"):
        as_learned(given, facts, sum(width for _, width in given))


def test_other_names_are_told_where_nothing_else_tells() -> None:
    assert as_learned([SLOWFAST, CLIP], {"features": "slowfast+clip"}, 2816) == ()
    assert as_learned([("x", 2304), ("y", 512)], {"features": "slowfast+clip"}, 2816) == ()
    assert as_learned([("motion", 4), ("looks", 4)], RUN, 8) == ()
    [note] = as_learned([("motion", 4), ("sight", 4)], RUN, 8)
    assert note.startswith("the head learned from folders named motion, looks, and these are named motion, sight")


def test_clip_before_slowfast_is_told_in_training() -> None:
    [note] = clip_before_slowfast([CLIP, ("vid_slowfast", 2304)])
    assert note.startswith("clip stands before vid_slowfast")
    assert clip_before_slowfast([SLOWFAST, CLIP]) == clip_before_slowfast([CLIP]) == ()
