"""What a run is judged by: the numbers are those that `evaluate` has of the predictions written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.benchmarks import dataset  # noqa: E402
from whenabouts.benchmarks.example import Benchmark  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample, with_features  # noqa: E402
from whenabouts.evaluation.evaluate import evaluate  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.head import Head  # noqa: E402
from whenabouts.synthetic.features import Synthetic  # noqa: E402
from whenabouts.training.supervised.judge import by_windows  # noqa: E402

CHARADES = "AO8RW 0.0 6.9##a person is putting a book on a shelf.\nAO8RW 5.0 9.0##a person leaves.\n"


def head() -> Head:
    torch.manual_seed(0)
    return HEADS["moment-detr"].sized(8, 6, small=True)


def drawn(benchmark: Benchmark, clips: int) -> list[FeatureExample]:
    rng = np.random.default_rng(0)
    video = {e.video: rng.normal(size=(clips, 8)).astype(np.float32) for e in benchmark.examples}
    words = {str(e.qid): rng.normal(size=(5, 6)).astype(np.float32) for e in benchmark.examples}
    return with_features(benchmark.examples, video, words, windows=False)


def rated(qid: int) -> dict[str, Any]:
    about = {"qid": qid, "query": "a dog", "vid": f"v{qid}", "duration": 150, "relevant_windows": [[2 * qid, 40]]}
    clips = list(range(qid, 20))
    return about | {"relevant_clip_ids": clips, "saliency_scores": [[4, clip % 5, 3] for clip in clips]}


def test_figures_are_those_of_the_written_predictions(tmp_path: Path) -> None:
    truth = tmp_path / "highlight_val_release.jsonl"
    truth.write_text("".join(json.dumps(rated(qid)) + "\n" for qid in range(20)))
    benchmark = dataset("qvhighlights").load(tmp_path)
    judge = by_windows(drawn(benchmark, 75), benchmark)
    figures = judge(head())
    written = judge.write(tmp_path, {"epoch": 3})
    report = evaluate(written, "qvhighlights", tmp_path)
    assert figures | report.scores == figures
    assert {"MR-full-mAP", "MR-full-R1@0.3", "HL-min-VeryGood-mAP"} <= set(figures)
    assert next(iter(figures)) == "MR-full-mAP"
    assert figures["MR-full-R1@0.5/0.7"] == (figures["MR-full-R1@0.5"] + figures["MR-full-R1@0.7"]) / 2
    about = json.loads((tmp_path / "validation.receipt.json").read_text())
    assert (about["benchmark"], about["split"], about["epoch"]) == ("qvhighlights", "val", 3)
    assert all(len(json.loads(line)["pred_saliency_scores"]) == 75 for line in written.read_text().splitlines())


def test_where_clips_are_not_rated_moments_are_judged_by_both_evaluators(tmp_path: Path) -> None:
    (tmp_path / "charades_sta_test.txt").write_text(CHARADES)
    (tmp_path / "durations_test.csv").write_text("id,length\nAO8RW,9.5\n")
    benchmark = dataset("charades-sta").load(tmp_path)
    judge = by_windows(drawn(benchmark, 9), benchmark)
    figures = judge(head())
    own = evaluate(judge.write(tmp_path, {}), "charades-sta", tmp_path).scores
    assert {"MR-full-mAP", "R1@0.5", "R5@0.7"} <= set(figures)
    assert figures | own == figures


def test_highlights_are_judged_by_their_mean_over_domains(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    row = {"qid": 0, "vid": "a", "query": "a title", "domain": "BK", "duration": 30, "clip": 2}
    (tmp_path / "tvsum_val.jsonl").write_text(json.dumps(row | {"label": rng.integers(1, 6, (15, 20)).tolist()}) + "\n")
    benchmark = dataset("tvsum").load(tmp_path)
    judge = by_windows(drawn(benchmark, 15), benchmark)
    figures = judge(head())
    assert figures["mAP"] == evaluate(judge.write(tmp_path, {}), "tvsum", tmp_path).scores["mean"]


def test_examples_without_files_are_judged_too() -> None:
    examples = list(Synthetic(12, video_dim=8, text_dim=6))
    assert {"MR-full-mAP", "R1@0.5", "mIoU"} <= set(by_windows(examples)(head()))
