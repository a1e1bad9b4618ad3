"""Models on this machine, through transformers' own classes, with random weights and no hub."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("transformers", reason="the extra rl is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames  # noqa: E402
from whenabouts.grounders.llm.engines.transformers import TransformersEngine  # noqa: E402
from whenabouts.grounders.llm.grounder import VideoLLM  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.grounders.llm.recognition import paper_of_run  # noqa: E402
from whenabouts.training.post.tiny.models import tiny_model  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.compose import Still, compose  # noqa: E402

IMAGES = tuple(np.random.default_rng(i).integers(0, 255, (24, 24, 3), dtype=np.uint8) for i in range(4))
TIMES = (0.0, 1.0, 2.0, 3.0)
FRAMES = Frames(TIMES, IMAGES, 1.0)
ASKED = [PAPERS["qwen2-vl"].prompting.conversation(query, TIMES) for query in ("a cat", "a dog", "a bird")]


def texts(
    engine: TransformersEngine,
    asked: Sequence[Conversation],
    decoding: Decoding = Decoding(6),  # noqa: B008
    frames: Frames = FRAMES,
) -> list[list[str]]:
    return [[reply.text for reply in replies] for replies in engine.answer(asked, frames, decoding)]


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
    together = texts(engine, ASKED)
    assert seen == [4]
    alone = [texts(engine, [one])[0] for one in ASKED]
    assert together == alone and len(seen) == 4
    other = texts(engine, ASKED[:1], frames=Frames(TIMES, IMAGES[::-1], 1.0))
    assert len(seen) == 5 and len(other) == 1


def test_answers_are_heard_batch_by_batch(model: tuple[Any, Any]) -> None:
    engine, heard = TransformersEngine.holding(*model, batch=2), {}
    found = engine.answer(
        ASKED, FRAMES, Decoding(3, 1.0, 2), lambda number, replies: heard.update({number: [*replies]})
    )
    assert list(heard) == [0, 1, 2] and list(heard.values()) == found


def test_several_answers_follow_the_seed(model: tuple[Any, Any]) -> None:
    engine = TransformersEngine.holding(*model)
    rounds = [texts(engine, ASKED[:2], Decoding(6, 1.0, 3, seed=seed)) for seed in (3, 3, 4)]
    assert rounds[0] == rounds[1] != rounds[2] and [len(answers) for answers in rounds[0]] == [3, 3]
    assert len(set(rounds[0][0])) > 1
    [[one, same]] = texts(engine, ASKED[:1], Decoding(6, 0.0, 2))
    assert one == same


def test_a_folder_is_a_grounder_asked_as_it_was_trained(model: tuple[Any, Any], tmp_path: Path) -> None:
    network, processor = model
    folder, video_path = tmp_path / "run", tmp_path / "video.mp4"
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    recipe = {
        "name": "time-r1",
        "prompt": "When: {}?",
        "stamp": "<{:.1f} s>",
        "question_first": True,
        "clean_query": "lowercase",
    }
    recipe |= {"fps": 1.0, "frames": 6, "visual_tokens": 3584, "tokens": 12}
    (folder / "receipt.json").write_text(json.dumps({"recipe": recipe}))
    paper = paper_of_run(folder)
    assert paper is not None and paper.tokens == 12
    [turn] = paper.prompting.conversation("A CAT.", [0.0, 1.0])
    assert turn.parts == ("When: a cat?", "<0.0 s>", 0, "<1.0 s>", 1)
    compose(video_path, [Still(np.full((96, 128, 3), 90, np.uint8), 8.0, 1.0)], size=(128, 96), rate=4)
    with Video(video_path) as video:
        first, again = (load(str(folder)).ground(video, ["a cat", "a dog"]) for _ in range(2))
    assert [p.to_dict() for p in first] == [p.to_dict() for p in again]
    assert all(len(p.said) == 1 and p.moments == () and p.failure for p in first)  # random weights say nothing of use
    assert first[0].receipt is not None and len(next(iter(first[0].receipt.models.values()))) == 64


def test_weights_are_read_once_for_all_videos(
    model: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForImageTextToText

    network, processor = model
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    made: list[str] = []
    plain = AutoModelForImageTextToText.from_pretrained

    def counted_loading(name: Any, **settings: Any) -> Any:
        made.append(str(name))
        return plain(name, **settings)

    monkeypatch.setattr(AutoModelForImageTextToText, "from_pretrained", counted_loading)
    grounder = VideoLLM(str(tmp_path), prompting="timelens", frames=4, device="cpu")
    assert grounder.weight_bytes == 0
    for level in (90, 120):
        path = tmp_path / f"{level}.mp4"
        compose(path, [Still(np.full((96, 128, 3), level, np.uint8), 4.0, 1.0)], size=(128, 96), rate=4)
        with Video(path) as video:
            grounder.ground(video, ["a cat"])
    assert made == [str(tmp_path)]
    held = [*network.parameters(), *network.buffers()]
    assert grounder.weight_bytes == sum(one.numel() * one.element_size() for one in held)


def test_a_device_that_is_not_there_is_refused(model: tuple[Any, Any], tmp_path: Path) -> None:
    network, processor = model
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    for device in ("cuda:7", "teapot"):
        with pytest.raises(ModelError, match=f"cannot be put on the device '{device}'"):
            _ = VideoLLM(str(tmp_path), device=device).engine


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded"):
        TransformersEngine(tmp_path)
    assert paper_of_run(tmp_path) is None


@pytest.mark.parametrize("quantised", ["8bit", "4bit"])
def test_quantised_weights_take_less_and_answer(quantised: str, model: tuple[Any, Any], tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="the extra quantised is not installed")
    network, processor = model
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    engine = TransformersEngine(tmp_path, device="cpu", quantised=quantised)
    assert engine.network.get_memory_footprint() < 0.6 * network.get_memory_footprint()
    [[reply]] = engine.answer(ASKED[:1], FRAMES, Decoding(3))
    assert len(reply.logprobs) <= 3
