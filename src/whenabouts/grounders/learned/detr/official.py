"""What the official checkpoints of the family state: sizes, the order of features, and whether they need sound.

Features stand side by side in the order of the folders that the options name: [slowfast, clip] in official scripts,
[clip, slowfast] in Lighthouse's, whose first projection is permuted, so that both take official order. What would be
misread without a word is refused: another order, and models that also take sound. Reasons follow the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch

from whenabouts.errors import ModelError
from whenabouts.grounders.learned.head import State

__all__ = ["in_official_order", "layers", "projection_sizes", "refuse_sound"]

CLIP_WIDTH, SLOWFAST_WIDTH, ENDS = 512, 2304, 2  # CLIP ViT-B/32, SlowFast R50, where a clip starts and ends
FIRST = tuple(f"input_vid_proj.0.{name}" for name in ("LayerNorm.weight", "LayerNorm.bias", "net.1.weight"))


def projection_sizes(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes that all of the family have. Raises KeyError where a parameter is missing."""
    return {
        "video_dim": len(state["input_vid_proj.0.LayerNorm.weight"]),
        "text_dim": len(state["input_txt_proj.0.LayerNorm.weight"]),
        "hidden": state["input_vid_proj.0.net.1.weight"].shape[0],
        "heads": int(options.get("nheads", 8)),
        "feedforward": state["transformer.encoder.layers.0.linear1.weight"].shape[0],
        "projections": 1 + max(int(key.split(".")[1]) for key in state if key.startswith("input_vid_proj.")),
        "words": state["txt_position_embed.position_embeddings.weight"].shape[0],
    }


def layers(state: State, prefix: str) -> int:
    """How many layers a part of the model has. Raises KeyError where it has none."""
    start = f"{prefix}.layers."
    numbers = [int(key.removeprefix(start).split(".")[0]) for key in state if key.startswith(start)]
    if not numbers:
        raise KeyError(f"{start}0")
    return 1 + max(numbers)


def refuse_sound(state: State, options: Mapping[str, Any]) -> None:
    """Such models take the sound beside the pictures, in one projection or in its own, and would answer without it."""
    folders = _folders(options, "a_feat_dir") or _folders(options, "a_feat_dirs")
    width, pictures = _width(state), options.get("v_feat_dim")
    if folders:
        why = f"its options name {', '.join(folders)}"
    elif "audio" in str(options.get("ctx_mode")):
        why = f"its context is {options['ctx_mode']}"
    elif any(key.startswith("input_aud_proj") for key in state):
        why = "it has a projection of sound"
    elif width and isinstance(pictures, int) and width > pictures:
        why = f"it takes {width} numbers a clip, and pictures give {pictures} of them"
    else:
        return
    raise ModelError(
        f"was trained with features of sound ({why}), which cannot be made here; take one of pictures alone"
    )


def in_official_order(state: State, options: Mapping[str, Any], lighthouse: bool | None) -> State:
    """Features [clip, slowfast, ends] -> [slowfast, clip, ends] in the first projection, where CLIP stands first."""
    width = _width(state)
    if not _clip_first(options, lighthouse) or width is None or width <= CLIP_WIDTH + ENDS:  # the last is CLIP alone
        return state
    if width != CLIP_WIDTH + SLOWFAST_WIDTH + ENDS:
        raise ModelError(
            f"takes {width} numbers a clip, where CLIP and SlowFast give {CLIP_WIDTH + SLOWFAST_WIDTH + ENDS} with "
            "the ends: the order of its features is unknown"
        )
    parts = {key: torch.split(state[key], [CLIP_WIDTH, SLOWFAST_WIDTH, ENDS], dim=-1) for key in FIRST}
    swapped = {key: torch.cat([slowfast, clip, ends], dim=-1) for key, (clip, slowfast, ends) in parts.items()}
    return {**state, **swapped}


def _clip_first(options: Mapping[str, Any], lighthouse: bool | None) -> bool:
    """Whether features of CLIP come before others, by the names of the folders, else `lighthouse`."""
    folders = _folders(options, "v_feat_dirs")
    if not folders:
        return options.get("dset_name") == "qvhighlight" if lighthouse is None else lighthouse
    names = [re.split(r"[\\/]", folder.rstrip("\\/"))[-1].lower() for folder in folders]
    place = [i for i, name in enumerate(names) if re.search(r"(?<![a-z])clip(?![a-z])", name)]
    joined = any("slowfast" in names[i] for i in place)
    if not joined and (len(names) == 1 or place == [len(names) - 1]):
        return False
    if not joined and place == [0]:
        return True
    if lighthouse is None:
        raise ModelError(
            f"does not state the order of its features, which were in {', '.join(folders)}: load it with "
            "from_checkpoint(path, lighthouse=True) if those of CLIP stand first, or False if they stand last"
        )
    return lighthouse


def _folders(options: Mapping[str, Any], name: str) -> list[str]:
    given = options.get(name) or []
    return [given] if isinstance(given, str) else [str(folder) for folder in given]


def _width(state: State) -> int | None:
    """Numbers a clip that the first projection takes."""
    return state[FIRST[0]].shape[-1] if FIRST[0] in state else None
