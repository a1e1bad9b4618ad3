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
    from whenabouts.training.post.tiny import tiny_model

    return TransformersEngine.holding(*(tiny_model() if request.param == "llava" else tiny_qwen(request.param)))


def test_what_a_model_wrote_has_the_likelihood_that_it_told(engine: Any) -> None:
    shown, said = frames(4), "from 1 to 2"
    given = engine.likelihood(ASKED, shown, said)
    assert len(given) == len(engine.processor.tokenizer(said, add_special_tokens=False)["input_ids"])
    assert all(value <= 0 for value in given)
    [[first]] = engine.answer([ASKED], shown, Decoding(1))
    assert given[0] <= first.logprobs[0] + 1e-4  # a model writes what is likeliest
    if type(engine.network).__name__.startswith("Llava") and first.tokens:  # its tokenizer reads back what it wrote
        assert engine.likelihood(ASKED, shown, first.text)[0] == pytest.approx(first.logprobs[0], abs=1e-4)
    assert engine.likelihood(ASKED, shown, "") == ()


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
