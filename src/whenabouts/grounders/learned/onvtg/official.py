"""What official files of OnVTG do not hold: they are parameters alone, and their sizes in part stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.official import layers
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.onvtg.model import OnVTGConfig

__all__ = ["sizes"]

READ_OFF = ("video_dim", "hidden", "text_hidden", "stride", "text_layers")
ELSEWHERE = ("heads", "places", "positions", "memory", "merge", "words", "dropout")


def sizes(state: State, options: Mapping[str, Any], published: Iterable[OnVTGConfig]) -> dict[str, Any]:
    """Fields of the configuration: of the parameters, and of the `model` part of a configuration stored beside them.

    Without that part, of the published model that is as wide. Raises KeyError, and ModelError where there is none.
    """
    found = _read_off(state)
    if "model" in options:
        return found | _configured(options["model"])
    for each in published:
        if all(getattr(each, name) == found[name] for name in READ_OFF):
            return found | {name: getattr(each, name) for name in ELSEWHERE}
    raise ModelError(
        "does not state how much each level remembers, and no published model is as wide; make the head and pass it in"
    )


def _read_off(state: State) -> dict[str, Any]:
    hidden, video_dim, _ = state["vid_net.embd_fc.conv.weight"].shape
    text_hidden, text_dim, _ = state["text_net.embd_fc.conv.weight"].shape
    kernels = [
        state[f"vid_net.embd_convs.{number}.conv.weight"].shape[-1]
        for number in range(_count(state, "vid_net.embd_convs"))
    ]
    return {
        "video_dim": video_dim,
        "text_dim": text_dim,
        "hidden": hidden,
        "text_hidden": text_hidden,
        "stride": 2 ** kernels.count(5),
        "convs": len(kernels),
        "text_layers": _count(state, "text_net.transformer"),
        "fusion_layers": layers(state, "fusion"),
        "head_layers": _count(state, "cls_head.convs"),
        "future": "future_cls_head.cls_head.conv.weight" in state,
    }


def _configured(model: Mapping[str, Any]) -> dict[str, Any]:
    """Of `configs/NAME.yaml`."""
    video, text = model["vid_net"], model["text_net"]
    places = "absolute" if video.get("use_abs_pe") else "relative" if video.get("use_ref_pe") else "none"
    return {
        "heads": video["n_heads"],
        "places": places,
        "positions": video["max_seq_len"],
        "memory": tuple(video["memory_size"]),
        "merge": None,
        "words": text["max_seq_len"],
    }


def _count(state: State, prefix: str) -> int:
    return len({key.removeprefix(f"{prefix}.").split(".")[0] for key in state if key.startswith(f"{prefix}.")})
