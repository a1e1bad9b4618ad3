"""Times in milliseconds: told so, and exact again when they come back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import make_video

from whenabouts.prediction import json_schema
from whenabouts.server.milliseconds import TIMES, exact_ends, meant, rounded
from whenabouts.video import Video

NO_TIMES = {"score", "presence", "values", "usage", "ordinal", "count"}  # numbers of a prediction that are no seconds
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(0, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TIMES, "score", "x"]), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(30_000, 1001), Fraction(60_000, 1001), 25, 120])
def test_the_time_of_every_picture_comes_back_exact(tmp_path: Path, rate: Fraction) -> None:
    make_video(tmp_path / "v.mp4", fps=rate, seconds=1, size=(64, 64))
    with Video(tmp_path / "v.mp4") as video:
        times = list(video.times)
        assert [meant(video, round(time, 3)) for time in times[:40]] == times[:40]
        assert exact_ends(video, round(times[3], 3), 9.0) == (times[3], video.duration)
        half = (times[1] + times[2]) / 2
        assert meant(video, half) == half


@given(JSON)
def test_rounding_twice_is_rounding_once_and_changes_nothing_but_times_and_scores(value: Any) -> None:
    once = rounded(value)
    assert rounded(once) == once
    assert rounded({"score": 0.123456789, "presence": 0.98765}) == {"score": 0.1235, "presence": 0.98765}


@given(st.floats(0, 1e5), st.floats(1e-6, 1e3))
def test_a_moment_stays_one(start: float, length: float) -> None:
    if start < start + length:
        told = rounded({"start": start, "end": start + length})
        assert told["start"] < told["end"] and abs(told["start"] - start) <= 0.0006


def test_every_number_of_a_prediction_is_known_to_be_a_time_or_none() -> None:
    schema = json_schema()
    parts = [schema, *schema["$defs"].values()]
    numbers = {
        name
        for part in parts
        for name, facts in part.get("properties", {}).items()
        if '"number"' in str(facts).replace("'", '"')
    }
    assert numbers <= TIMES | NO_TIMES, numbers - TIMES - NO_TIMES
    assert {"start", "end", "duration", "spread", "times"} <= numbers
