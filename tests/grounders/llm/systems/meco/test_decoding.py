"""MeCo's windows, against values of the official function."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from whenabouts.grounders.llm.systems.meco.decoding import clips, decode  # noqa: E402
from whenabouts.grounders.llm.systems.meco.head import EVENT, TRANSITION  # noqa: E402

SCALE = 10.0
KINDS = {"E": EVENT, "T": TRANSITION}
TWO = ("ET", "20 31 48 50 49 12 10 47 11", "10 12 40 20 30 44 45 46 43")
ONE = ("E", "10 50 10 10 48 49 10")
SAME = ("EE", "10 48 50 49 10 10 10 12", "11 47 49 50 10 10 40 10")
BETWEEN = ("TET", "30 10 10 10 20 10", "10 30 40 50 40 10", "10 10 10 60 40 50")
EDGES = ("EET", "50 40 10 10", "10 49 50 10", "10 10 10 50")
# pangzss/MeCo, tools/compute_metrics_charades_qvh.py: get_boundaries, of cosines in hundredths and a scale of 10;
# with `use_tst` as for Charades-STA, and without
OFFICIAL = [
    (TWO, True, [(1, 5, 0.26848)]),
    (TWO, False, [(2, 4, 0.26848), (7, 8, 0.198895)]),
    (ONE, True, [(0, 6, 0.357548)]),
    (ONE, False, [(1, 2, 0.357548), (4, 5, 0.323522)]),
    (SAME, True, [(0, 3, 0.35471), (2, 7, 0.323758)]),
    (SAME, False, [(1, 3, 0.35471), (6, 7, 0.119104), (1, 3, 0.0)]),
    (BETWEEN, True, [(1, 5, 0.524184)]),
    (BETWEEN, False, [(2, 4, 0.524184)]),
    (EDGES, True, [(0, 1, 0.711992), (0, 3, 0.515074)]),
    (EDGES, False, [(0, 1, 0.711992), (1, 2, 0.515074)]),
    (("E", "10 10 10"), True, [(0, 3.5, 1)]),
    (("T", "10 40 20 30"), False, [(0, 4.5, 1)]),
]
SALIENCY = {
    SAME: [0.006525, 0.265129, 0.32383, 0.322357, 0.006213, 0.006213, 0.0628, 0.006932],
    EDGES: [0.360713, 0.363993, 0.264057, 0.011237],
}


def rows(case: tuple[str, ...]) -> tuple[torch.Tensor, list[str]]:
    return torch.tensor([[int(v) / 100 for v in row.split()] for row in case[1:]]), [KINDS[kind] for kind in case[0]]


@pytest.mark.parametrize(("case", "charades", "windows"), OFFICIAL)
def test_official_windows(case: tuple[str, ...], charades: bool, windows: list[tuple[float, float, float]]) -> None:
    cosines, kinds = rows(case)
    found = decode(cosines, SCALE, kinds, cosines.shape[1] + 0.5, charades=charades)
    torch.testing.assert_close(torch.tensor(found.windows), torch.tensor(windows).float(), atol=1e-6, rtol=0)
    assert [(m.start, m.end) for m in found.moments] == [w[:2] for w in windows if w[2] > 0 and not found.nothing]


@pytest.mark.parametrize("case", list(SALIENCY))
def test_official_saliency(case: tuple[str, ...]) -> None:
    cosines, kinds = rows(case)
    saliency = decode(cosines, SCALE, kinds, 9.0).saliency
    assert saliency == pytest.approx(SALIENCY[case], abs=1e-6)
    assert clips([*saliency, 7.0]) == pytest.approx(
        [(a + b) / 2 for a, b in zip(saliency[::2], saliency[1::2], strict=True)]
    )


def test_where_nothing_is_found_no_moment_is_claimed() -> None:
    found = decode(torch.ones(1, 6), SCALE, [EVENT], 6.4)
    assert found.nothing and found.moments == [] and found.saliency == (1.0,) * 6


def test_one_kind_is_needed_per_row() -> None:
    with pytest.raises(ValueError, match="2 rows of cosines but 1"):
        decode(torch.zeros(2, 4), SCALE, [EVENT], 4.0)


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=12, max_size=12), min_size=1, max_size=4), st.booleans())
def test_windows_lie_in_the_video_and_better_ones_come_first(values: list[list[float]], charades: bool) -> None:
    found = decode(torch.tensor(values), SCALE, [EVENT] * len(values), 12.0, charades=charades)
    scores = [window[2] for window in found.windows]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= start < end <= 12 for start, end, _ in found.windows)
