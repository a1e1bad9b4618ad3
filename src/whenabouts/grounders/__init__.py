"""Grounders: everything that answers *when*. One file per method, one package per family.

A grounder takes a video and queries and gives one `Prediction` per query. Retrievers, learned heads, video-LLMs,
agents and wrappers around other grounders all keep this one protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import BaseGrounder, Grounder
from whenabouts.grounders.llm import VIDEO_LLM_PREFIXES
from whenabouts.plugins import Registry

__all__ = ["GROUNDERS", "BaseGrounder", "Grounder", "grounder_class", "load"]

GROUNDERS: Registry[type[Grounder]] = Registry(
    "model",
    "whenabouts.grounders",
    {
        "similarity": "whenabouts.grounders.similarity:Similarity",
        "learned": "whenabouts.grounders.learned.grounder:Learned",
        "search": "whenabouts.grounders.search.retrieve_then_ground:RetrieveThenGround",
        "agent": "whenabouts.grounders.search.agent:Agent",
        "videomind": "whenabouts.grounders.search.videomind:VideoMind",
        "video-llm": "whenabouts.grounders.llm.grounder:VideoLLM",
    },
    error=ModelError,
)
NAMED_BY_MODEL = {"agent": "MODEL", "videomind": "FOLDER"}  # methods that are written NAME:MODEL, and what MODEL is
CHECKPOINT_SUFFIXES = (".pt", ".ckpt", ".pkl", ".pth")


def load(name: str, **settings: Any) -> Grounder:
    """A grounder by name, or of a checkpoint, folder or server; `settings` are the fields of its dataclass.

    It loads its weights with its first question and keeps them.

    >>> load("similarity", top=1).top
    1

    Raises ModelError for a name or a setting that is unknown, MissingExtra, PluginError.
    """
    kind, named = _resolved(name)
    settings = {**named, **settings}
    known = [field for field in fields(kind) if field.init]  # type: ignore[arg-type]
    if unknown := settings.keys() - {field.name for field in known}:
        raise ModelError(f"the model {name} has no setting {sorted(unknown)[0]}; leave it out")
    if needed := _required(kind) - settings.keys():
        raise ModelError(f"the model {name} needs a {sorted(needed)[0]}; see `whenabouts models`")
    return kind(**settings)


def grounder_class(name: str) -> type[Grounder]:
    """What `load` makes an instance of. Raises ModelError."""
    return _resolved(name)[0]


def required_settings(name: str) -> set[str]:
    """Settings that `load` must be given for this name. Raises ModelError."""
    kind, named = _resolved(name)
    return _required(kind) - named.keys()


def _required(kind: type[Grounder]) -> set[str]:
    known = fields(kind)  # type: ignore[arg-type]
    return {f.name for f in known if f.init and f.default is MISSING and f.default_factory is MISSING}


def _resolved(name: str) -> tuple[type[Grounder], Mapping[str, Any]]:
    """The class that a name stands for, and the settings that the name says."""
    from whenabouts.grounders.learned import HEADS
    from whenabouts.grounders.llm.papers import PAPERS

    kind, _, model = name.partition(":")
    if kind in NAMED_BY_MODEL and model:
        return GROUNDERS[kind], {"model": model}
    if name.startswith(VIDEO_LLM_PREFIXES) or (Path(name) / "config.json").is_file() or name in PAPERS:
        return GROUNDERS["video-llm"], {"model": name}
    if name.endswith(CHECKPOINT_SUFFIXES):
        return GROUNDERS["learned"], {"checkpoint": Path(name)}
    if name in GROUNDERS:
        return GROUNDERS[name], {}
    if name in HEADS:
        raise ModelError(
            f"{name} is a head that needs a checkpoint: give the file of an official one, or train one with "
            f"`whenabouts train {name}`, and name that file"
        )
    methods = ", ".join(f"{method}:{model}" for method, model in NAMED_BY_MODEL.items())
    raise ModelError(
        f"unknown model {name!r}; choose one of: {', '.join(GROUNDERS)}, a checkpoint file, openai:URL#NAME, hub:NAME, "
        f"{methods}, or a name of `whenabouts models`"
    )
