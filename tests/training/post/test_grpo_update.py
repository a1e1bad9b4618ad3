"""One GRPO update of the tiny model: what must hold for every seed and every number of threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tiny_rl import GRPO_TINY, QUIET, SAMPLES, model, show

from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Target
from whenabouts.rewards.trl import reward_function
from whenabouts.training.post import grpo
from whenabouts.training.post.seeing.conversation import data_set

import torch  # isort: skip  # tiny_rl skips these tests where it is missing
from transformers import TrainerCallback  # isort: skip

LEARNING_RATE = 1e-5  # so small that what holds of the gradient holds of the step


def by_letters(completion: str, target: Target) -> float:
    """A reward that random text earns in part, so that every group has better and worse answers."""
    return (sum(map(ord, completion)) % 97) / 97


RECIPE = replace(GRPO_TINY, steps=1, learning_rate=LEARNING_RATE, terms=(Term("letters", by_letters),))


@dataclass(frozen=True)
class Update:
    """One update: the log-probabilities of the sampled answers before and after it, and the gradients it took."""

    gradients: dict[str, torch.Tensor]
    advantages: torch.Tensor  # (answers,)
    sampled: torch.Tensor  # (answers, tokens), True where an answer has a token
    before: torch.Tensor  # (answers, tokens), natural logarithms
    after: torch.Tensor

    def gain(self, answers: torch.Tensor) -> float:
        """Mean log-probability per token that the chosen answers gained."""
        chosen = self.sampled & answers[:, None]
        return float((self.after - self.before)[chosen].mean())


@pytest.fixture(scope="module", params=[(0, 1), (1, 1), (2, 2)], ids=lambda p: f"seed {p[0]}, {p[1]} threads")
def update(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Update]:
    seed, threads = request.param
    usual = torch.get_num_threads()
    torch.set_num_threads(threads)
    yield update_once(seed, tmp_path_factory.mktemp("run"))
    torch.set_num_threads(usual)


def update_once(seed: int, out: Path) -> Update:
    network, processor = model()
    start = {name: weight.clone() for name, weight in network.state_dict().items()}
    gradients: dict[str, torch.Tensor] = {}

    class KeepGradients(TrainerCallback):
        def on_pre_optimizer_step(self, *_: Any, model: Any, **__: Any) -> None:
            gradients.update((n, w.grad.clone()) for n, w in model.named_parameters() if w.grad is not None)

    args = grpo.arguments(RECIPE, out, **QUIET, seed=seed)
    data = data_set(SAMPLES, RECIPE, show)
    job = grpo.trainer(RECIPE, network, processor, data, args, callbacks=[KeepGradients()])
    job.train()
    (batch,) = job._buffered_inputs
    after = log_probabilities(network, batch)
    network.load_state_dict(start)
    sampled = batch["completion_mask"].bool()
    return Update(gradients, batch["advantages"], sampled, log_probabilities(network, batch), after)


def log_probabilities(network: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Of every token of every sampled answer, given its prompt and pictures: (answers, tokens)."""
    answers = batch["completion_ids"]
    ids, mask = (torch.cat([batch[f"prompt_{k}"], batch[f"completion_{k}"]], dim=1) for k in ("ids", "mask"))
    with torch.no_grad():
        logits = network.eval()(input_ids=ids, attention_mask=mask, pixel_values=batch["pixel_values"]).logits
    follow = logits[:, -answers.shape[1] - 1 : -1].double().log_softmax(-1)
    return follow.gather(-1, answers[..., None])[..., 0]


def test_the_gradient_is_finite_and_reaches_every_part(update: Update) -> None:
    assert all(gradient.isfinite().all() for gradient in update.gradients.values())
    for part in ("vision_tower", "multi_modal_projector", "language_model", "lm_head"):
        moved = [name for name, gradient in update.gradients.items() if part in name and gradient.abs().sum() > 0]
        assert moved, f"no gradient reaches {part}"


def test_the_update_favours_the_better_answers(update: Update) -> None:
    """The policy objective, advantage times log-probability, rises on the very answers that were sampled."""
    rise = (update.advantages[:, None] * (update.after - update.before))[update.sampled]
    assert rise.sum() > 0
    better, worse = update.gain(update.advantages > 0), update.gain(update.advantages < 0)
    assert better > max(worse, 1e-4)


def test_the_step_is_small_enough_to_judge_the_gradient_by(update: Update) -> None:
    assert 0 < (update.after - update.before).abs().max() < 0.05


@pytest.mark.parametrize(
    ("answer", "rewards"),
    [
        (RECIPES["time-r1"].truth(Target(((2.0, 6.0),), 8.0)), [1.0, 1.0]),
        ("<think>early</think> <answer>0.00 to 6.00</answer>", [2 / 3 * 3 / 4, 1.0]),  # tIoU 4/6, start off by 2 of 8
        ("<think>all</think> <answer>0.00 to 8.00</answer>", [1 / 2 * 3 / 4 * 3 / 4, 1.0]),
        ("<answer>2.00 to 6.00</answer>", [1.0, 0.0]),
        ("<think>beside</think> <answer>6.50 to 8.00</answer>", [0.0, 1.0]),
        ("from two to six", [0.0, 0.0]),
    ],
)
def test_known_answers_earn_what_the_recipe_says(answer: str, rewards: list[float]) -> None:
    columns = {"windows": [[[2.0, 6.0]]], "duration": [8.0]}
    earned = [reward_function(term)(None, [answer], **columns)[0] for term in RECIPES["time-r1"].terms]
    assert earned == pytest.approx(rewards)
