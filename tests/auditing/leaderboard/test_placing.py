"""A run stands where its figure would, and only among figures that were counted as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.auditing.leaderboard import leaderboard, place
from whenabouts.auditing.leaderboard.made import STATED
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
    assert one.rank == 1 and one.of == 8 and one.above is None
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
    assert one.rank == 8 and one.below is None
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
