"""Checkpoints of heads: our own, the official ones, and Lighthouse's, without running any code that lies in them.

Official files hold {"model", "opt", …}, those of 2D-TAN and MS-2D-TAN the parameters alone. Sizes are read off the
parameters, the rest from `opt`. Features stand side by side in the order of the folders that `opt` names: [slowfast,
clip] in official scripts, [clip, slowfast] in Lighthouse's, whose first projection is permuted, so that both take
official order. What would be misread without a word is refused: another order, and models that also hear.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from whenabouts import __version__
from whenabouts.errors import ModelError
from whenabouts.files.atomic import replacing
from whenabouts.files.weights import read_weights
from whenabouts.grounders.learned.detr.cg_detr import CGDETRConfig
from whenabouts.grounders.learned.detr.heads import CGDETRHead, MomentDETRHead, QDDETRHead, UniVTGHead
from whenabouts.grounders.learned.detr.moment_detr import MomentDETRConfig
from whenabouts.grounders.learned.detr.qd_detr import QDDETRConfig
from whenabouts.grounders.learned.detr.univtg import UniVTGConfig
from whenabouts.grounders.learned.head import Head, head_class
from whenabouts.grounders.learned.proposal.heads import MSTwoDTANHead, TwoDTANHead
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTANConfig
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTANConfig

__all__ = ["from_checkpoint", "read_facts", "save_head"]

OURS = "whenabouts"
CLIP_WIDTH, SLOWFAST_WIDTH, ENDS = 512, 2304, 2  # CLIP ViT-B/32, SlowFast R50, where a clip starts and ends
FIRST = tuple(f"input_vid_proj.0.{name}" for name in ("LayerNorm.weight", "LayerNorm.bias", "net.1.weight"))
State = dict[str, Tensor]


def save_head(head: Head, path: Path, facts: Mapping[str, Any]) -> None:
    """Write a head with what makes it again, and facts about it: plain values. Atomic."""
    about = {"head": head.name, "options": head.options, "version": __version__, "facts": dict(facts)}
    state = {key: value.cpu() for key, value in head.model.state_dict().items()}
    with replacing(path) as part:
        torch.save({"model": state, OURS: about}, part)


def from_checkpoint(path: Path, *, lighthouse: bool | None = None, head: Head | None = None) -> Head:
    """The head in a checkpoint, in evaluation mode.

    lighthouse: whether features come in Lighthouse's order, where the file's options do not tell
    head:       takes the parameters; needed where a file of the 2D-TAN family does not tell its grid

    Raises ModelError on a missing, damaged, foreign or unsafe file, on one that needs sound, and on an unknown order.
    """
    content = read_weights(path)
    if OURS in content:
        about = content[OURS]
        made = head or head_class(str(about["head"])).from_options(about["options"])
        return _filled(made, content["model"], path)
    state, options = _official(content, path)
    _refuse_sound(state, options, path)
    if _clip_first(options, path, lighthouse):
        state = _in_official_order(state, path)
    return _filled(head or _head_of(state, options, path), state, path)


def read_facts(path: Path) -> dict[str, Any]:
    """What `save_head` was told, and `sha256` of the file. An official file has no other facts."""
    facts = read_weights(path).get(OURS, {}).get("facts", {})
    return {**facts, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _official(content: dict[str, Any], path: Path) -> tuple[State, dict[str, Any]]:
    options = content.get("opt", {})
    options = dict(options) if isinstance(options, dict) else dict(vars(options))
    state = content.get("model", content)
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ModelError(f"{path} holds no parameters of a model")
    return {str(key).removeprefix("module."): value for key, value in state.items()}, options


def _filled(head: Head, state: State, path: Path) -> Head:
    try:
        head.model.load_state_dict(state)
    except RuntimeError as error:
        first = str(error).splitlines()[-1].strip()
        raise ModelError(f"{path} does not fit {head.name}: {first}") from error
    return head.eval()


def _refuse_sound(state: State, options: Mapping[str, Any], path: Path) -> None:
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
        f"{path} was trained with features of sound ({why}), which cannot be made here; take one of pictures alone"
    )


def _clip_first(options: Mapping[str, Any], path: Path, lighthouse: bool | None) -> bool:
    """Whether features of CLIP stand before others, as the folders tell, else `lighthouse`."""
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
            f"{path} does not tell the order of its features, which lay in {', '.join(folders)}: load it with "
            "from_checkpoint(path, lighthouse=True) if those of CLIP stand first, or False if they stand last"
        )
    return lighthouse


def _folders(options: Mapping[str, Any], name: str) -> list[str]:
    given = options.get(name) or []
    return [given] if isinstance(given, str) else [str(folder) for folder in given]


def _width(state: State) -> int | None:
    """Numbers a clip that the first projection of the DETR family takes."""
    return state[FIRST[0]].shape[-1] if FIRST[0] in state else None


def _in_official_order(state: State, path: Path) -> State:
    """Features [clip, slowfast, ends] -> [slowfast, clip, ends] in the first projection of the video."""
    width = _width(state)
    if width is None or width <= CLIP_WIDTH + ENDS:  # of another family, or CLIP alone
        return state
    if width != CLIP_WIDTH + SLOWFAST_WIDTH + ENDS:
        raise ModelError(
            f"{path} takes {width} numbers a clip, where CLIP and SlowFast give "
            f"{CLIP_WIDTH + SLOWFAST_WIDTH + ENDS} with the ends: the order of its features is unknown"
        )
    parts = {key: torch.split(state[key], [CLIP_WIDTH, SLOWFAST_WIDTH, ENDS], dim=-1) for key in FIRST}
    return state | {key: torch.cat([slowfast, clip, ends], dim=-1) for key, (clip, slowfast, ends) in parts.items()}


def _head_of(state: State, options: Mapping[str, Any], path: Path) -> Head:
    if "weightedpool.weight" in state:
        clip = float(options.get("clip_length", 2))
        return UniVTGHead(
            UniVTGConfig(**_projections(state, options), layers=_layers(state, "transformer.encoder")),
            clip_seconds=clip,
        )
    if "dummy_rep_token" in state:
        return CGDETRHead(CGDETRConfig(**_family(state, options), **_cg_detr(state, options)))
    if "global_rep_token" in state:
        layers = _layers(state, "transformer.t2v_encoder")
        return QDDETRHead(QDDETRConfig(**_family(state, options), text_layers=layers))
    if "saliency_proj.weight" in state:
        return MomentDETRHead(MomentDETRConfig(**_family(state, options)))
    if "clip_module.vis_conv.weight" in state:
        return _ms_two_d_tan(state)
    if "frame_layer.vis_conv.weight" in state:
        return _two_d_tan(state, path)
    raise ModelError(
        f"{path} is none of the models known here; its first parameter is {next(iter(state), 'missing')!r}"
    )


def _projections(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes that all four of the DETR family have."""
    return {
        "video_dim": len(state["input_vid_proj.0.LayerNorm.weight"]),
        "text_dim": len(state["input_txt_proj.0.LayerNorm.weight"]),
        "hidden": state["input_vid_proj.0.net.1.weight"].shape[0],
        "heads": int(options.get("nheads", 8)),
        "feedforward": state["transformer.encoder.layers.0.linear1.weight"].shape[0],
        "projections": 1 + max(int(key.split(".")[1]) for key in state if key.startswith("input_vid_proj.")),
        "words": state["txt_position_embed.position_embeddings.weight"].shape[0],
    }


