"""Where times go: examples by hand, and laws that hold for every edit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lasting import Lasting

from whenabouts.errors import InputError
from whenabouts.video.edit.edits import Cut, Edit, Insert, Move, Retime, Reverse, Shuffle, Swap
from whenabouts.video.edit.pieces import Piece, length, map_from
from whenabouts.video.edit.time_map import TimeMap

VIDEO = Lasting(30.0)
OTHER = Lasting(7.0)


def mapped(*edits: Edit) -> TimeMap:
    pieces: tuple[Piece, ...] = (Piece.whole(VIDEO),)
    for edit in edits:
        pieces = edit.apply(pieces)
    made = map_from(VIDEO, pieces)
    assert made.new_duration == length(pieces)
    return made


@pytest.mark.parametrize(
    ("edit", "window", "moved"),
    [
        (Cut(10, 20), [5, 25], [[5, 15]]),
        (Cut(10, 20), [12, 15], []),
        (Cut(10, 20), [20, 30], [[10, 20]]),
        (Reverse(10, 20), [11, 14], [[16, 19]]),
        (Reverse(10, 20), [5, 12], [[5, 10], [18, 20]]),
        (Retime(10, 20, 2.0), [12, 22], [[11, 17]]),
        (Retime(0, 30, 0.5), [1, 2], [[2, 4]]),
        (Swap((0, 5), (20, 22)), [0, 5], [[17, 22]]),
        (Swap((20, 22), (0, 5)), [4, 6], [[2, 3], [21, 22]]),
        (Move(0, 5, 10), [0, 5], [[5, 10]]),
        (Move(0, 5, 10), [4, 6], [[0, 1], [9, 10]]),
        (Move(20, 30, 0), [0, 3], [[10, 13]]),
        (Insert(10, OTHER), [5, 12], [[5, 10], [17, 19]]),
        (Insert(10, OTHER, 1, 3), [11, 12], [[13, 14]]),
    ],
)
def test_windows_move_as_by_hand(edit: Edit, window: list[float], moved: list[list[float]]) -> None:
    assert mapped(edit).windows([window]).tolist() == moved


def test_windows_of_one_row_that_touch_are_one_and_rows_stay_apart() -> None:
    assert TimeMap.identity(30).windows([[0, 5], [5, 9]]).tolist() == [[0, 5], [5, 9]]
    assert mapped(Swap((0, 5), (5, 10))).windows([[0, 10]]).tolist() == [[0, 10]]


def test_what_is_shown_backwards_is_known_to_be() -> None:
    forwards, backwards = mapped(Reverse(10, 20)).moved(8, 12)
    assert not forwards.backward and backwards.backward


def test_share_that_is_still_shown() -> None:
    assert mapped(Cut(10, 20)).kept(5, 15) == 0.5
    assert mapped(Retime(0, 30, 3)).kept(5, 15) == 1.0


@pytest.mark.parametrize(
    "edit",
    [
        Cut(5, 5),
        Cut(-1, 4),
        Cut(4, 31),
        Cut(6, 5),
        Cut(float("nan"), 5),
        Cut(0, float("inf")),
        Cut(0, 30),
        Reverse(30, 30),
        Retime(1, 2, 0),
        Retime(1, 2, -1),
        Retime(1, 2, float("nan")),
        Swap((0, 5), (4, 8)),
        Move(0, 5, 3),
        Move(0, 5, 31),
        Insert(31, OTHER),
        Insert(1, OTHER, 3, 8),
        Insert(1, OTHER, 3, 3),
        Shuffle(0),
        Shuffle(1e-9),
    ],
)
def test_senseless_edits_are_refused_in_a_sentence(edit: Edit) -> None:
    with pytest.raises(InputError):
        edit.apply((Piece.whole(VIDEO),))


TIMES = st.integers(0, 3000).map(lambda hundredths: hundredths / 100)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """One that keeps ten seconds or more, so that others may follow."""
    a, b, c, d = sorted(draw(st.lists(st.integers(0, 1000), min_size=4, max_size=4, unique=True)))
    start, end, later, last = (each / 100 for each in (a, b, c, d))
    return draw(
        st.sampled_from(
            [
                Reverse(start, end),
                Swap((start, end), (later, last)),
                Move(start, end, later),
                Move(later, last, start),
                Insert(start, OTHER, 1, 3),
                Retime(start, end, 2.5),
                Retime(later, last, 0.3),
                Shuffle(0.7, a),
            ]
        )
    )


@given(st.lists(edits(), max_size=4), TIMES)
def test_there_and_back_is_where_it_was(made: list[Edit], time: float) -> None:
    forth = mapped(*made)
    back = forth.inverse
    edges = {float(edge) for s in forth.segments for edge in (s.old_start, s.old_end)}
    if time not in edges and time < 30:
        (new,) = forth.times(time)
        (old,) = back.times(new)
        assert old == pytest.approx(time, abs=1e-9)
    assert back.inverse == forth


@given(st.lists(edits(), max_size=4), TIMES, TIMES)
def test_windows_keep_their_length_but_for_speed_and_come_back(made: list[Edit], one: float, other: float) -> None:
    start, end = sorted((one, other))
    if start == end:
        return
    forth = mapped(*made)
    rows = forth.windows([[start, end]])
    parts = forth.moved(start, end)
    assert sum(p.old_end - p.old_start for p in parts) == Fraction(end) - Fraction(start)
    assert (rows[:, 1] - rows[:, 0]).sum() == pytest.approx(float(sum(p.new_end - p.new_start for p in parts)))
    assert np.all(rows[1:, 0] > rows[:-1, 1]), "in order, and none touches the next"
    back = forth.inverse.windows(rows)
    assert back[:, 0].min() == pytest.approx(start, abs=1e-6) and back[:, 1].max() == pytest.approx(end, abs=1e-6)


@given(st.lists(edits(), max_size=3), st.lists(edits(), max_size=3), TIMES, TIMES)
def test_maps_one_after_the_other_are_one_map(first: list[Edit], then: list[Edit], one: float, other: float) -> None:
    start, end = sorted((one, other))
    if start == end:
        return
    pieces: tuple[Piece, ...] = (Piece.whole(VIDEO),)
    for edit in first:
        pieces = edit.apply(pieces)
    middle = Lasting(float(length(pieces)))
    after: tuple[Piece, ...] = (Piece.whole(middle),)
    for edit in then:
        after = edit.apply(after)
    at_once = mapped(*first, *then)
    composed = mapped(*first).then(map_from(middle, after))
    assert composed.windows([[start, end]]) == pytest.approx(at_once.windows([[start, end]]), abs=1e-6)
    assert composed.new_duration == pytest.approx(at_once.new_duration)


def test_a_map_of_another_video_does_not_follow() -> None:
    with pytest.raises(InputError, match=r"30\.000 s"):
        TimeMap.identity(30).then(TimeMap.identity(31))
