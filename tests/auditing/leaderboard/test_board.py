"""What a board has, and how it is asked for."""

from __future__ import annotations

import json

import pytest

from whenabouts.auditing.leaderboard import beside, leaderboard, listing
from whenabouts.auditing.leaderboard.figure import datasets
from whenabouts.errors import InputError
from whenabouts.evaluation.blind import BASELINES


def test_blind_baselines_stand_in_the_table_where_they_belong() -> None:
    group = leaderboard("charades-sta", setting="zero-shot").groups[0]
    rows = group_table(group)
    blind = next(row for row in rows if row[1] == "blind: vote of similar sentences")
    assert blind[0] is None and blind[2:] != ()
    above, below = rows[rows.index(blind) - 1], rows[rows.index(blind) + 1]
    column = 2 + ["R1@0.3", "R1@0.5", "R1@0.7", "mIoU"].index(group.metric)
    assert above[column] >= blind[column] >= below[column]


def test_strict_figures_have_the_strict_baselines_and_those_of_otani() -> None:
    """Otani's are counted with IoU > m (2009.00325): 23.58 and 28.06 on Charades-STA."""
    strict = leaderboard("charades-sta", protocol="charades-sta").groups[0]
    assert {"prior-only (Otani 2020)", "action-aware (Otani 2020)"} <= {one.name for one in strict.blind}
    loose = leaderboard("charades-sta", protocol="vlm-top1-ge").groups[0]
    assert not any("Otani" in one.name for one in loose.blind)


def test_stored_baselines_have_the_names_of_those_that_are_measured() -> None:
    assert {row["baseline"] for row in beside._table("blind.csv")} <= set(BASELINES)


def test_what_others_got_stands_beside_what_was_published() -> None:
    rows = [one for group in leaderboard("charades-sta").groups for one in group.standings]
    [qwen] = [one for one in rows if one.figure.system == "Qwen3-VL-2B-Instruct"]
    assert qwen.figure.scores["R1@0.5"] == 54.5 and qwen.reruns[0].scores == {"R1@0.5": 22.5}
    assert qwen.rank is None


def test_the_listing_counts_every_figure() -> None:
    rows = {row.dataset: row for row in listing().rows}
    assert set(rows) == set(datasets())
    assert sum(row.figures for row in rows.values()) == 282  # and 4 blind ones, which stand beside
    json.dumps(listing().to_dict())


@pytest.mark.parametrize("name", datasets())
def test_every_board_is_json_and_a_document(name: str) -> None:
    board = leaderboard(name, paper=True)
    whole = json.loads(json.dumps(board.to_dict()))
    assert [group["metric"] for group in whole["groups"]] == [group.metric for group in board.groups]
    document = board.document()
    for section in document.sections:
        for table in section.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)


def test_papers_are_ranked_only_when_asked() -> None:
    without = leaderboard("qvhighlights", split="test", protocol="qvhighlights").groups[0]
    with_papers = leaderboard("qvhighlights", split="test", protocol="qvhighlights", paper=True).groups[0]
    assert len(with_papers.ranked) == len(without.ranked) + 3
    assert "CG-DETR + PT" in {one.figure.system for one in with_papers.ranked}


def test_a_part_is_a_split_and_a_metric_has_a_short_name() -> None:
    board = leaderboard("timelens-charades")
    assert board.dataset == "timelens-bench" and {group.key.split for group in board.groups} == {"charades"}
    assert {group.key.truth for group in board.groups} == {"timelens"}
    assert leaderboard("QVHighlights", metric="map").groups[0].metric == "MR-full-mAP"


def test_a_family_of_protocols_is_shown_and_never_ranked_together() -> None:
    board = leaderboard("charades-sta", protocol="2dtan-nms-gt")
    assert {group.key.protocol for group in board.groups} == {"charades-sta", "ms-2d-tan"}
    for group in board.groups:
        assert {one.figure.protocol for one in group.standings} == {group.key.protocol}


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("charades", {}, "did you mean .*charades-sta"),
        ("xyz", {}, "unknown data set 'xyz'; choose one of: activitynet"),
        ("didemo", {}, "no published figure of didemo"),
        ("mine.jsonl", {}, "is a file, of which nothing was published"),
        ("tacos", {"metric": "mAP"}, "no figure of tacos has the metric 'mAP'; choose one of: R1@0.1"),
        ("tacos", {"split": "dev"}, "no figure has the split 'dev'; choose one of: test"),
        ("tacos", {"protocol": "nice"}, "no figure has the protocol 'nice'"),
        ("tacos", {"setting": "zero"}, "no figure has the setting 'zero'"),
    ],
)
def test_unknown_names_are_answered_with_those_there_are(name: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        leaderboard(name, **options)


def group_table(group: object) -> list[tuple[object, ...]]:
    from whenabouts.auditing.leaderboard.shown import table

    return list(table(group).rows)  # type: ignore[arg-type]