def _family(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    return _projections(state, options) | {
        "encoder_layers": _layers(state, "transformer.encoder"),
        "decoder_layers": _layers(state, "transformer.decoder"),
        "queries": state["query_embed.weight"].shape[0],
        "text_positions": bool(options.get("use_txt_pos", False)),
    }


def _cg_detr(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "dummies": state["dummy_rep_token"].shape[0],
        "prompts": int(options.get("num_prompts", 1)),
        "all_prompts": state["global_rep_token"].shape[0],
        "text_layers": _layers(state, "transformer.t2v_encoder"),
        "dummy_layers": _layers(state, "txtproj_encoder"),
        "sentence_layers": _layers(state, "scls_encoder"),
        "moment_layers": _layers(state, "transformer.mcls_encoder"),
    }


def _layers(state: State, prefix: str) -> int:
    start = f"{prefix}.layers."
    return 1 + max(int(key.removeprefix(start).split(".")[0]) for key in state if key.startswith(start))


def _tan(state: State, clip: str, fusion: str) -> dict[str, Any]:
    hidden, video_dim, _ = state[f"{clip}.vis_conv.weight"].shape
    text = f"{fusion}.textual_encoder.weight_ih_l"
    return {
        "video_dim": video_dim,
        "text_dim": state[f"{text}0"].shape[1],
        "hidden": hidden,
        "text_hidden": state[f"{fusion}.tex_linear.weight"].shape[1],
        "text_layers": sum(key.startswith(text) and not key.endswith("reverse") for key in state),
    }


def _ms_two_d_tan(state: State) -> Head:
    numbers = [key.split(".")[2:4] for key in state if key.startswith("prop_module.layers.")]
    if not numbers:
        raise ModelError("a max-pooled MS-2D-TAN does not tell its scales; pass head=MSTwoDTANHead(…)")
    scales = 1 + max(int(scale) for scale, _ in numbers)
    layers = tuple(1 + max(int(n) for scale, n in numbers if int(scale) == s) for s in range(scales))
    blocks = sorted(key for key in state if key.startswith("map_modules.0.blocks.") and key.endswith(".0.weight"))
    published = MSTwoDTANConfig.tacos() if len(layers) == 5 else MSTwoDTANConfig()
    config = MSTwoDTANConfig(
        **_tan(state, "clip_module", "fusion_module"),
        stride=published.stride,
        layers=layers,
        proposals="conv" if "prop_module.layers.0.0.1.running_mean" in state else "plain",
        kernels=tuple(state[key].shape[-1] for key in blocks),
    )
    return MSTwoDTANHead(config, rows=512 if published.stride == 1 else 256)


def _two_d_tan(state: State, path: Path) -> Head:
    """One of the published grids; max-pooled files of Charades-STA and TACoS have equal parameters."""
    sizes = _tan(state, "frame_layer", "fusion_layer")
    kernels = tuple(v.shape[-1] for k, v in state.items() if k.startswith("map_layer.convs.") and k.endswith(".weight"))
    scales = {int(k.split(".")[2]) for k in state if k.startswith("prop_layer.layers.")}
    fits = [
        c
        for c in (TwoDTANConfig(), TwoDTANConfig.activitynet(), TwoDTANConfig.tacos())
        if c.kernels == kernels and (not scales or len(scales) == len(c.scales))
    ]
    if len(fits) != 1:
        raise ModelError(f"{path} does not tell its grid of clips; pass head=TwoDTANHead(…) with its configuration")
    [fit] = fits
    config = {f.name: getattr(fit, f.name) for f in fields(fit)} | sizes | {"proposals": "conv" if scales else "pool"}
    return TwoDTANHead(TwoDTANConfig(**config), clips=256 // fit.stride)
