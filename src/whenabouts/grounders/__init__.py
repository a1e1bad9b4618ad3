"""Grounders: everything that answers *when*. One file per method, one package per family.

A grounder takes a video and queries and gives one `Prediction` per query. Retrievers, learned heads, video-LLMs,
agents and wrappers around other grounders all keep this one protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import BaseGrounder, Grounder
from whenabouts.grounders.llm import VIDEO_LLM_PREFIXES
from whenabouts.plugins import Registry

__all__ = ["GROUNDERS", "BaseGrounder", "Grounder", "load", "required_settings", "settings_of"]

GROUNDERS: Registry[type[Grounder]] = Registry(
    "model",
    "whenabouts.grounders",
    {
        "similarity": "whenabouts.grounders.similarity:Similarity",
        "learned": "whenabouts.grounders.learned.grounder:Learned",
        "search": "whenabouts.grounders.search.retrieve_then_ground:RetrieveThenGround",
        "agent": "whenabouts.grounders.search.agent:Agent",
        "stream": "whenabouts.grounders.stream.causal:Causal",
        "videomind": "whenabouts.grounders.llm.systems.videomind.grounder:VideoMind",
        "meco": "whenabouts.grounders.llm.systems.meco.grounder:MeCo",
        "timesuite": "whenabouts.grounders.llm.systems.timesuite.grounder:TimeSuite",
        "trace": "whenabouts.grounders.llm.systems.trace.grounder:Trace",
        "video-llm": "whenabouts.grounders.llm.grounder:VideoLLM",
    },
    fits=lambda part: isinstance(part, type) and callable(getattr(part, "ground", None)),
    error=ModelError,
)
NAMED_BY_MODEL = {  # methods that are written NAME:MODEL, and what MODEL is
    "agent": "MODEL",
    "stream": "MODEL",
    "videomind": "FOLDER",
    "meco": "FOLDER",
    "timesuite": "FOLDER",
    "trace": "FOLDER",
}
MODEL_FILES = ("config.json", "adapter_config.json")  # of a folder of a video-LLM, or of an adapter of one
BEST = "best.pt"  # in the folder of a run, and in one that `pack` wrote
CHECKPOINT_SUFFIXES = (".pt", ".ckpt", ".pkl", ".pth")


def load(name: str, **settings: Any) -> Grounder:
    """A grounder by name, or of a checkpoint, folder or server; `settings` are what its class is made with.

    It loads its weights with its first question and keeps them.

    >>> load("similarity", top=1).top
    1

    Raises ModelError for a name or a setting that is unknown, MissingExtra, PluginError.
    """
    kind, named = _resolved(name)
    settings = {**named, **settings}
    if unknown := settings.keys() - _settings(kind):
        raise ModelError(f"the model {name} has no setting {sorted(unknown)[0]}; leave it out")
    if needed := _required(kind) - settings.keys():
        raise ModelError(f"the model {name} needs a {sorted(needed)[0]}; see `whenabouts models`")
    return kind(**settings)


def settings_of(name: str) -> set[str]:
    """Settings that `load` takes for this name. Raises as `load`."""
    return set(_settings(_resolved(name)[0]))


def required_settings(name: str) -> set[str]:
    """Settings that `load` must be given for this name. Raises as `load`."""
    kind, named = _resolved(name)
    return _required(kind) - named.keys()


def _settings(kind: type[Grounder]) -> dict[str, Parameter]:
    """What a class is made with, by name: the fields of a dataclass, or the parameters of any other class."""
    try:
        taken = signature(kind).parameters.values()
    except ValueError:  # it is made as a built-in type is, which does not say
        return {}
    return {each.name: each for each in taken if each.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)}


def _required(kind: type[Grounder]) -> set[str]:
    return {name for name, each in _settings(kind).items() if each.default is Parameter.empty}


def _resolved(name: str) -> tuple[type[Grounder], Mapping[str, Any]]:
    """The class that a name stands for, and the settings that the name says."""
    kind, _, model = name.partition(":")
    if kind in NAMED_BY_MODEL and model:
        return GROUNDERS[kind], {"model": model}
    if (Path(name) / BEST).is_file():
        return GROUNDERS["learned"], {"checkpoint": Path(name) / BEST}
    folder = any((Path(name) / file).is_file() for file in MODEL_FILES)
    if name.startswith(VIDEO_LLM_PREFIXES) or folder:
        return GROUNDERS["video-llm"], {"model": name}
    if name in GROUNDERS.own:
        return GROUNDERS[name], {}
    from whenabouts.grounders.learned import HEADS
    from whenabouts.grounders.llm.papers import PAPERS  # all of them are read, which the names above need not wait for

    if name in PAPERS:
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
