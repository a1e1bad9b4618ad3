"""The likelihood of a given text is that of writing it, and only frames near the ends change places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.conversation import Decoding, Frames, Turn
from whenabouts.trust.steps.sensitivity import shuffled_ends, temporal_sensitivity

ASKED = (Turn("user", (0, 1, 2, 3, "when is it?")),)


def frames(count: int, fps: float = 1.0) -> Frames:
    rng = np.random.default_rng(0)
    images = tuple(rng.integers(0, 255, (28, 28, 3), dtype=np.uint8) for _ in range(count))
    return Frames(tuple(k / fps for k in range(count)), images, fps)


@pytest.fixture(scope="module", params=["llava", "qwen2_5_vl"])
def engine(request: pytest.FixtureRequest) -> Any:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("transformers", reason="the extra hub is not installed")
    from tiny_qwen import tiny_qwen

    from whenabouts.grounders.llm.engines.transformers import TransformersEngine
    from whenabouts.training.post.tiny.models import tiny_model

    return TransformersEngine.holding(*(tiny_model() if request.param == "llava" else tiny_qwen(request.param)))


def test_what_a_model_wrote_has_the_likelihood_that_it_told(engine: Any) -> None:
    shown, said = frames(4), "from 1 to 2"
    given = engine.likelihood(ASKED, shown, said)
    assert len(given) == len(engine.processor.tokenizer(said, add_special_tokens=False)["input_ids"])
    assert all(value <= 0 for value in given)
    [[first]] = engine.answer([ASKED], shown, Decoding(1))
    assert given[0] <= first.logprobs[0] + 1e-4  # a model writes what is likeliest
    # A tiny Qwen writes a lone byte, which as text is other tokens; tiny Llava's tokenizer reads back what it wrote.
    if type(engine.network).__name__.startswith("Llava") and first.tokens:
        assert engine.likelihood(ASKED, shown, first.text)[0] == pytest.approx(first.logprobs[0], abs=1e-4)
    assert engine.likelihood(ASKED, shown, "") == ()


@pytest.mark.parametrize("kind", ["qwen2_vl", "qwen2_5_vl", "qwen3_vl"])
def test_likelihood_is_that_of_one_pass_over_the_same_tokens(kind: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("transformers", reason="the extra hub is not installed")
    from tiny_qwen import tiny_qwen

    from whenabouts.grounders.llm.engines.positions import positions
    from whenabouts.grounders.llm.engines.transformers import TransformersEngine

    network, processor = tiny_qwen(kind)
    shown, said = frames(4), "from 1 to 2"
    asked = processor.tokenizer.apply_chat_template(
        [{"role": "user", "content": [{"type": "video"}, {"type": "text", "text": "when is it?"}]}],
        chat_template=processor.chat_template,
        tokenize=False,
        add_generation_prompt=True,
    )
    given = processor.shown(asked, [[0, 1, 2, 3]], shown)
    reply = processor.tokenizer(said, add_special_tokens=False)["input_ids"]
    ids = torch.cat([given["input_ids"], torch.tensor([reply])], dim=1)
    kinds = torch.cat([given["mm_token_type_ids"], torch.zeros((1, len(reply)), dtype=torch.long)], dim=1)
    step = 2 * network.config.vision_config.tokens_per_second if kind == "qwen2_5_vl" else 1.0
    grid, merge = given["video_grid_thw"], processor.image_processor.merge_size
    where, _ = positions(kinds[0].tolist(), [], grid.tolist(), merge=merge, step=step)
    with torch.inference_mode():
        logits = network.eval()(
            input_ids=ids,
            mm_token_type_ids=kinds,
            position_ids=torch.from_numpy(where)[:, None],
            pixel_values_videos=given["pixel_values_videos"],
            video_grid_thw=grid,
        ).logits[0]
    expected = logits.log_softmax(-1)[-len(reply) - 1 : -1].gather(1, torch.tensor(reply)[:, None])[:, 0]
    told = TransformersEngine.holding(network, processor).likelihood(ASKED, shown, said)
    assert told == pytest.approx(expected.tolist(), abs=1e-5)


def test_sensitivity_is_the_fall_of_the_mean(engine: Any) -> None:
    shown = frames(4)
    fall = temporal_sensitivity(engine, ASKED, shown, "from 1 to 2", (1.0, 2.0), seed=1)
    changed = shuffled_ends(shown, (1.0, 2.0), 3.0, np.random.default_rng(1))
    expected = np.mean(engine.likelihood(ASKED, shown, "from 1 to 2")) - np.mean(
        engine.likelihood(ASKED, changed, "from 1 to 2")
    )
    assert fall == pytest.approx(expected, abs=1e-6) and fall != 0
    alike = Frames(shown.times, shown.images[:1] * 4, 1.0)
    assert temporal_sensitivity(engine, ASKED, alike, "from 1 to 2", (1.0, 2.0)) == pytest.approx(0, abs=1e-6)
    with pytest.raises(InputError, match="without words"):
        temporal_sensitivity(engine, ASKED, shown, "", (1.0, 2.0))


def test_an_engine_that_only_answers_is_refused_in_a_sentence() -> None:
    class Answers:
        name = "a server"

    with pytest.raises(ModelError, match="a server cannot tell how likely a given text is"):
        temporal_sensitivity(Answers(), ASKED, frames(4), "it", (1.0, 2.0))  # type: ignore[arg-type]


def test_only_frames_near_the_ends_change_places() -> None:
    shown = frames(40)
    changed = shuffled_ends(shown, (10.0, 30.0), 3.0, np.random.default_rng(0))
    moved = [k for k in range(40) if changed.images[k] is not shown.images[k]]
    assert moved and all(7 <= k <= 13 or 27 <= k <= 33 for k in moved)
    assert changed.times == shown.times
    assert {id(i) for i in changed.images} == {id(i) for i in shown.images}
