"""The published folder as a selector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from tiny_videoitg import network, save, video  # noqa: E402

from whenabouts.selection import load_selector  # noqa: E402
from whenabouts.selection.videoitg.loading import load  # noqa: E402
from whenabouts.selection.videoitg.published import NO_OPTIONS  # noqa: E402
from whenabouts.selection.videoitg.scoring import logits  # noqa: E402
from whenabouts.video.frame import Frame  # noqa: E402
from whenabouts.video.in_memory import InMemoryVideo  # noqa: E402
from whenabouts.video.part import Part  # noqa: E402

TIMES = sorted({float(t) for t in np.random.RandomState(7).uniform(0, 12, 23).round(3)})
VIDEO = InMemoryVideo([Frame(t, image) for t, image in zip(TIMES, video(len(TIMES)), strict=True)], 0.0, 12.0)
QUESTION = "Which colour is shown? A. red B. blue"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("videoitg") / "tiny", network())


def test_the_best_frames_in_the_order_of_time(folder: Path) -> None:
    made = load_selector(f"videoitg:{folder}").select(VIDEO, QUESTION, 5)
    scores = logits(load(folder, "cpu"), video(len(TIMES)), len(TIMES), QUESTION).sigmoid().numpy()
    best = sorted(np.argsort(-scores, kind="stable")[:5])
    assert made.times == tuple(TIMES[k] for k in best)
    assert made.scores == pytest.approx([float(scores[k]) for k in best], abs=1e-6)
    assert made.looked == len(TIMES) and len(made.models[str(folder)]) == 64
    assert made.settings == {"model": str(folder), "fps": 2.0, "most": 512, "floor": False}
    assert made.notes == ()


def test_a_question_without_options_is_told_of(folder: Path) -> None:
    selector = load_selector(f"videoitg:{folder}", frames=4)
    made = selector.select(VIDEO, "a dog jumps", 9)
    assert made.notes == (NO_OPTIONS,) and len(made.times) == made.looked == 4
    assert made == selector.select(VIDEO, "a dog jumps", 9)


def test_a_part_is_a_video_of_its_own(folder: Path) -> None:
    made = load_selector(f"videoitg:{folder}").select(Part(VIDEO, 4.0, 8.0), QUESTION, 3)
    assert len(made.times) == 3 and all(0 <= time < 4 for time in made.times)
