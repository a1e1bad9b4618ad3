"""Coverage is kept where videos are exchangeable, though queries of one video are not independent."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.trust.answered import Answered
from whenabouts.trust.conformal import Ranges, Rule, Scale, hierarchical_quantile, videos_needed


def video(rng: np.random.Generator, name: str, *, missed: float = 0.1) -> list[Answered]:
    """Queries that succeed and fail together, on a video of 20 to 200 s."""
    duration, hard = float(rng.uniform(20, 200)), rng.gamma(2.0, 0.5)
    answers = []
    for _ in range(int(rng.integers(1, 8))):
        start = float(rng.uniform(0, duration - 10))
        true = np.array([[start, start + 8]])
        off = rng.normal(0, hard, 2) if rng.random() > missed * hard else rng.uniform(-duration, duration, 2)
        s = float(np.clip(start + off[0], 0, duration - 1))
        e = float(np.clip(start + 8 + off[1], s + 0.5, duration))
        answers.append(Answered(name, duration, 1.0, (s, e, 1.0), true))
    return answers


def videos(seed: int, count: int) -> list[Answered]:
    rng = np.random.default_rng(seed)
    return [one for i in range(count) for one in video(rng, f"{i}")]


@pytest.mark.parametrize(("rule", "scale"), [("joint", "video"), ("joint", "moment"), ("bonferroni", "moment")])
def test_a_new_video_is_covered_as_often_as_promised(rule: Rule, scale: Scale) -> None:
    """300 times 39 videos to fit on and one to test: K + 1 = 40, so that the joint rule covers 90 % to 95 %."""
    held = []
    for seed in range(300):
        answers = videos(seed, 40)
        new = [one for one in answers if one.video == "39"]
        ranges = Ranges.fit([one for one in answers if one.video != "39"], 0.9, rule=rule, scale=scale)
        held.append(np.mean([ranges.covers(one) for one in new]))
    error = np.std(held) / math.sqrt(len(held))
    assert np.mean(held) > 0.9 - 3 * error
    if rule == "joint":
        assert np.mean(held) < 0.95 + 3 * error


def test_bands_of_length_keep_the_coverage_each() -> None:
    ranges = Ranges.fit(videos(1, 400), 0.9)
    assert len(ranges.bands) == 3
    for band, low in zip(ranges.bands, (0.0, *(b.until or 0 for b in ranges.bands)), strict=False):
        inside = [one for one in videos(2, 400) if low < one.duration <= (band.until or math.inf)]
        assert 0.86 < np.mean([ranges.covers(one) for one in inside]) < 0.95


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40), st.floats(0.05, 0.95))
def test_with_one_query_a_video_it_is_the_usual_quantile(scores: list[float], coverage: float) -> None:
    place = math.ceil((len(scores) + 1) * coverage - 1e-9)
    usual = sorted(scores)[place - 1] if place <= len(scores) else math.inf
    assert hierarchical_quantile(scores, [str(i) for i in range(len(scores))], coverage) == usual


def test_a_video_weighs_the_same_however_many_queries_it_has() -> None:
    scores = [1.0] * 90 + [5.0] * 9
    names = ["talkative"] * 90 + [str(i) for i in range(9)]
    assert hierarchical_quantile(scores, names, 0.5) == 5.0
    assert hierarchical_quantile(scores, names, 0.09) == 1.0


def test_too_few_videos_are_refused() -> None:
    assert videos_needed(0.9) == 9
    with pytest.raises(InputError, match="need 9 videos with queries that happen, and there are 8; add videos"):
        Ranges.fit(videos(0, 8), 0.9)
    with pytest.raises(InputError, match="need 19 videos"):
        Ranges.fit(videos(0, 9), 0.9, rule="bonferroni")
    assert Ranges.fit(videos(0, 9), 0.9).bands[0].until is None


def test_silence_about_what_happens_has_no_finite_range() -> None:
    answers = [Answered(f"{i}", 60.0, None, None, np.array([[1.0, 2.0]])) for i in range(30)]
    with pytest.raises(InputError, match="100% of their queries that happen got no moment"):
        Ranges.fit(answers, 0.9)
    few = answers[:2] + [one for one in videos(0, 60) if one.video != "0"]
    ranges = Ranges.fit(few, 0.8)
    assert not ranges.covers(answers[0])


def test_the_nearest_true_moment_counts() -> None:
    one = Answered("a", 100.0, 1.0, (50.0, 60.0, 1.0), np.array([[0.0, 8.0], [47.0, 61.0], [90.0, 95.0]]))
    assert one.errors == (3.0, 1.0)
    assert Answered("a", 100.0, 1.0, None, one.truth).errors == (math.inf, math.inf)
    with pytest.raises(ValueError, match="no true start"):
        Answered("a", 100.0, 1.0, one.best, np.zeros((0, 2))).errors  # noqa: B018


def test_ranges_end_with_the_video_and_short_moments_count_as_the_floor() -> None:
    ranges = Ranges.fit(videos(0, 30), 0.9, scale="moment", floor=2.0)
    radius = ranges.bands[0].start
    assert ranges.radii(1e6, 5e5, 5e5 + 0.5) == pytest.approx((2 * radius, 2 * radius))
    assert ranges.radii(30.0, 10.0, 28.0) == (min(18 * radius, 20.0), min(18 * radius, 28.0))


def test_covering_counts_the_fitted_radius_itself() -> None:
    answers = [Answered(f"{i}", 60.0, 1.0, (10.0, 20.0, 1.0), np.array([[10.0 + i / 10, 20.0]])) for i in range(10)]
    ranges = Ranges.fit(answers, 0.5)
    assert [ranges.covers(one) for one in answers] == [True] * 6 + [False] * 4


def test_a_moment_that_rounding_put_past_the_end_is_covered_as_others_are() -> None:
    def some(seed: int, count: int) -> list[Answered]:
        rng = np.random.default_rng(seed)
        truth = np.array([[50.0, 60.1]])
        found = [(0.0, 5.0, 1.0) if rng.random() < 0.3 else (50.0, 60.0, 1.0) for _ in range(count)]
        return [Answered(f"{i}", 60.0, 1.0, best, truth) for i, best in enumerate(found)]

    ranges = Ranges.fit(some(0, 100), 0.9)
    assert np.mean([ranges.covers(one) for one in some(1, 1000)]) >= 0.9


@pytest.mark.parametrize("lengths", [{30.0: 115, 60.0: 5}, {150.0: 175, 150.03: 5}, {10.0: 100, 11.0: 20, 50.0: 60}])
def test_no_band_has_few_videos(lengths: dict[float, int]) -> None:
    durations = [length for length, count in lengths.items() for _ in range(count)]
    truth = np.array([[2.0, 4.0]])
    answers = [Answered(f"{i}", d, 1.0, (2.0 + i % 3, 5.0, 1.0), truth) for i, d in enumerate(durations)]
    inner = [band.until for band in Ranges.fit(answers, 0.9).bands if band.until is not None]
    for low, high in pairwise([0.0, *inner, math.inf]):
        assert sum(low < d <= high for d in durations) >= 60
