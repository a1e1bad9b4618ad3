"""Timecode is exact: every name round-trips, and drop-frame leaves out what the standard says and nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.interchange.timecode import RATES, FrameRate

ALL = [FrameRate(rate) for rate in RATES.values()] + [FrameRate(RATES[name], drop=True) for name in ("29.97", "59.94")]
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


@pytest.mark.parametrize(("name", "skipped"), [("29.97", 2), ("59.94", 4)])
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
    [(23.976, "23.976"), (24.0, "24"), (29.97, "29.97"), (59.9402, "59.94"), (27.3, "25"), (31.0, None), (15.0, None)],
)
def test_the_rate_that_a_file_means(stated: float, meant: str | None) -> None:
    assert FrameRate.nearest(stated).rate == (RATES[meant] if meant else Fraction(stated))


def test_no_drop_frame_at_other_rates() -> None:
    with pytest.raises(InputError, match=r"29\.97 and 59\.94"):
        FrameRate(RATES["23.976"], drop=True)
