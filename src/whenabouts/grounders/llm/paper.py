"""`Paper`: everything that is known of one video-language model for grounding, as a plain value.

A new paper is a file with such a value in `papers/`, and a line in `PAPERS`; or it comes from another package through
the entry point group `whenabouts.papers`. The command line, the registries of parsers, rewards and recipes, and the
tables of the docs all read it from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Known, Published
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.grounders.llm.sampling import FrameRule, Sampling
from whenabouts.rewards.parse import Parser
from whenabouts.rewards.target import Reward

__all__ = ["STATUS", "Paper", "Status"]

Status = Literal["prompt", "served", "system", "head", "closed"]
STATUS: dict[Status, tuple[str, str]] = {  # what `whenabouts models` says of it, and of what it needs
    "prompt": ("needs checkpoint", "{}, on a server (extra llm) or here (extra hub)"),
    "served": ("needs its own server", "{} on a server that runs its own code (extra llm)"),
    "system": ("needs checkpoint", "{}, in a folder: --model NAME:FOLDER (extra hub)"),
    "head": ("head implemented", "{}; only the head is here, no checkpoint loads"),
    "closed": ("not here", "code and weights of {}"),
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper, or a model that was released without one.

    name, title: as users type it and as it is printed

    How it is asked and how it sees time
    prompting:   the words, and the times between frames
    sampling:    which frames, and how large
    tokens:      the longest answer when it is asked; training may draw shorter ones (`Recipe.tokens`)
    temperature: 0 is greedy decoding
    sets:        an answer is a set of intervals: each is a moment, in the order of the answer
    longest:     seconds of video that one question covers
    long:        what is done with longer videos: a name in `long.PLANS`

    How it is read, rewarded and trained
    parsers:     the official readers of its answers; the first is that of its evaluation
    rewards:     the rewards of its training, by name
    recipes:     its post-training

    What is known of it
    arxiv:       number of the paper
    status:      `prompt`: any engine can ask it; `served`: only a server that runs its own code can; `system`: it
                 answers through modules of its own and is loaded from a folder (`systems`); `head`: only those modules
                 are here; `closed`: neither
    backbone, checkpoints, licence, memory: what it takes
    source:      where prompt and settings come from
    missing:     what of it is not here
    protocol:    the protocol of its own evaluation, by its name in `evaluation.protocols`
    published:   its published figures
    known:       what others found who tried to reproduce them
    """

    name: str
    title: str

    prompting: Prompting
    sampling: FrameRule = field(default_factory=Sampling)
    tokens: int = 512
    temperature: float = 0.0
    sets: bool = False
    longest: float = 600.0
    long: str = "windows"

    parsers: tuple[Parser, ...] = ()
    rewards: Mapping[str, Reward] = field(default_factory=dict)
    recipes: tuple[Recipe, ...] = ()

    arxiv: str = ""
    status: Status = "prompt"
    backbone: str = ""
    checkpoints: tuple[str, ...] = ()
    licence: str = ""
    memory: str = ""
    source: str = ""
    missing: str = ""
    protocol: str = "timelens"
    published: tuple[Published, ...] = ()
    known: tuple[Known, ...] = ()

    def facts(self) -> dict[str, Any]:
        """All of it as JSON would hold it, for `whenabouts models --json`."""
        status, needs = STATUS[self.status]
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values |= {
            "status": status,
            "needs": needs.format(" or ".join(self.checkpoints) or self.backbone)
            + (f"; {self.memory}, and the frames on top" if self.memory else ""),
            "prompting": _plain(self.prompting),
            "sampling": {"rule": type(self.sampling).__name__.lower(), **_plain(self.sampling)},
            "parsers": [parser.name for parser in self.parsers],
            "rewards": list(self.rewards),
            "recipes": [recipe.name for recipe in self.recipes],
            "published": [asdict(one) for one in self.published],
            "known": [asdict(one) for one in self.known],
        }
        return values


def _plain(value: Prompting | FrameRule) -> dict[str, Any]:
    every = {one.name: getattr(value, one.name) for one in fields(value)}
    return {name: one.__qualname__ if callable(one) else one for name, one in every.items()}
