"""Models on this machine, through transformers' own classes, with random weights and no hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers", reason="the extra rl is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.systems import SYSTEMS, system_of_run  # noqa: E402
from whenabouts.grounders.llm.transformers import TransformersEngine  # noqa: E402
from whenabouts.training.tiny import tiny_model  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.compose import Still, compose  # noqa: E402

IMAGES = [np.random.default_rng(i).integers(0, 255, (24, 24, 3), dtype=np.uint8) for i in range(4)]
ASKED = [SYSTEMS["qwen2-vl"].conversation(query, [0.0, 1.0, 2.0, 3.0]) for query in ("a cat", "a dog", "a bird")]


@pytest.fixture(scope="module")
def model() -> tuple[Any, Any]:
    return tiny_model()


def counted(network: Any) -> list[int]:
    """Grows by the frames that the vision tower sees."""
    tower, seen = network.model.vision_tower, []
    plain = type(tower).forward

    def forward(*args: Any, **named: Any) -> Any:
        pixels = args[0] if args else named["pixel_values"]
        seen.append(len(pixels))
        return plain(tower, *args, **named)

    tower.forward = forward
    return seen


def test_frames_are_seen_once_for_all_queries_and_answers_are_the_same(model: tuple[Any, Any]) -> None:
    network, processor = model
    engine, seen = TransformersEngine.holding(network, processor), counted(network)
    together = engine.answer(ASKED, IMAGES, tokens=6, temperature=0.0)
    assert seen == [4]
    alone = [engine.answer([one], IMAGES, tokens=6, temperature=0.0)[0] for one in ASKED]
    assert together == alone and len(seen) == 4
    other = engine.answer(ASKED[:1], IMAGES[::-1], tokens=6, temperature=0.0)
    assert len(seen) == 5 and len(other) == 1


def test_several_answers_follow_the_seed(model: tuple[Any, Any]) -> None:
    engine = TransformersEngine.holding(*model)
    rounds = []
    for _ in range(2):
        torch.manual_seed(3)
        rounds.append(engine.answer(ASKED[:2], IMAGES, tokens=6, temperature=1.0, samples=3))
    assert rounds[0] == rounds[1] and [len(answers) for answers in rounds[0]] == [3, 3]
    assert len(set(rounds[0][0])) > 1
    assert engine.answer(ASKED[:1], IMAGES, tokens=6, temperature=0.0, samples=2)[0][0] is not None


def test_a_folder_is_a_grounder_asked_as_it_was_trained(model: tuple[Any, Any], tmp_path: Path) -> None:
    network, processor = model
    folder, film = tmp_path / "run", tmp_path / "film.mp4"
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    recipe = {"name": "time_r1", "prompt": "When: {}?", "stamp": "<{:.1f} s>", "question_first": True, "lower": True}
    recipe |= {"fps": 1.0, "frames": 6, "visual_tokens": 3584, "tokens": 12}
    (folder / "receipt.json").write_text(json.dumps({"recipe": recipe}))
    system = system_of_run(folder)
    assert system is not None
    [turn] = system.conversation("A CAT.", [0.0, 1.0])
    assert turn.parts == ("When: a cat?", "<0.0 s>", 0, "<1.0 s>", 1)
    compose(film, [Still(np.full((96, 128, 3), 90, np.uint8), 8.0, 1.0)], size=(128, 96), rate=4)
    with Video(film) as video:
        first, again = (load(str(folder)).ground(video, ["a cat", "a dog"]) for _ in range(2))
    assert [p.to_dict() for p in first] == [p.to_dict() for p in again]
    assert all(len(p.said) == 1 and p.moments == () and p.failure for p in first)  # random weights say nothing of use
    assert first[0].receipt is not None and len(next(iter(first[0].receipt.models.values()))) == 64


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded"):
        TransformersEngine(tmp_path)
    assert system_of_run(tmp_path) is None
