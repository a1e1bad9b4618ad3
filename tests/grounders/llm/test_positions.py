"""Positions of tokens beside those of transformers 4.52's `get_rope_index`, with which Qwen's models were trained."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.llm.engines.positions import positions

# (seconds between steps, text before, grids of videos, text after each) -> (next position, sha256 of the positions),
# computed by verl's copy of transformers v4.52.4, models/qwen2_5_vl/modeling_qwen2_5_vl.py: get_rope_index
OFFICIAL = [
    (7.3424, 9, [(58, 6, 10), (33, 8, 4)], 9, 1337, "9d88c785c4c7456f"),
    (1.0033, 10, [(37, 6, 10), (25, 6, 4)], 5, 144, "836245dad35185f9"),
    (1.0, 20, [(53, 6, 10)], 8, 134, "b22774e3e3696a7c"),
    (1.0033, 17, [(31, 12, 6), (21, 2, 10)], 2, 125, "b77cff73269e5ec8"),
    (1.0033, 4, [(35, 10, 10), (35, 4, 4)], 6, 156, "c9dc9df7fa129a4d"),
    (1.0033, 18, [(35, 2, 10)], 4, 92, "5a360f914adb40da"),
    (1.0033, 14, [(44, 2, 6), (53, 4, 4)], 7, 222, "6e6eb6783184cc9a"),
    (0.5, 17, [(33, 2, 2)], 8, 59, "3c058d78526a6c23"),
    (1.0, 0, [(57, 2, 10)], 8, 122, "632001264e6d01b7"),
    (0.8849, 0, [(13, 6, 12), (29, 12, 8)], 7, 88, "4e466acfef8a74d4"),
    (0.0667, 15, [(54, 10, 6), (7, 6, 6), (5, 8, 10)], 8, 58, "1ca9b5a0323a77c9"),
    (0.5, 8, [(5, 6, 4), (17, 12, 12)], 7, 46, "ad12e28368dd3849"),
    (1.0033, 5, [(60, 4, 8)], 7, 132, "07880b9379d523c2"),
    (1.5625, 11, [(26, 2, 10)], 9, 100, "c405ab2da2bff23d"),
    (1.0033, 0, [(45, 8, 2)], 2, 92, "e055a4dbaed18b29"),
    (1.5625, 11, [(9, 10, 4)], 7, 45, "52b1660c32dd3191"),
    (0.5, 7, [(30, 6, 8)], 9, 47, "bf7fce1d282c332c"),
    (1.0, 0, [(4, 4, 6)], 2, 10, "c7460b264e3f4d32"),
    (1.0, 13, [(53, 12, 2)], 8, 127, "d59c8cdb92a56d74"),
    (1.5625, 6, [(32, 4, 6), (47, 6, 2)], 9, 267, "5f510c3205e1aaef"),
    (0.5, 0, [(4, 10, 12)], 4, 11, "f1656dfeb4876c91"),
    (1.0033, 15, [(5, 4, 2), (12, 10, 2), (21, 4, 10)], 5, 106, "359a1f6a4194424d"),
    (1.0033, 1, [(54, 4, 4)], 4, 113, "94dd2887407b164a"),
    (1.0033, 17, [(46, 12, 10)], 4, 113, "03ce728f800320d4"),
]


def kinds_of(before: int, grids: list[tuple[int, int, int]], after: int) -> list[int]:
    kinds = [0] * before
    for time, height, width in grids:
        kinds += [0] + [2] * (time * height * width // 4) + [0] * after
    return kinds


@pytest.mark.parametrize("case", OFFICIAL, ids=range(len(OFFICIAL)))
def test_positions_are_the_official_ones(case: tuple[float, int, list[tuple[int, int, int]], int, int, str]) -> None:
    seconds, before, grids, after, following, digest = case
    found, then = positions(kinds_of(before, grids, after), [], grids, merge=2, step=2 * seconds)
    assert then == following
    assert hashlib.sha256(np.ascontiguousarray(found, np.int64).tobytes()).hexdigest()[:16] == digest


def test_words_stand_behind_a_long_video_and_not_among_its_first_seconds() -> None:
    """100 steps of one second, 4 by 4 patches: transformers 5 would put the words at 2."""
    found, following = positions([2] * 400 + [0] * 3, [], [(100, 4, 4)], merge=2, step=2.0)
    assert found[0, ::4][:100].tolist() == list(range(0, 200, 2))
    assert found[:, 400:].tolist() == [[199, 200, 201]] * 3 and following == 202


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4),
    st.integers(0, 9),
    st.floats(0.05, 9.0),
)
def test_positions_never_go_back_and_pictures_take_no_time(
    grids: list[tuple[int, int, int]], text: int, seconds: float
) -> None:
    patches = [(time, 2 * high, 2 * wide) for time, high, wide in grids]
    kinds = kinds_of(text, patches, 1)
    found, following = positions(kinds, [], patches, merge=2, step=2 * seconds)
    assert found.shape == (3, len(kinds)) and following == found.max() + 1
    assert (np.diff(found[0]) >= 0).all()
    stills = [(1, high, wide) for _, high, wide in patches]
    as_video, _ = positions(kinds_of(text, stills, 1), [], stills, merge=2, step=2 * seconds)
    as_images, _ = positions([kind // 2 for kind in kinds_of(text, stills, 1)], stills, [], merge=2, step=2 * seconds)
    np.testing.assert_array_equal(as_video, as_images)
