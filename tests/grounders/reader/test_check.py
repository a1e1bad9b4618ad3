"""Nothing survives that does not stand in the lines which were shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_server import lines

from whenabouts.grounders.reader.answers import Claim
from whenabouts.grounders.reader.check import checked, plain

TALK = lines(
    ["My mother kept bees,", "and my father repaired clocks.", "Yes.", "예산은 팔천만이었습니다.", "养蜜蜂。", "Bye."]
    * 2
)


def numbers(claim: Claim, window: range = range(12)) -> list[int] | None:
    reading = checked(claim, TALK, window)
    return None if reading is None else [TALK.index(line) + 1 for line in reading.lines]


@pytest.mark.parametrize(
    ("named", "quote", "kept"),
    [
        ([1], "My mother kept bees", [1]),
        ([1], "MY MOTHER… kept “bees”!", [1]),
        ([2, 1], "bees and my father", [1, 2]),
        ([4], "예산은 팔천만", [4]),
        ([5], "蜜蜂", [5]),
        ([3], "yes", [3]),  # a whole line, however short
        ([1, 3, 2, 4, 5, 6], "father repaired", [2]),  # of many lines those that bear the quote
        ([1, 7], "kept bees", [1]),
        ([1], "My mother kept wasps", None),
        ([2], "My mother kept bees", None),  # it stands elsewhere
        ([1], "bee", None),  # it could stand anywhere
        ([1], "", None),
        ([1], "…!", None),
        ([0], "My mother kept bees", None),
        ([13], "My mother kept bees", None),
        ([1, 13], "My mother kept bees", None),
        ([], "My mother kept bees", None),
    ],
)
def test_lines_and_quote_must_agree(named: list[int], quote: str, kept: list[int] | None) -> None:
    assert numbers(Claim(tuple(named), quote)) == kept


def test_a_line_outside_the_window_was_not_read() -> None:
    claim = Claim((7,), "My mother kept bees")
    assert numbers(claim, range(6, 12)) == [7] and numbers(claim, range(6)) is None


@given(st.lists(st.integers(-2, 15), max_size=6), st.text(max_size=20) | st.sampled_from([t.text for t in TALK]))
def test_what_survives_was_shown_and_holds_the_quote(named: list[int], quote: str) -> None:
    reading = checked(Claim(tuple(named), quote), TALK, range(2, 9))
    if reading is not None:
        assert set(reading.lines) <= set(TALK[2:9]) and set(reading.lines) <= {TALK[n - 1] for n in named}
        assert plain(quote) and plain(quote) in plain("".join(line.text for line in reading.lines))
        assert 0 <= reading.start < reading.end
