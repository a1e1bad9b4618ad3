"""Edits as words: each form is read, and what is not one is refused with the form that was meant."""

from __future__ import annotations

from contextlib import suppress

import pytest
from coloured import coloured
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.synthetic.edit_words import FORMS, edited_by
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edited, Insert, Retime, Reverse, Swap


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    return coloured(tmp_path_factory.mktemp("words") / "a:b 0-3.mp4", ("red", 15), ("blue", 15))


def test_words_mean_edits(video: Video) -> None:
    for words, edits in (
        (["cut:10-20"], [Cut(10, 20)]),
        (["cut:1.5-2", "reverse:0-3"], [Cut(1.5, 2), Reverse(0, 3)]),
        (["speed:5-8:2"], [Retime(5, 8, 2)]),
        (["swap:1-3:5-8"], [Swap((1, 3), (5, 8))]),
    ):
        shown, time_map = edited_by(video, words)
        assert shown.sha256 == Edited(video, edits).sha256
        assert time_map.windows([[4, 9]]) == pytest.approx(Edited(video, edits).time_map.windows([[4, 9]]))


def test_a_path_may_hold_what_words_are_made_of(video: Video) -> None:
    whole, _ = edited_by(video, [f"insert:4:{video.path}"])
    assert whole.duration == pytest.approx(60.0)
    part, _ = edited_by(video, [f"insert:4:{video.path}:0-3"])
    assert part.duration == pytest.approx(33.0)
    assert part.pieces[1].end == 3 and Insert(4, video, 0, 3).start == 0


def test_degradations_and_edits_follow_each_other(video: Video) -> None:
    shown, time_map = edited_by(video, ["cut:0-10", "freeze:0-5:5", "reverse:0-20"], seed=2)
    assert shown.duration == pytest.approx(20.0)
    assert time_map.windows([[10, 12]]).tolist() == [[18.0, 20.0]]


def test_every_form_can_be_read(video: Video) -> None:
    for form in FORMS:
        edited_by(video, [form.replace("other.mp4", str(video.path))])


@pytest.mark.parametrize(
    "word",
    (
        *("", "cut", "cut:", "cut:5", "cut:5-x", "cut:8-5", "cut:nan-5", "trim:1-2", "noise:1-2", "noise:1-2:2.5"),
        *(
            "noise:1-2:9",
            "insert:4",
            "insert:4:",
            "insert:x:a.mp4",
            "insert:1:missing.mp4",
            "swap:1-3",
            "speed:1-2:inf",
        ),
    ),
)
def test_what_is_no_edit_is_refused_in_a_sentence(video: Video, word: str) -> None:
    with pytest.raises(WhenaboutsError) as refused:
        edited_by(video, [word])
    assert "\n" not in str(refused.value)


@given(st.lists(st.text(alphabet="cutinserv:-.0123456789 e", max_size=14), max_size=2))
def test_no_word_gives_anything_but_a_view_or_a_refusal(video: Video, words: list[str]) -> None:
    with suppress(WhenaboutsError):
        edited_by(video, words)


def test_no_edit_at_all_is_refused(video: Video) -> None:
    with pytest.raises(InputError, match="cut:10-20"):
        edited_by(video, [])
