"""Grounders: everything that answers *when*. One file per method, one package per family.

A grounder takes a video and queries and gives one `Prediction` per query. Retrievers, learned heads, video-LLMs,
agents and wrappers around other grounders all keep this one protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from whenabouts.errors import ModelError
from whenabouts.grounders.llm import VIDEO_LLM_PREFIXES
from whenabouts.prediction import Prediction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["GROUNDERS", "Grounder", "load"]


class Grounder(Protocol):
    """The protocol: V x q -> ranked moments with scores, a saliency curve and a presence probability."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Answer every query on one video: a list as long as `queries`, in their order."""
        ...


CHECKPOINTS = (".pt", ".ckpt", ".pkl", ".pth")
GROUNDERS: dict[str, str] = {
    "similarity": "whenabouts.grounders.similarity:Similarity",
    "learned": "whenabouts.grounders.learned.grounder:Learned",
    "search": "whenabouts.grounders.search.retrieve_then_ground:RetrieveThenGround",
    "agent": "whenabouts.grounders.search.agent:Agent",
    "videomind": "whenabouts.grounders.search.videomind:VideoMind",
    "video-llm": "whenabouts.grounders.llm.grounder:VideoLLM",
}


def _papers() -> Iterable[str]:
    from whenabouts.grounders.llm.papers import PAPERS

    return PAPERS


def load(name: str, **settings: Any) -> Grounder:
    """Make a grounder by name, or from a checkpoint file; `settings` are the fields of its dataclass.

    Raises ModelError on an unknown name.
    """
    kind, _, model = name.partition(":")
    if kind in {"agent", "videomind"} and model:
        settings["model"], name = model, kind
    elif name.startswith(VIDEO_LLM_PREFIXES) or (Path(name) / "config.json").is_file() or name in _papers():
        settings["model"], name = name, "video-llm"
    elif name.endswith(CHECKPOINTS):
        settings["checkpoint"], name = Path(name), "learned"
    if name not in GROUNDERS:
        known = ", ".join(sorted(GROUNDERS))
        raise ModelError(
            f"there is no model named {name!r}; choose one of: {known}, a checkpoint file, "
            "openai:URL#NAME, hub:NAME, agent:MODEL, videomind:FOLDER, or a paper of `whenabouts models`"
        )
    module, _, attribute = GROUNDERS[name].partition(":")
    kind = getattr(import_module(module), attribute)
    if unknown := settings.keys() - {f.name for f in fields(kind)}:
        raise ModelError(f"the model {name} has no setting {sorted(unknown)[0]}; leave it out")
    grounder: Grounder = kind(**settings)
    return grounder
