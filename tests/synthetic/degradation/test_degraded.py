"""Degraded views: nothing at severity 0, the same picture however it is asked for, worse with severity."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import make_video, read_number

from whenabouts.errors import InputError
from whenabouts.synthetic.degradation import DEGRADATIONS, SEVERITIES, Degraded
from whenabouts.synthetic.degradation.pictures import PICTURES
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edited, Reverse

UNEVEN = [Fraction(k * k + 7 * k, 100) for k in range(24)]  # 0 to 6.9 s


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    path = tmp_path_factory.mktemp("degraded") / "video.mkv"
    make_video(path, times=UNEVEN, size=(240, 160))
    return Video(path)


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Video:
    path = tmp_path_factory.mktemp("degraded") / "even.mp4"
    make_video(path, seconds=10.0, fps=10)
    return Video(path)


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_severity_0_changes_nothing(video: Video, kind: str) -> None:
    same = Degraded(video, kind, 0)
    assert np.array_equal(same.times, video.times)
    for size in (None, 64):
        pairs = zip(same.sample(5, size=size), video.sample(5, size=size), strict=True)
        assert all(a.time == b.time and np.array_equal(a.image, b.image) for a, b in pairs)


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_only_the_stretch_is_touched_and_times_stay(even: Video, kind: str) -> None:
    bad = Degraded(even, kind, 3, 2.0, 5.0)
    assert np.array_equal(bad.times, even.times) and bad.sha256 != even.sha256
    touched = [
        frame.time
        for frame, clean in zip(bad.at(bad.times.tolist()), even.at(even.times.tolist()), strict=True)
        if not np.array_equal(frame.image, clean.image)
    ]
    assert touched and min(touched) >= 2.0 and max(touched) < 5.0


@given(
    kind=st.sampled_from(DEGRADATIONS),
    severity=st.sampled_from(SEVERITIES),
    seed=st.integers(0, 5),
    times=st.lists(st.integers(0, 690).map(lambda t: t / 100), min_size=1, max_size=4),
)
@settings(max_examples=25)
def test_a_picture_is_the_same_however_it_is_asked_for(
    video: Video, kind: str, severity: int, seed: int, times: list[float]
) -> None:
    one, other = (Degraded(video, kind, severity, 1.0, 6.0, seed=seed) for _ in range(2))
    assert one.sha256 == other.sha256
    together = list(one.at(sorted(times)))
    for time, frame in zip(sorted(times), together, strict=True):
        (alone,) = other.at([time])
        assert alone.time == frame.time and np.array_equal(alone.image, frame.image)


@pytest.mark.parametrize("kind", PICTURES)
def test_worse_means_farther_from_the_picture(kind: str) -> None:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (24, 32, 3)).astype(np.uint8)
    image = np.kron(small, np.ones((10, 10, 1), np.uint8))
    kept = image.copy()
    off = [np.abs(PICTURES[kind](image, s, 1.0, 0).astype(float) - image).mean() for s in SEVERITIES]
    assert all(a < b for a, b in pairwise(off))
    assert np.array_equal(image, kept)
    assert PICTURES[kind](image, 5, 1.0, 0).dtype == np.uint8


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (16, 200)])
def test_odd_sizes_keep_their_shape(kind: str, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 100, np.uint8)
    assert PICTURES[kind](image, 5, 0.0, 0).shape == image.shape


def test_blur_keeps_an_even_picture_as_it_is() -> None:
    image = np.full((40, 60, 3), 100, np.uint8)
    for kind in ("defocus", "motion"):
        assert np.abs(PICTURES[kind](image, 3, 0.5, 0).astype(int) - 100).max() <= 1


def test_noise_has_the_scale_of_its_table() -> None:
    image = np.full((224, 224, 3), 128, np.uint8)
    noisy = PICTURES["noise"](image, 1, 0.0, 0).astype(float)
    assert noisy.std() == pytest.approx(0.08 * 255, rel=0.02) and noisy.mean() == pytest.approx(128, abs=0.5)


def test_noise_is_another_at_another_time_and_seed() -> None:
    image = np.full((32, 32, 3), 128, np.uint8)
    first = PICTURES["noise"](image, 3, 1.0, 0)
    assert not np.array_equal(first, PICTURES["noise"](image, 3, 1.04, 0))
    assert not np.array_equal(first, PICTURES["noise"](image, 3, 1.0, 1))


def test_dropped_pictures_leave_the_last_one_on_show(even: Video) -> None:
    shown = [read_number(f.image) for f in Degraded(even, "drop", 3, 0.0, 8.0, seed=1).at(even.times.tolist())]
    own = np.arange(100)
    assert np.all(np.diff(shown) >= 0) and np.all(shown <= own) and np.array_equal(shown[80:], own[80:])
    assert 0.2 < np.mean(np.array(shown[:80]) != own[:80]) < 0.8


def test_a_freeze_stands_for_its_seconds(even: Video) -> None:
    shown = [read_number(f.image) for f in Degraded(even, "freeze", 2, 3.0, 8.0).at(even.times.tolist())]
    assert shown == [*range(30), *[30] * 20, *[50] * 20, *[70] * 10, *range(80, 100)]
    whole = [read_number(f.image) for f in Degraded(even, "freeze", 5, 3.0, 8.0).at(even.times.tolist())]
    assert whole == [*range(30), *[30] * 50, *range(80, 100)]


def test_views_over_views(even: Video) -> None:
    bad = Degraded(Edited(even, [Cut(0, 5)]), "freeze", 5)
    assert {read_number(frame.image) for frame in bad.sample(2)} == {50}
    turned = Edited(Degraded(even, "noise", 1, 0.0, 5.0, seed=3), [Reverse(0, 10)])
    assert read_number(next(turned.at([9.95])).image) == 0


@pytest.mark.parametrize(
    "arguments", [("rain", 1), ("noise", 6), ("noise", -1), ("noise", 1.5), ("noise", 1, 5.0, 5.0), ("noise", 1, 11.0)]
)
def test_senseless_settings_are_refused(even: Video, arguments: tuple[str, int]) -> None:
    with pytest.raises(InputError):
        Degraded(even, *arguments)
