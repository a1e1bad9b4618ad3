"""The rules of ranking, whatever the figures are."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.auditing.leaderboard import leaderboard
from whenabouts.auditing.leaderboard.figure import CONFIRMED, Figure, datasets
from whenabouts.auditing.leaderboard.ranking import chosen_metric, ranks, unranked

FEW = {"R1@0.5": st.sampled_from([40.0, 40.1, 50.0]), "mIoU": st.sampled_from([30.0, 31.5])}


@st.composite
def some_figure(draw: st.DrawFn) -> Figure:
    """A row with few different values, so that keys meet and figures tie."""
    scores = {name: draw(value) for name, value in FEW.items() if draw(st.booleans())}
    return Figure(
        dataset="charades-sta",
        system=draw(st.sampled_from("ABC")),
        arxiv="",
        split=draw(st.sampled_from(["test", "val", "?"])),
        truth=draw(st.sampled_from(["original", "timelens"])),
        protocol=draw(st.sampled_from(["vlm-top1-ge", "2d-tan", "?"])),
        evaluation="",
        setting=draw(st.sampled_from(["zero-shot", "fine-tuned", "?", "blind"])),
        features="",
        scores=scores or {"mIoU": 30.0},
        source="paper",
        kind="paper",
        confirmed=draw(st.sampled_from(CONFIRMED)),
        unread=tuple(name for name in scores if draw(st.booleans())),
        note="",
    )


@given(st.lists(some_figure(), max_size=40), st.sampled_from([*FEW]), st.booleans())
def test_only_what_may_be_ranked_is_and_in_order(rows: list[Figure], metric: str, paper: bool) -> None:
    found = ranks(rows, metric, paper=paper)
    ranked = sorted(
        ((row, rank) for row, rank in zip(rows, found, strict=True) if rank is not None), key=lambda each: each[0].key
    )
    for row, _ in ranked:
        assert "?" not in row.key and row.setting != "blind"
        assert row.confirmed == "yes" or (paper and row.confirmed == "paper?")
        assert metric not in row.unread
    for row, rank in zip(rows, found, strict=True):
        assert (rank is None) == bool(unranked(row, metric, paper=paper))
    for _, group in groupby(ranked, key=lambda each: each[0].key):
        members = list(group)
        for row, rank in members:
            assert rank == 1 + sum(other.scores[metric] > row.scores[metric] for other, _ in members)


def test_ties_share_the_better_rank() -> None:
    rows = [figure_with(value) for value in (50.0, 40.0, 50.0, 30.0)]
    assert ranks(rows, "R1@0.5") == [1, 3, 1, 4]


def test_a_value_that_is_not_in_the_source_of_its_row_is_not_ranked_by() -> None:
    group = leaderboard("charades-sta", metric="R1@0.3", setting="zero-shot", split="test").groups[0]
    [videomind] = [one for one in group.standings if one.figure.system == "VideoMind-7B"]
    assert videomind.rank is None and videomind.unranked == "R1@0.3 second-hand"
    assert group.ranked[0].figure.system == "TFVTG (training-free)"


def test_the_metric_is_the_usual_one_that_half_of_the_figures_have() -> None:
    rows = [figure_with(50.0), figure_with(40.0), figure_with(30.0, "mIoU"), figure_with(20.0, "mIoU")]
    assert chosen_metric(rows) == "R1@0.5"
    assert chosen_metric([*rows, figure_with(20.0, "mIoU")]) == "mIoU"


def test_no_board_ranks_across_keys_or_what_was_only_told() -> None:
    """Of all that comes with the package."""
    for name in datasets():
        for group in leaderboard(name).groups:
            for one in group.standings:
                assert one.figure.key == group.key
                assert (one.rank is None) == bool(one.unranked)
                if one.rank is not None:
                    assert one.figure.confirmed == "yes" and "?" not in group.key
            order = [one.figure.scores[group.metric] for one in group.ranked]
            assert order == sorted(order, reverse=True)


def figure_with(value: float, metric: str = "R1@0.5") -> Figure:
    return Figure(
        dataset="tacos",
        system="A",
        arxiv="",
        split="test",
        truth="original",
        protocol="2d-tan",
        evaluation="",
        setting="fine-tuned",
        features="",
        scores={metric: value},
        source="paper",
        kind="paper",
        confirmed="yes",
        unread=(),
        note="",
    )
