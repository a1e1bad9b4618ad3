"""Frame selection: which pictures a model is shown. One selector a file; each is a line in `SELECTORS`.

A selector takes a video, a query and a budget of frames, and gives the frames with their true times.

Share of 26 queries of one composed hour with a frame inside the true moment of 3 to 9 s, for 8, 16, 32 and 64 frames
(`bench/selection.py`, embedded encoder): uniform 0.00, 0.08, 0.15, 0.08; similarity 0.62, 0.65, 0.65, 0.69; MMR 0.73,
0.73, 0.77, 0.77; DPP 0.81, 0.81, 0.88, 1.00; AKS 0.62, 0.65, 0.65, 0.65; BOLT 0.23, 0.35, 0.58, 0.73; T*, which
looks at 6 % of the frames, 0.15, 0.19, 0.19, 0.23.
"""

from __future__ import annotations

from inspect import signature
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.plugins import Registry
from whenabouts.selection.selector import Selection, Selector

__all__ = ["SELECTORS", "Selection", "Selector", "load_selector", "settings_of"]

SELECTORS: Registry[type[Selector]] = Registry(
    "selector",
    "whenabouts.selectors",
    {
        "uniform": "whenabouts.selection.uniform:Uniform",
        "keyframes": "whenabouts.selection.keyframes:Keyframes",
        "shots": "whenabouts.selection.shots:Shots",
        "similarity": "whenabouts.selection.similarity:Similarity",
        "mmr": "whenabouts.selection.mmr:MMR",
        "dpp": "whenabouts.selection.dpp:DPP",
        "aks": "whenabouts.selection.aks:AKS",
        "bolt": "whenabouts.selection.bolt:BOLT",
        "tstar": "whenabouts.selection.tstar:TStar",
        "videoitg": "whenabouts.selection.videoitg:VideoITG",
    },
    fits=lambda part: isinstance(part, type) and callable(getattr(part, "select", None)),
    error=ModelError,
)


def load_selector(name: str, **settings: Any) -> Selector:
    """A selector by name; `NAME:MODEL` is one that has weights of its own, such as a checkpoint.

    Raises ModelError for a name or a setting that is unknown or missing, InputError for a value, MissingExtra,
    PluginError.
    """
    kind, _, model = name.partition(":")
    given = {"model": model, **settings} if model else settings
    if unknown := given.keys() - settings_of(kind):
        raise ModelError(f"the selector {kind} has no setting {min(unknown)}; leave it out")
    wanted = signature(SELECTORS.named(kind)).parameters.values()
    if any(one.default is one.empty and one.name not in given for one in wanted):
        raise ModelError(f"the selector {kind} needs a model; name one as {kind}:MODEL")
    return SELECTORS.named(kind)(**given)


def settings_of(name: str) -> set[str]:
    """Settings that `load_selector` takes for this name. Raises as `load_selector`."""
    return set(signature(SELECTORS.named(name.partition(":")[0])).parameters)
