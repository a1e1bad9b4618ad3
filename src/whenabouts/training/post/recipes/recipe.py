"""What a recipe says: a frozen dataclass of published values, with the ones nobody could confirm named as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whenabouts.rewards.compose import Term
from whenabouts.rewards.target import Target
from whenabouts.training.post.curation import Selection

__all__ = ["GRPO", "SFT", "Recipe"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Prompt, sampling and optimisation, whatever the objective.

    paper:         arXiv id.
    prompt:        the user's words after the frames; {} is the query.
    lower:         the query enters in lower case and without its last full stop.
    answer:        the true answer in words; {} is its spans, separated by commas.
    span:          a moment in words; {0} and {1} are start and end in seconds.
    question_first: the words stand before the frames, as in the first release of Time-R1, and not after them.
    stamp:         the text before each frame; {} is its time in seconds. The papers' models get time in other ways too
                   (Qwen2.5-VL through its position encoding); frames as images with a stamp work with every model.
    fps, frames:   sampling rate, and the most frames of a video.
    visual_tokens: the budget of a whole video.
    batch:         answers (GRPO) or samples (SFT) per update.
    steps:         the most updates; None is as many as the epochs have.
    selection:     how the paper chose its samples, for `curation.select`; their order is then kept.
    train_vision:  train the vision tower too; the papers freeze it.
    unconfirmed:   fields whose value was not found in the paper or its code.
    """

    name: str
    paper: str
    prompt: str
    answer: str
    span: str = "{0:.2f} to {1:.2f}"
    lower: bool = False
    question_first: bool = False
    stamp: str = "<{:.1f} seconds>"
    fps: float = 2.0
    frames: int = 768
    visual_tokens: int = 3584
    learning_rate: float
    schedule: Literal["linear", "constant", "cosine"] = "linear"
    batch: int
    epochs: float = 1.0
    steps: int | None = None
    selection: Selection | None = None
    train_vision: bool = False
    unconfirmed: tuple[str, ...] = ()

    def question(self, query: str) -> str:
        """The prompt about a query."""
        if self.lower:
            query = query.strip().lower().removesuffix(".")
        return self.prompt.replace("{}", query)

    def truth(self, target: Target) -> str:
        """The true answer in the recipe's words."""
        if not target.windows:
            absent = "The event does not happen in this video."
            return f"<think></think><answer>{absent}</answer>" if "<answer>" in self.answer else absent
        return self.answer.replace("{}", ", ".join(self.span.format(*window) for window in target.windows))


@dataclass(frozen=True, kw_only=True)
class SFT(Recipe):
    """Supervised fine-tuning on the true answers."""


@dataclass(frozen=True, kw_only=True)
class GRPO(Recipe):
    """Group-relative policy optimisation with verifiable rewards.

    terms:        rewards and weights.
    group:        answers per query.
    beta:         weight of the KL divergence from the start.
    loss:         TRL's name of the normalisation of the loss.
    scale:        divide advantages by the standard deviation of the group.
    clip:         (below, above) 1 the ratio of probabilities may go.
    tokens:       the longest answer.
    guided:       one answer of each group is the true one (TempSamp-R1).
    crops:        the model may call a tool that shows part of the video again, at most so many times.
    """

    terms: tuple[Term, ...]
    group: int = 8
    beta: float = 0.0
    loss: Literal["grpo", "bnpo", "dr_grpo", "dapo"] = "bnpo"
    scale: bool = True
    clip: tuple[float, float] = (0.2, 0.2)
    temperature: float = 1.0
    top_p: float = 1.0
    tokens: int = 200
    guided: bool = False
    crops: int = 0
