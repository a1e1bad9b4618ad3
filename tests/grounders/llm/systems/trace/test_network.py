"""TRACE's network against the official one, with the same weights.

Official values come from gyxxyg/TRACE (`trace/model/language_model/trace_mistral.py`, `trace_arch.py`,
`multimodal_projector/builder.py: SpatialSlotPool`), run with transformers 4.40.1 on `tiny_trace.values`.
"""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from tiny_trace import VOCABULARY as V  # noqa: E402
from tiny_trace import network  # noqa: E402

from whenabouts.grounders.llm.systems.trace.decoding import generate, read  # noqa: E402
from whenabouts.grounders.llm.systems.trace.events import encode_event  # noqa: E402
from whenabouts.grounders.llm.systems.trace.network import TraceNetwork, trace_loss  # noqa: E402
from whenabouts.grounders.llm.systems.trace.pictures import pixels  # noqa: E402

BEFORE, AFTER, TIMES = [1, 5, 9], [7, 8], [0.0, 1.25, 2.5, 3.75]
OFFICIAL_TIME_SCORES = (
    *(-2.842732, 1.044732, -2.55399, 1.468493, -0.523869, 1.662549, -2.712383),
    *(-0.461539, -0.585741, 0.513219, 1.654982, -3.15501, -1.50824),
)
OFFICIAL_ANSWER = [
    *(426, 427, *[423] * 32, 421, 446, 444, 434, 410, 126, 322, 202, 396, 68, 408, 248, 98, 241, 345, 202, 396, 76),
    *(174, 202, 315, 111, 264, 204, 370, 252, 298, 267, 305, 113, 252, 116, 84, 252, 314, 201, 21, 187, 74, 238, 321),
    *(386, 411, 411, 411, 21),
]
OFFICIAL_LOSS = 17.796311855


@pytest.fixture(scope="module")
def made() -> TraceNetwork:
    return network()


@pytest.fixture(scope="module")
def prompt(made: TraceNetwork) -> torch.Tensor:
    return torch.cat([made.embed(torch.tensor(BEFORE)), shown(made), made.embed(torch.tensor(AFTER)), made.sync])


def shown(made: TraceNetwork) -> torch.Tensor:
    images = np.random.RandomState(1).randint(0, 256, (4, 28, 28, 3)).astype(np.uint8)
    with torch.no_grad():
        return made.see(pixels(images), TIMES)


def test_frames_are_eight_slots_and_six_characters(made: TraceNetwork) -> None:
    seen = shown(made)
    assert seen.shape == (4 * 14, 64)
    assert seen[0, :3].tolist() == pytest.approx([2.63393068, -1.76338637, -0.37566876], abs=1e-5)
    assert seen[13, :3].tolist() == pytest.approx([0.10784979, -0.39084843, 0.08037722], abs=1e-6)
    assert float(seen.double().abs().sum()) == pytest.approx(3045.7264246, abs=1e-3)


def test_scores_of_the_first_character(made: TraceNetwork, prompt: torch.Tensor) -> None:
    with torch.no_grad():
        hidden = made.model(inputs_embeds=prompt[None]).last_hidden_state[0, -1]
        assert made.logits(hidden)[made.ranges()[1]].tolist() == pytest.approx(OFFICIAL_TIME_SCORES, abs=1e-5)


@pytest.mark.parametrize("cut", [1, len(BEFORE), len(BEFORE) + 4 * 14])
def test_the_answer_token_for_token(made: TraceNetwork, prompt: torch.Tensor, cut: int) -> None:
    """Wherever the prompt is cut in two."""
    said = generate(made, prompt[cut:], read(made, prompt[:cut]), stop=2, limit=80)
    assert said == OFFICIAL_ANSWER and {token > V for token in said} == {True, False}


def answer_of(made: TraceNetwork, prompt: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings and labels of an answer after the prompt, whose `<sync>` is officially learnt as well."""
    answer = torch.tensor([*encode_event([1.5, 4.0], [4.5], vocabulary=V), 30, 31, V])
    labels = torch.cat([torch.full((len(prompt) - 1,), -100), torch.tensor([V]), answer])
    return torch.cat([prompt, made.embed(answer)])[None], labels[None]


def test_loss(made: TraceNetwork, prompt: torch.Tensor) -> None:
    embeddings, labels = answer_of(made, prompt)
    with torch.no_grad():
        logits = made.logits(made.model(inputs_embeds=embeddings).last_hidden_state)
        assert float(trace_loss(logits, labels, made.ranges())) == pytest.approx(OFFICIAL_LOSS, abs=1e-5)


def test_a_step_of_training_moves_every_part_but_clip() -> None:
    made = network(3)
    before = {name: value.clone() for name, value in made.state_dict().items()}
    images = np.random.RandomState(1).randint(0, 256, (4, 28, 28, 3)).astype(np.uint8)
    seen = made.see(pixels(images), TIMES)
    prompt = torch.cat([made.embed(torch.tensor(BEFORE)), seen, made.embed(torch.tensor(AFTER)), made.sync])
    embeddings, labels = answer_of(made, prompt)
    loss = trace_loss(made.logits(made.model(inputs_embeds=embeddings).last_hidden_state), labels, made.ranges())
    loss.backward()
    torch.optim.SGD(made.parameters(), 0.1).step()
    moved = {name for name, value in made.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {name for name in before if "vision_tower" not in name}


def test_learns_to_tell_when() -> None:
    torch.manual_seed(0)
    made = network(4)
    spans = [(1.5, 4.0), (12.3, 45.6), (100.0, 107.9)]
    rows = torch.tensor([[3 + i, V, *encode_event(s, [4.5], vocabulary=V), 10 + i, 2] for i, s in enumerate(spans)])
    labels = rows.clone()
    labels[:, :2] = -100
    adam = torch.optim.Adam(made.parameters(), 3e-3)
    for _ in range(60):
        loss = trace_loss(
            made.logits(made.model(inputs_embeds=made.embed(rows)).last_hidden_state), labels, made.ranges()
        )
        adam.zero_grad()
        loss.backward()
        adam.step()
    for row in rows:
        asked = made.embed(row[:2])
        assert generate(made, asked[1:], read(made, asked[:1]), stop=2, limit=40) == row[2:-1].tolist()
