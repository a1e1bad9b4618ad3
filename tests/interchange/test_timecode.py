"""Timecode is exact: every name round-trips, and drop-frame leaves out what the standard says and nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.interchange.timecode import RATES, FrameRate, is_drop

DROPPING = ("29.97", "30", "59.94", "60", "119.88", "120")
ALL = [FrameRate(rate) for rate in RATES.values()] + [FrameRate(RATES[name], drop=True) for name in DROPPING]
rates = st.sampled_from(ALL)


@given(rates, st.integers(0, 6_000_000))
def test_names_and_frames_round_trip(rate: FrameRate, frame: int) -> None:
    frame %= rate.day
    assert rate.parse(rate.name(frame)) == frame
    assert rate.frame(rate.seconds(frame)) == frame


@given(rates, st.integers(0, 6_000_000))
def test_names_rise_with_frames(rate: FrameRate, frame: int) -> None:
    frame %= rate.day - 1
    assert rate.name(frame) < rate.name(frame + 1)


@given(rates, st.floats(0, 1e5))
def test_the_nearest_boundary_is_half_a_frame_away_at_most(rate: FrameRate, seconds: float) -> None:
    assert abs(rate.seconds(rate.frame(seconds)) - Fraction(seconds)) <= 1 / rate.rate / 2


def label(number: int, nominal: int, dropped: int) -> str:
    """The label of a frame by counting as SMPTE ST 12-1 says: minute by minute, leaving labels out."""
    minute = 0
    while True:
        left_out = dropped if minute % 10 else 0
        if number < 60 * nominal - left_out:
            second, frame = divmod(number + left_out, nominal)
            width = 3 if nominal > 100 else 2
            mark = ";" if dropped else ":"
            return f"{minute // 60:02}:{minute % 60:02}:{second:02}{mark}{frame:0{width}}"
        number -= 60 * nominal - left_out
        minute += 1


@given(rates, st.integers(0, 400_000))
def test_labels_are_those_of_the_standard(rate: FrameRate, frame: int) -> None:
    skipped = {30: 2, 60: 4, 120: 8}[rate.nominal] if rate.drop else 0
    assert rate.name(frame) == label(frame, rate.nominal, skipped)


@pytest.mark.parametrize(("name", "skipped"), [("29.97", 2), ("30", 2), ("59.94", 4), ("60", 4)])
def test_drop_frame_skips_the_first_names_of_each_minute_but_tens(name: str, skipped: int) -> None:
    rate = FrameRate(RATES[name], drop=True)
    names = {rate.name(frame) for frame in range(rate.parse("01:00:00;00"))}
    missing = {f"00:{minute:02}:00;{frame:02}" for minute in range(60) if minute % 10 for frame in range(skipped)}
    every = {f"00:{s // 60:02}:{s % 60:02};{frame:02}" for s in range(3600) for frame in range(rate.nominal)}
    assert every - names == missing
    for gone in missing:
        with pytest.raises(InputError, match="skips it"):
            rate.parse(gone)


@pytest.mark.parametrize(
    ("rate", "frame", "name"),
    [
        (FrameRate(RATES["29.97"], drop=True), 17_982, "00:10:00;00"),
        (FrameRate(RATES["29.97"], drop=True), 107_892, "01:00:00;00"),
        (FrameRate(RATES["59.94"], drop=True), 3_600, "00:01:00;04"),
        (FrameRate(RATES["59.94"], drop=True), 215_784, "01:00:00;00"),
        (FrameRate(RATES["29.97"]), 107_892, "00:59:56:12"),
        (FrameRate(RATES["23.976"]), 86_400, "01:00:00:00"),
        (FrameRate(RATES["30"], drop=True), 1_793_106, "16:37:10;02"),
        (FrameRate(RATES["119.88"], drop=True), 7_200, "00:01:00;008"),
    ],
)
def test_known_names(rate: FrameRate, frame: int, name: str) -> None:
    assert rate.name(frame) == name and rate.parse(name) == frame


def test_drop_frame_keeps_step_with_the_clock_and_the_other_falls_behind() -> None:
    rate = RATES["29.97"]
    hour = FrameRate(rate, drop=True).parse("01:00:00;00")
    assert abs(hour / rate - 3600) < Fraction(1, 250)
    assert FrameRate(rate).parse("01:00:00:00") / rate == 3600 * Fraction(1001, 1000)


@given(rates, st.integers(0, 10**7))
def test_names_begin_again_after_a_day(rate: FrameRate, frame: int) -> None:
    assert rate.name(frame) == rate.name(frame + rate.day)


@pytest.mark.parametrize(
    "text", ["", "1:2:3:4", "25:00:00:00", "00:60:00:00", "00:00:00:25", "00:00:00", "٠٠:00:00:00"]
)
def test_what_is_no_timecode_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        FrameRate(RATES["25"]).parse(text)


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        (23.976, "23.976"),
        (24.0, "24"),
        (29.97, "29.97"),
        (59.9402, "59.94"),
        (23.98, "23.976"),
        (47.952, "47.952"),
        (27.3, "25"),
        (31.0, None),
        (15.0, None),
    ],
)
def test_the_rate_that_a_file_means(stated: float, meant: str | None) -> None:
    assert FrameRate.nearest(stated).rate == (RATES[meant] if meant else Fraction(stated))


def test_no_drop_frame_at_other_rates() -> None:
    for name in ("23.976", "24", "25", "47.952", "50", "100"):
        with pytest.raises(InputError, match=r"29\.97, 30, 59\.94 and 60"):
            FrameRate(RATES[name], drop=True)


@pytest.mark.parametrize("text", ["01:00:00;02", "01:00:00.02", "01;00;00;02", "01:00:00,02"])
def test_drop_frame_is_written_with_other_marks_too(text: str) -> None:
    assert is_drop(text) and FrameRate(RATES["29.97"], drop=True).parse(text) == 107_894
    assert not is_drop("01:00:00:02") and not is_drop("1 o'clock")
