"""Online grounders: standing queries on a stream that has no end, one method a file.

A method is one file and one line here; `whenabouts watch --model NAME` and the causal evaluation take the names from
this dict. Methods that need a model are written NAME:MODEL.
"""

from __future__ import annotations

from typing import Any

from whenabouts.errors import ModelError, WhenaboutsError
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.plugins import Registry

__all__ = ["ONLINE", "Event", "OnlineGrounder", "load_online"]

ONLINE: Registry[type[OnlineGrounder]] = Registry(
    "online model",
    "whenabouts.online",
    {
        "similarity": "whenabouts.grounders.stream.similarity:OnlineSimilarity",
        "threshold": "whenabouts.grounders.stream.threshold:OnlineThreshold",
        "window": "whenabouts.grounders.stream.window:WindowGrounder",
        "onvtg": "whenabouts.grounders.stream.onvtg:OnVTGOnline",
        "cached": "whenabouts.grounders.stream.cached:Cached",
        "harness": "whenabouts.grounders.stream.harness.trigger:Harness",
    },
    fits=lambda part: isinstance(part, type) and callable(getattr(part, "push", None)),
    error=ModelError,
)


def load_online(name: str, **settings: Any) -> OnlineGrounder:
    """An online grounder by name; NAME:MODEL gives it `model=MODEL`. `settings` are what its class is made with.

    `threshold` is the score from which it tells of a moment, also where the class calls that `least`. Raises ModelError
    for a name or a setting that is unknown, InputError for a value that it refuses, MissingExtra, PluginError.
    """
    from inspect import signature

    kind, _, model = name.partition(":")
    made = ONLINE.named(kind)
    given = {**settings, "model": model} if model else dict(settings)
    taken = signature(made).parameters
    if "threshold" in given and "threshold" not in taken and "least" in taken:
        given["least"] = given.pop("threshold")
    if unknown := [each for each in given if each not in taken]:
        raise ModelError(f"the online model {kind} has no setting {unknown[0]}; leave it out")
    if needed := [each for each, field in taken.items() if field.default is field.empty and each not in given]:
        raise ModelError(f"the online model {kind} needs a {needed[0]}: write {kind}:{needed[0].upper()}")
    try:
        return made(**given)
    except WhenaboutsError:
        raise
    except (AttributeError, TypeError, ValueError, OverflowError) as error:  # not what the method computes with
        raise ModelError(f"the online model {kind} cannot be made with these settings: {error}") from error
