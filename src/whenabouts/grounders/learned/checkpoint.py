"""Checkpoints of heads: our own, the official ones, and Lighthouse's, without running any code embedded in them.

Official files hold {"model", "opt", …}, or their options lie beside them as opt.json; those of 2D-TAN and MS-2D-TAN
hold the parameters alone. Which head it is, its sizes and the order of its features are read off the parameters and the
options by the heads themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.files.atomic import replacing
from whenabouts.files.weights import read_weights
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.actionformer.official import configuration
from whenabouts.grounders.learned.detr.official import FeatureOrder
from whenabouts.grounders.learned.detr.streams import named_options
from whenabouts.grounders.learned.head import Head, State
from whenabouts.version import __version__

__all__ = ["Checkpoint", "from_checkpoint", "read_checkpoint", "save_head"]

OURS = "whenabouts"
STATES = ("model_ema", "state_dict_ema", "model", "state_dict")  # where a mean of training was kept, it answers


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds.

    head:   in evaluation mode, on the CPU
    facts:  as given to `save_head`, such as `encoder`, `clip_seconds`, and the names of `folders`; official files tell
            `clip_seconds`, and as far as their options name them the `benchmark` and the `features`, as an encoder of
            them is called
    sha256: of the file
    """

    head: Head
    facts: dict[str, Any]
    sha256: str


def save_head(head: Head, path: Path, facts: Mapping[str, Any]) -> None:
    """Write a head with what makes it again, and facts about it: plain values. Atomic."""
    about = {"head": head.name, "options": head.options, "version": __version__, "facts": dict(facts)}
    state = {key: value.cpu() for key, value in head.model.state_dict().items()}
    with replacing(path) as part, part.open("wb") as file:  # by name, torch would not say that the disk is full
        torch.save({"model": state, OURS: about}, file)


def from_checkpoint(path: Path, *, feature_order: FeatureOrder | None = None, head: Head | None = None) -> Head:
    """The head in a checkpoint, in evaluation mode; arguments and errors are those of `read_checkpoint`."""
    return read_checkpoint(path, feature_order=feature_order, head=head).head


def read_checkpoint(path: Path, *, feature_order: FeatureOrder | None = None, head: Head | None = None) -> Checkpoint:
    """What a checkpoint holds; the file is opened once.

    feature_order: how features of SlowFast and CLIP stood in training, if the file's options do not state it
    head:          takes the parameters; needed if a file of the 2D-TAN family does not state its grid

    Raises ModelError on a missing, damaged, foreign or unsafe file, on an unknown order, and on official options that
    would change the answers in ways unknown here.
    """
    path = Path(path)
    content, sha256 = read_weights(path)
    try:
        made, facts = _own(content, head) if OURS in content else _official(content, path, feature_order, head)
    except ModelError as reason:
        raise ModelError(f"{path} {reason}") from reason
    return Checkpoint(made.eval(), facts, sha256)


# Below an error is a reason, which follows the name of the file.


def _own(content: Mapping[str, Any], head: Head | None) -> tuple[Head, dict[str, Any]]:
    about = content[OURS]
    if about["head"] not in HEADS:
        raise ModelError(f"holds a head {about['head']!r}, which is not among {', '.join(HEADS)}; install its package")
    kind = HEADS[about["head"]]
    try:
        made = head or kind.from_options(about["options"])
    except (TypeError, KeyError) as error:
        raise ModelError(
            f"was written by whenabouts {about.get('version')}, whose {kind.name} had other options: {error}"
        ) from error
    facts = dict(about["facts"])
    if isinstance(facts.get("features"), list):  # what the folders of features were called, in older files
        facts["folders"] = facts.pop("features")
    return _filled(made, content["model"]), facts


def _official(
    content: Mapping[str, Any], path: Path, order: FeatureOrder | None, head: Head | None
) -> tuple[Head, dict[str, Any]]:
    own = content.get("opt") or _options_beside(path)
    options = {**named_options(path), **(own if isinstance(own, dict) else vars(own))}
    if "state_dict" in content and "meta" not in content:  # ActionFormer's, whose configuration is a file beside them
        options = configuration(path.parent)
    state = next((content[key] for key in STATES if key in content), content)
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ModelError("holds no parameters of a model")
    state = {str(key).removeprefix("module."): value for key, value in state.items()}
    made = _recognised(state, options, order, head)
    seconds = options.get("clip_length") or made.options.get("clip_seconds")
    return made, made.facts(options) | ({"clip_seconds": float(seconds)} if seconds else {})


def _options_beside(path: Path) -> dict[str, Any]:
    """What official training writes into opt.json in the folder of the run; nothing where there is none."""
    beside = path.parent / "opt.json"
    if not beside.is_file():
        return {}
    try:
        options = json.loads(beside.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelError(
            f"has options beside it that cannot be read: {beside} is damaged; mend or delete it"
        ) from error
    if not isinstance(options, dict):
        raise ModelError(f"has options beside it that cannot be read: {beside} is damaged; mend or delete it")
    return options


def _recognised(state: State, options: Mapping[str, Any], order: FeatureOrder | None, head: Head | None) -> Head:
    """The given head, or the first that recognises the parameters and that they fit."""
    reasons: list[ModelError] = []
    for kind in [type(head)] if head else HEADS.values():  # those of plugins last, and loaded only where none fits
        if head is None and not kind.recognises(state):
            continue
        try:
            ordered = kind.in_official_order(state, options, feature_order=order)
            return _filled(head or kind.from_official(ordered, options), ordered)
        except KeyError as error:
            reasons.append(ModelError(f"does not fit {kind.name}: the parameter {error} is missing"))
        except (ValueError, AssertionError) as error:  # of sizes that no model has, such as heads that do not divide it
            reasons.append(ModelError(f"does not fit {kind.name}: {error}"))
        except ModelError as reason:
            reasons.append(reason)
    if reasons:
        raise reasons[0]
    if not state:
        raise ModelError("holds no parameters of a model")
    raise ModelError(f"is none of the models known here; its first parameter is {next(iter(state))!r}")


def _filled(head: Head, state: State) -> Head:
    own = head.model.state_dict()
    for key in [*own, *state]:
        if key not in state or key not in own:
            where = "missing" if key in own else "not one of its own"
            raise ModelError(f"does not fit {head.name}: the parameter {key!r} is {where}")
        if own[key].shape != state[key].shape:
            shapes = tuple(state[key].shape), tuple(own[key].shape)
            raise ModelError(f"does not fit {head.name}: the parameter {key!r} is {shapes[0]} and not {shapes[1]}")
        if state[key].is_floating_point() and not state[key].isfinite().all():
            raise ModelError(f"cannot answer: the parameter {key!r} has values that are not finite numbers")
    head.model.load_state_dict(dict(state))
    return head
