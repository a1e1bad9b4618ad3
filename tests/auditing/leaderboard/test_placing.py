"""A run stands where its figure would, and only among figures that were counted as it is."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whenabouts.auditing.leaderboard import leaderboard, place
from whenabouts.auditing.leaderboard.made import STATED
from whenabouts.auditing.leaderboard.placed import Neighbour
from whenabouts.auditing.leaderboard.shown import table
from whenabouts.errors import AnnotationError, InputError

WINDOWS = {1: (10.0, 20.0), 2: (30.0, 60.0), 3: (0.0, 150.0), 4: (50.0, 54.0)}


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """The val split of QVHighlights, as if it had four queries on two videos."""
    rows = [
        {"qid": qid, "query": f"query {qid}", "vid": f"video_{qid % 2}", "duration": 150.0}
        | {"relevant_windows": [list(window)], "relevant_clip_ids": [0], "saliency_scores": [[4, 4, 4]]}
        for qid, window in WINDOWS.items()
    ]
    return written(tmp_path / "highlight_val_release.jsonl", rows)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def answers(path: Path, right: set[int], **more: Any) -> Path:
    """Perfect windows for some queries, and far ones for the others."""
    rows = [
        {"qid": qid, "query": f"query {qid}", "vid": f"video_{qid % 2}"}
        | {"pred_relevant_windows": [[*(window if qid in right else (100.0, 101.0)), 0.9]]}
        | more
        for qid, window in WINDOWS.items()
    ]
    return written(path, rows)


def test_a_run_is_between_the_figures_around_it(tmp_path: Path, truth: Path) -> None:
    board = leaderboard("qvhighlights", metric="R1@0.5", split="val", setting="fine-tuned", protocol="qvh-official")
    placed = place(board, answers(tmp_path / "mine.jsonl", {1, 2, 3}), truth, split="val").placed
    [one] = placed
    assert one.metric == "MR-full-R1@0.5" and one.value == 75.0
    assert one.rank == 1 and one.of == 8 and one.above is None and one.where == "above 1"
    assert str(one.below) == "CG-DETR SF+C (67.35)"
    assert one.interval is not None and one.interval[0] <= 75 <= one.interval[1]
    assert one.alike and all(one.interval[0] <= each.value <= one.interval[1] for each in one.alike)
    assert "would be rank 1 of 8 (fine-tuned)." in one.verdicts[0]
    assert one.verdicts[1] == "It is above CG-DETR SF+C (67.35)."
    assert one.blind is not None and one.blind.system  # of the four queries, and of the stored ones
    assert one.training is None and set(one.settings) == set(STATED) and not any(one.settings.values())
    assert "do not say: prompt" in " ".join(one.section().sentences)


def test_the_mean_average_precision_has_bounds_too(tmp_path: Path, truth: Path) -> None:
    board = leaderboard("qvhighlights", split="val", setting="fine-tuned", protocol="qvhighlights")
    [one] = place(board, answers(tmp_path / "mine.jsonl", {1}), truth, split="val").placed
    assert one.metric == "MR-full-mAP" and one.interval is not None
    assert one.value == one.scores["MR-full-mAP"] and one.interval[0] <= one.value <= one.interval[1]
    assert one.rank == 8 and one.below is None and one.where == "below 7"
    assert "It is below Moment-DETR clip-only demo ckpt (30.58)." in one.verdicts


def test_what_the_receipts_say_is_shown(tmp_path: Path, truth: Path) -> None:
    settings = {"prompting": "time-r1", "fps": 2, "pixels": 2809856, "stamps": "none", "parser": "whenabouts"}
    receipt = {"settings": settings, "models": {"Boshenxx/Time-R1-7B": "0" * 64}}
    run = answers(tmp_path / "mine.jsonl", {1, 2}, receipt=receipt)
    board = leaderboard("qvhighlights", split="val", setting="fine-tuned", protocol="qvhighlights")
    [one] = place(board, run, truth, split="val").placed
    assert one.settings == dict(zip(STATED, ("time-r1", "2", "2809856", "none", "whenabouts"), strict=True))
    assert one.training is not None and one.training.verdict == "unknown"
    assert any("TimeRFT" in reason or "Qwen2.5-VL" in reason for reason in one.training.reasons)


def test_published_ranks_stay_as_they_are_beside_a_run(tmp_path: Path, truth: Path) -> None:
    board = leaderboard("qvhighlights", metric="R1@0.5", split="val", setting="fine-tuned", protocol="qvh-official")
    placed = place(board, answers(tmp_path / "mine.jsonl", {1, 2, 3}), truth, split="val")
    ranks = [row[0] for row in table(placed.groups[0], placed.placed[0]).rows if row[0] is not None]
    assert ranks == ["above 1", *range(1, 8)]


@pytest.mark.parametrize(
    ("above", "below", "equal", "where"),
    [
        ([(3, 50.0)], [(4, 40.0)], [], "between 3 and 4"),
        ([(3, 50.0)], [(6, 30.0)], [(4, 40.0), (4, 40.0)], "level with 4"),
        ([(3, 50.0)], [], [], "below 3"),
        ([], [], [(1, 40.0)], "level with 1"),
    ],
)
def test_a_place_is_told_by_the_ranks_around_it(
    above: list[Any], below: list[Any], equal: list[Any], where: str, tmp_path: Path, truth: Path
) -> None:
    board = leaderboard("qvhighlights", metric="R1@0.5", split="val", setting="fine-tuned", protocol="qvh-official")
    [one] = place(board, answers(tmp_path / "mine.jsonl", {1}), truth, split="val").placed
    near = [tuple(Neighbour("system", value, rank) for rank, value in each) for each in (above, below, equal)]
    known = dataclasses.replace(one, above=next(iter(near[0]), None), below=next(iter(near[1]), None), equal=near[2])
    assert known.where == where == known.to_dict()["where"]


def many(tmp_path: Path, turned: int) -> tuple[Path, Path]:
    """The truth of 60 queries, and answers that are the truth of the query so many rows further."""
    draw = np.random.default_rng(0)
    starts, lengths = draw.normal(60, 10, 60), draw.uniform(20, 40, 60)
    windows = [[float(start), float(start + length)] for start, length in zip(starts, lengths, strict=True)]
    truths = [
        {"qid": n, "query": f"query {n}", "vid": f"video_{n}", "duration": 150.0, "relevant_windows": [window]}
        | {"relevant_clip_ids": [0], "saliency_scores": [[4, 4, 4]]}
        for n, window in enumerate(windows)
    ]
    given = [
        {"qid": n, "query": f"query {n}", "vid": f"video_{n}"}
        | {"pred_relevant_windows": [[*windows[(n + turned) % 60], 0.9]]}
        for n in range(60)
    ]
    return written(tmp_path / "mine.jsonl", given), written(tmp_path / "highlight_val_release.jsonl", truths)


def test_answers_that_are_the_annotations_are_named_first(tmp_path: Path) -> None:
    board = place(leaderboard("qvhighlights", split="val"), *many(tmp_path, 0), split="val")
    assert [trait.name for trait in board.traits] == ["perfect"]
    assert "they are the annotations" in board.document().verdicts[0]
    assert board.to_dict()["traits"][0]["name"] == "perfect"


def test_answers_to_the_wrong_queries_are_no_better_than_blind_ones(tmp_path: Path) -> None:
    run, truth = many(tmp_path, 1)
    board = place(leaderboard("qvhighlights", split="val", metric="R1@0.5"), run, truth, split="val", train=truth)
    for one in board.placed:
        assert one.blind is not None and one.value <= one.blind.value
        assert f"Answers that never look at the video do as well: {one.blind}." in one.verdicts


def test_answers_to_other_queries_are_refused(tmp_path: Path, truth: Path) -> None:
    run = written(
        tmp_path / "other.jsonl", [{"qid": 99, "query": "q", "vid": "v", "pred_relevant_windows": [[0, 1, 1]]}]
    )
    board = leaderboard("qvhighlights", split="val")
    with pytest.raises(AnnotationError, match=r"other\.jsonl"):
        place(board, run, truth, split="val")


@pytest.mark.parametrize(
    ("dataset", "options", "said"),
    [
        ("tvgbench", {}, "annotations of tvgbench are not read here"),
        ("charades-sta", {"protocol": "detr-grid-ge"}, "nothing here counts as detr-grid-ge does"),
        ("activitynet-captions", {"protocol": "snag", "split": "val_1"}, "no figure"),
    ],
)
def test_a_run_that_cannot_be_compared_is_refused_in_a_sentence(
    dataset: str, options: dict[str, str], said: str, tmp_path: Path
) -> None:
    split = options.get("split")
    with pytest.raises(InputError, match=said):
        place(leaderboard(dataset, **options), tmp_path / "none.jsonl", tmp_path, split=split)


def test_answers_with_the_same_qids_to_other_queries_are_refused(tmp_path: Path, truth: Path) -> None:
    run = answers(tmp_path / "mine.jsonl", {1})
    run.write_text(run.read_text().replace("query 3", "a dog"))
    with pytest.raises(
        InputError, match=r"answers to other videos or queries than qvhighlights, val, such as .*line 3"
    ):
        place(leaderboard("qvhighlights", split="val"), run, truth, split="val")


def test_a_board_with_a_run_is_json_and_a_document(tmp_path: Path, truth: Path) -> None:
    board = place(leaderboard("qvhighlights", split="val"), answers(tmp_path / "mine.jsonl", {1}), truth, split="val")
    whole = json.loads(json.dumps(board.to_dict()))
    assert whole["placed"][0]["verdicts"] == list(board.placed[0].verdicts)
    document = board.document()
    assert document.verdicts and any("mine" in str(row) for s in document.sections for t in s.tables for row in t.rows)
