"""The video-language models by name, one file per paper, and what they bring: parsers, rewards and recipes.

A new paper is one file here and one line in `PAPERS`. Nothing else has a list of papers: `find --prompting`,
`whenabouts models`, `parse`, `post-train`, `curate`, and the tables of the docs read these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.plugins import Registry, choose
from whenabouts.rewards.evaluators import EVALUATORS
from whenabouts.rewards.generic import GENERIC_REWARDS
from whenabouts.rewards.parse import OWN, Parser
from whenabouts.rewards.target import Reward

__all__ = ["PAPERS", "PARSERS", "RECIPES", "REWARDS", "FromPapers"]

Part = TypeVar("Part")

_HERE = "whenabouts.grounders.llm.papers"
PAPERS: Registry[Paper] = Registry(
    "paper",
    "whenabouts.papers",
    {
        "qwen2-vl": f"{_HERE}.qwen:QWEN2_VL",
        "qwen2.5-vl": f"{_HERE}.qwen:QWEN2_5_VL",
        "qwen3-vl": f"{_HERE}.qwen:QWEN3_VL",
        "qwen3.5": f"{_HERE}.qwen:QWEN3_5",
        "time-r1": f"{_HERE}.time_r1:TIME_R1",
        "unitime": f"{_HERE}.unitime:UNITIME",
        "timelens-7b": f"{_HERE}.timelens:TIMELENS_7B",
        "timelens": f"{_HERE}.timelens:TIMELENS_8B",
        "timelens2": f"{_HERE}.timelens2:TIMELENS2",
        "museg": f"{_HERE}.museg:MUSEG",
        "taro": f"{_HERE}.taro:TARO",
        "ra-rft": f"{_HERE}.ra_rft:RA_RFT",
        "videochat-flash": f"{_HERE}.videochat_flash:VIDEOCHAT_FLASH",
        "timesuite": f"{_HERE}.timesuite:TIMESUITE",
        "tempsamp-r1": f"{_HERE}.tempsamp_r1:TEMPSAMP_R1",
        "tar-tvg": f"{_HERE}.tar_tvg:TAR_TVG",
        "videotemp-o3": f"{_HERE}.videotemp_o3:VIDEOTEMP_O3",
        "videomind": f"{_HERE}.videomind:VIDEOMIND",
        "meco": f"{_HERE}.meco:MECO",
        "trace": f"{_HERE}.trace:TRACE",
    },
    fits=lambda part: isinstance(part, Paper),
    error=ModelError,
)


class FromPapers(Mapping[str, Part], Generic[Part]):
    """What papers bring of one kind, by name, after what belongs to none of them; the first of a name counts.

    kind: what one part is, in the words of an error message
    """

    def __init__(self, kind: str, own: Mapping[str, Part], of: Callable[[Paper], Iterable[tuple[str, Part]]]) -> None:
        self.kind, self.own, self.of = kind, own, of

    def __getitem__(self, name: str) -> Part:
        for found, part in self._every():
            if found == name:
                return part
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from dict(self._every())

    def __len__(self) -> int:
        return len(dict(self._every()))

    def named(self, name: str) -> Part:
        """The part of that name. Raises InputError with the names there are."""
        return choose(self, name, self.kind)

    def _every(self) -> Iterator[tuple[str, Part]]:
        yield from self.own.items()
        for paper in PAPERS.values():
            yield from self.of(paper)


PARSERS: FromPapers[Parser] = FromPapers(
    "parser",
    {parser.name: parser for parser in (OWN, *EVALUATORS)},
    lambda paper: ((parser.name, parser) for parser in paper.parsers),
)
REWARDS: FromPapers[Reward] = FromPapers("reward", GENERIC_REWARDS, lambda paper: paper.rewards.items())
RECIPES: FromPapers[Recipe] = FromPapers("recipe", {}, lambda paper: ((one.name, one) for one in paper.recipes))
