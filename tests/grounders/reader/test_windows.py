"""Every line is shown, with what stands before it, in windows of bounded size."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.reader.windows import windows

SIZES = st.lists(st.integers(1, 120), max_size=80)


@given(SIZES, st.integers(1, 300), st.integers(0, 10))
def test_windows_cover_every_line_in_order_and_keep_their_size(sizes: list[int], limit: int, overlap: int) -> None:
    found = windows(sizes, limit, overlap)
    assert {i for window in found for i in window} == set(range(len(sizes)))
    for window in found:
        assert len(window) == 1 or sum(sizes[i] for i in window) <= limit
    for before, after in pairwise(found):
        assert before.start < after.start <= before.stop < after.stop, "nothing is left out, and each has new lines"


@given(st.integers(1, 200), st.integers(0, 6))
def test_lines_of_one_size_are_shared_as_asked(count: int, overlap: int) -> None:
    found = windows([10] * count, 200, overlap)
    assert all(a.stop - b.start == overlap for a, b in pairwise(found))
