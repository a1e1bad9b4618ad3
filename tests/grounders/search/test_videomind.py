"""Roles on one tiny model with tiny adapters, switched in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="the extra rl is not installed")
peft = pytest.importorskip("peft", reason="the extra rl is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply  # noqa: E402
from whenabouts.grounders.llm.engines.roles import with_adapters  # noqa: E402
from whenabouts.grounders.llm.engines.transformers import TransformersEngine  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.grounders.search.videomind import VideoMind  # noqa: E402
from whenabouts.training.post.tiny import tiny_model  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.compose import Still, compose  # noqa: E402

FRAMES = Frames((0.0, 1.0), tuple(np.full((24, 24, 3), 80 * i, np.uint8) for i in range(2)), 1.0)
ASKED = [PAPERS["qwen2-vl"].prompting.conversation("a cat", FRAMES.times)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model and three adapters of random weights, as peft writes them."""
    path = tmp_path_factory.mktemp("mind")
    network, processor = tiny_model()
    network.save_pretrained(path / "base")
    processor.save_pretrained(path / "base")
    for seed, role in enumerate(("planner", "grounder", "verifier")):
        network, _ = tiny_model()
        torch.manual_seed(seed)
        config = peft.LoraConfig(r=4, target_modules=r".*language_model.*\.(q|v)_proj", init_lora_weights=False)
        peft.get_peft_model(network, config).save_pretrained(path / role)
    return path


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video_path") / "video.mp4"
    compose(path, [Still(np.full((24, 24, 3), 25 * k, np.uint8), 1.0, 1.0) for k in range(10)], size=(24, 24), rate=2)
    return path


def test_adapters_change_answers_and_leave_the_base_as_it_was(folder: Path) -> None:
    engine = TransformersEngine(folder / "base", device="cpu")
    before = engine.answer(ASKED, FRAMES, Decoding(8))
    roles = with_adapters(engine, {name: folder / name for name in ("planner", "grounder", "verifier")})
    said = {name: role.answer(ASKED, FRAMES, Decoding(8))[0][0].logprobs for name, role in roles.items()}
    assert len(set(said.values())) == 3
    assert roles["grounder"].answer(ASKED, FRAMES, Decoding(8))[0][0].logprobs == said["grounder"]
    assert engine.answer(ASKED, FRAMES, Decoding(8)) == before
    assert roles["planner"].name.endswith("+planner")
    with pytest.raises(ModelError, match="is not an adapter"):
        with_adapters(engine, {"other": folder / "base"})


def test_a_folder_of_roles_is_a_grounder_that_invents_nothing(folder: Path, video_path: Path) -> None:
    with Video(video_path) as video:
        [prediction] = load(f"videomind:{folder}", candidates=2, frames=4).ground(video, ["a cat"])
    assert prediction.moments == () and prediction.failure and prediction.receipt is not None
    assert [step["step"] for step in prediction.trace] == ["plan", "ground"]
    with Video(video_path) as video, pytest.raises(ModelError, match="has no adapter in"):
        load(f"videomind:{video_path.parent}").ground(video, ["a cat"])


@dataclass
class Says:
    """A role that says what it is told to."""

    words: list[str]
    name: str = "says"
    identity: str = "none"
    stamped: bool = True
    heard: list[str] = field(default_factory=list)

    def answer(self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding) -> list[list[Reply]]:
        self.heard += [str(c[-1].parts[-1]) for c in conversations]
        return [[Reply(self.words[i % len(self.words)]) for i in range(decoding.samples)] for _ in conversations]


def test_the_planner_rewords_and_the_verifier_ranks(video_path: Path) -> None:
    plan = 'Sure: [{"type": "grounder", "value": "it gets lighter"}, {"type": "verifier"}, {"type": "answerer"}]'
    grounder = Says(["1.0 to 2.0", "1.0 to 2.0", "6.0 to 8.0"])
    first = Says(["No"])
    verifier = Says(["No"])
    answers = iter(["No", "Yes"])
    verifier.answer = lambda c, f, d: [[Reply(next(answers))]]  # type: ignore[method-assign]
    answerer = Says(["After six seconds."])
    roles = {"planner": Says([plan]), "grounder": grounder, "verifier": verifier, "answerer": answerer}
    with Video(video_path) as video:
        [prediction] = VideoMind(roles, candidates=3).ground(video, ["when does it get lighter?"])
        [unread] = VideoMind({"planner": Says(["hm"]), "grounder": grounder}).ground(video, ["a cat"])
        [other] = VideoMind({"grounder": grounder, "verifier": first}).ground(video, ["a cat"])
    assert "it gets lighter" in grounder.heard[0]
    assert prediction.best is not None and (prediction.best.start, prediction.best.end) == (6.0, 8.0)
    assert prediction.trace[-2]["scores"] == [0.2689, 0.7311]
    assert prediction.trace[-1] == {"step": "answer", "moment": [6.0, 8.0], "said": "After six seconds."}
    assert prediction.said[-1] == "After six seconds." and answerer.heard == ["when does it get lighter?"]
    assert unread.best is not None and unread.best.start == 1.0 and "a cat" in grounder.heard[1]
    assert other.best is not None and other.best.score == 0.2689
