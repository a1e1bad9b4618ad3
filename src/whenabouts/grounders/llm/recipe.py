"""What a post-training recipe says: frozen dataclasses of published values, with the unconfirmed ones named as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from whenabouts.grounders.llm.prompting import PLAIN_STAMP, Prompting, Stamps
from whenabouts.rewards.compose import Term
from whenabouts.rewards.sets import set_tiou
from whenabouts.rewards.target import Reward, Target
from whenabouts.rewards.tiou import tiou

__all__ = ["ABSENT", "GRPO", "SFT", "Recipe", "Selection"]

ABSENT = "The event does not happen in this video."


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How training samples are drawn by the tIoU of a reference model's answers; each has a mean and a deviation.

    sets:           the tIoU is that of all intervals of an answer together, and not of the first
    easiest:        samples with a mean above it are too easy
    impossible:     keep samples that no answer overlaps, from which a reward without a slope has nothing to learn
    centre, width:  mean and standard deviation of the Gaussian of means by which samples are drawn; None is none
    harder:         draw by (1 − mean) to this power
    unsure:         draw by the deviation to this power
    size:           how many samples are drawn; 2,500 is the published scale
    flat:           divide by the histogram of the means (20 bins), so that a common difficulty is not drawn for being
                    common
    bucket:         draw equally from durations, in steps of so many seconds, each with a histogram of its own
    longest_bucket: seconds from which on durations are one step
    """

    sets: bool = False
    easiest: float = 1.0
    impossible: bool = False
    centre: float | None = None
    width: float = 0.2
    harder: float = 0.0
    unsure: float = 0.0
    size: int = 2500
    flat: bool = False
    bucket: float | None = None
    longest_bucket: float = 240.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Prompt, sampling and optimisation, whatever the objective.

    name:           as it is typed after `whenabouts post-train`
    arxiv:          number of the paper
    prompt:         the text after the frames; {} is the query
    clean_query:    what is done to the query before it enters the prompt
    answer:         the true answer in words; {} is its spans
    span:           a moment in words; {0} and {1} are start and end in seconds
    between:        what stands between two spans
    refusal:        the answer where the query does not happen
    question_first: the text stands before the frames, as in the first release of Time-R1, and not after them
    stamps:         where the paper writes times between frames; `none` leaves time to the model's own encoding. A model
                    that has none is given a stamp before every two frames, which are one step of its video; one that
                    sees images alone, before every frame
    stamp:          the text of a time; {} is in seconds
    fps, frames:    sampling rate, and the most frames of a video
    visual_tokens:  the budget of a whole video
    tokens:         the longest answer
    batch:          answers (GRPO) or samples (SFT) per update
    steps:          the most updates; None is as many as the epochs have
    selection:      how the paper chose its samples, for `curation.select`
    train_vision:   train the vision tower too; the papers freeze it
    unconfirmed:    fields whose value was not found in the paper or its code
    """

    name: str
    arxiv: str
    prompt: str
    clean_query: Callable[[str], str] = str.strip
    answer: str
    span: str = "{0:.2f} to {1:.2f}"
    between: str = ", "
    refusal: str = ""
    question_first: bool = False
    stamps: Stamps = "none"
    stamp: str = PLAIN_STAMP
    fps: float = 2.0
    frames: int
    visual_tokens: int
    tokens: int = 200
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
        return self.prompt.replace("{}", self.clean_query(query))

    def truth(self, target: Target) -> str:
        """The true answer in the recipe's words."""
        if not target.windows:
            return self.refusal or (
                f"<think></think><answer>{ABSENT}</answer>" if "<answer>" in self.answer else ABSENT
            )
        return self.answer.replace("{}", self.between.join(self.span.format(*window) for window in target.windows))

    @property
    def prompting(self) -> Prompting:
        """How a model is asked that is trained with it."""
        return Prompting(
            question=self.prompt,
            stamps=self.stamps,
            stamp=self.stamp,
            question_first=self.question_first,
            clean_query=self.clean_query,
        )

    @property
    def judge(self) -> Reward:
        """The tIoU of an answer, by which samples are chosen."""
        return set_tiou if self.selection is not None and self.selection.sets else tiou

    def facts(self) -> dict[str, Any]:
        """All values as JSON would hold them, with the rewards by name: what a receipt keeps."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "terms"}
        rule = self.selection
        return values | {
            "clean_query": self.clean_query.__qualname__,
            "selection": None if rule is None else asdict(rule),
            "rewards": [term.name for term in getattr(self, "terms", ())],
        }


@dataclass(frozen=True, kw_only=True)
class SFT(Recipe):
    """Supervised fine-tuning on the true answers."""


@dataclass(frozen=True, kw_only=True)
class GRPO(Recipe):
    """Group-relative policy optimisation with verifiable rewards (arXiv:2402.03300).

    terms:  rewards and weights
    group:  answers per query
    beta:   weight of the KL divergence from the initial model
    loss:   TRL's name of the normalisation of the loss
    scale:  divide advantages by the standard deviation of the group
    clip:   how far (below, above) 1 the ratio of probabilities may go
    guided: one answer of each group is the true one (TempSamp-R1)
    crops:  the model may call a tool that shows part of the video again, at most so many times
    """

    terms: tuple[Term, ...]
    group: int = 8
    beta: float = 0.0
    loss: Literal["grpo", "bnpo", "dr_grpo", "dapo"] = "bnpo"
    scale: bool = True
    clip: tuple[float, float] = (0.2, 0.2)
    temperature: float = 1.0
    top_p: float = 1.0
    guided: bool = False
    crops: int = 0
