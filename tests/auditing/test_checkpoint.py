"""A published figure is held only against the checkpoint that it is of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from whenabouts.auditing.checkpoint import called, default_checkpoint, figures_of
from whenabouts.grounders.llm.papers import PAPERS


@pytest.mark.parametrize(
    ("paper", "name", "place", "models"),
    [
        ("qwen2.5-vl", "Qwen2.5-VL-3B-Instruct", ("timelens-bench", "charades"), set()),
        ("qwen2.5-vl", "Qwen2.5-VL-7B-Instruct", ("timelens-bench", "charades"), {("Qwen2.5-VL-7B", "zero-shot")}),
        ("qwen2.5-vl", "qwen2.5vl:7b", ("timelens-bench", "charades"), {("Qwen2.5-VL-7B", "zero-shot")}),
        ("qwen2.5-vl", "model", ("timelens-bench", "charades"), set()),
        ("time-r1", "Time-R1-7B", ("charades-sta", "test"), {("Time-R1-7B", "zero-shot")}),
        ("time-r1", "TimeZero-7B", ("charades-sta", "test"), {("TimeZero-7B", "fine-tuned")}),
        ("time-r1", "Time-R1-7B-mine", ("charades-sta", "test"), set()),
        ("videomind", "VideoMind-7B", ("charades-sta", "test"), {("VideoMind-7B", "zero-shot")}),
        ("videomind", "VideoMind-7B", ("tacos", "test"), {("VideoMind-7B", "fine-tuned")}),
        ("videomind", "VideoMind-7B", ("qvhighlights", "test"), set()),
        ("videomind", "VideoMind-2B-FT-QVHighlights", ("qvhighlights", "test"), {("VideoMind-2B", "fine-tuned")}),
        ("videomind", "VideoMind-2B-FT-QVHighlights", ("charades-sta", "test"), set()),
        ("trace", "trace", ("charades-sta", "test"), {("TRACE", "zero-shot")}),
        ("trace", "trace-uni", ("charades-sta", "test"), {("TRACE-uni", "zero-shot")}),
        ("trace", "trace-ft-charades", ("charades-sta", "test"), set()),
        ("timelens2", "TimeLens2-8B", ("ego4d-nlq", "val"), {("TimeLens2-8B", "trained on TimeLens2-93K")}),
        ("qwen3.5", "Qwen3.5-4B", ("extremewhenbench", "test"), set()),
    ],
)
def test_figures_are_of_one_size_variant_and_training(
    paper: str, name: str, place: tuple[str, str], models: set[tuple[str, str]]
) -> None:
    assert {(one.model, one.setting) for one in figures_of(PAPERS[paper], name, *place)} == models


@pytest.mark.parametrize(
    ("paper", "place", "checkpoint"),
    [
        ("qwen2.5-vl", ("timelens-bench", "charades"), "Qwen/Qwen2.5-VL-7B-Instruct"),
        ("qwen3-vl", ("timelens-bench", "charades"), "Qwen/Qwen3-VL-8B-Instruct"),
        ("qwen3-vl", ("charades-sta", "test"), "Qwen/Qwen3-VL-2B-Instruct"),
        ("videomind", ("qvhighlights", "test"), "yeliudev/VideoMind-2B-FT-QVHighlights"),
        ("qwen3.5", ("extremewhenbench", "test"), "Qwen/Qwen3.5-4B"),  # no figure of its size is known
        ("museg", ("charades-sta", "test"), "Darwin-Project/MUSEG-7B"),
    ],
)
def test_by_default_the_checkpoint_with_a_figure_runs(paper: str, place: tuple[str, str], checkpoint: str) -> None:
    assert default_checkpoint(PAPERS[paper], *place) == checkpoint


def test_a_folder_without_a_size_in_its_name_has_that_of_its_configuration(tmp_path: Path) -> None:
    folder = tmp_path / "VideoMind"
    folder.mkdir()
    assert called(str(folder)) == "VideoMind"
    (folder / "config.json").write_text(json.dumps({"base_model_path": "model_zoo/Qwen2-VL-7B-Instruct"}))
    assert called(str(folder)) == "VideoMind-7B"
    assert called(str(folder.rename(tmp_path / "VideoMind_2B"))) == "VideoMind_2B"


def test_a_model_on_a_server_has_the_name_there() -> None:
    assert called("openai:http://localhost:8000/v1#Boshenxx/Time-R1-7B") == "Time-R1-7B"
