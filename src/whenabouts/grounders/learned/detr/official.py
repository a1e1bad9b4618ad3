"""What the official checkpoints of the family state: sizes, the order of features, and what cannot be answered here.

A row of an official model is [pictures, its two ends, sound]. Pictures stand side by side in the order of the folders
that the options name: [slowfast, clip] in official scripts, [clip, slowfast] in Lighthouse's, whose first projection is
permuted, so that all take [slowfast, clip]. What would be misread is refused. Reasons follow the file's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import torch

from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.alignment import ALIGNMENT
from whenabouts.grounders.learned.detr.streams import WIDTHS, Streams, benchmark, folders
from whenabouts.grounders.learned.head import State

__all__ = [
    "FeatureOrder",
    "cuts_words",
    "in_official_order",
    "layers",
    "official_facts",
    "projection_sizes",
    "raw_words",
    "refuse_foreign",
    "sound_ends",
    "without_alignment",
]

FeatureOrder = Literal["slowfast-first", "clip-first"]
ENDS = 2  # columns: where a clip starts and ends, as shares of the video
PUBLISHED = (256, 1024)  # widths of models, all with 8 heads
BOTH = WIDTHS["slowfast"] + WIDTHS["clip"]
SEEN = {0, BOTH, 768, *(WIDTHS[name] for name in ("slowfast", "clip", "resnet", "vgg", "c3d"))}  # 768: InternVideo2
FIRST = tuple(f"input_vid_proj.0.{name}" for name in ("LayerNorm.weight", "LayerNorm.bias", "net.1.weight"))


def projection_sizes(state: State, options: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes that all of the family have. Raises KeyError where a parameter is missing, ModelError as `_sound`."""
    sound = _sound(state, options)
    return {
        "video_dim": len(state[FIRST[0]]) - sound,
        "audio_dim": sound,
        "text_dim": len(state["input_txt_proj.0.LayerNorm.weight"]),
        "hidden": state["input_vid_proj.0.net.1.weight"].shape[0],
        "heads": _heads(state, options),
        "feedforward": state["transformer.encoder.layers.0.linear1.weight"].shape[0],
        "projections": 1 + max(int(key.split(".")[1]) for key in state if key.startswith("input_vid_proj.")),
        "words": state["txt_position_embed.position_embeddings.weight"].shape[0],
    }


def _heads(state: State, options: Mapping[str, Any]) -> int:
    """Of attention. Raises ModelError where no option says it and the width of the model is not a published one."""
    if "nheads" not in options and len(state["input_vid_proj.0.net.1.weight"]) not in PUBLISHED:
        raise ModelError(
            "does not say how many heads its attention has (nheads), and is of no published size; put its options "
            "beside it as opt.json"
        )
    return int(options.get("nheads", 8))


def layers(state: State, prefix: str) -> int:
    """How many layers a part of the model has. Raises KeyError where it has none."""
    start = f"{prefix}.layers."
    numbers = [int(key.removeprefix(start).split(".")[0]) for key in state if key.startswith(start)]
    if not numbers:
        raise KeyError(f"{start}0")
    return 1 + max(numbers)


def official_facts(options: Mapping[str, Any]) -> dict[str, Any]:
    """The benchmark and the features, where the options tell them."""
    told = {"benchmark": benchmark(options), "features": Streams.of(options).name}
    return {name: fact for name, fact in told.items() if fact}


def sound_ends(options: Mapping[str, Any]) -> bool:
    """Whether the ends of a clip stand behind its sound too, as in QD-DETR's own code and not in Lighthouse's."""
    return bool(folders(options, "a_feat_dir")) and options.get("a_feat_dim") != WIDTHS["pann"]


def raw_words(options: Mapping[str, Any]) -> bool:
    """Whether words are officially taken as they are, neither cut nor scaled: of GloVe, and for highlights alone."""
    return Streams.of(options).text == "glove" or benchmark(options) in {"tvsum", "youtube-highlights"}


def cuts_words(options: Mapping[str, Any]) -> bool:
    """Whether officially long queries are cut."""
    return bool(options.get("use_txt_pos")) or not raw_words(options)


def without_alignment(state: State) -> State:
    """The parameters without those of the contrastive alignment loss."""
    return {key: value for key, value in state.items() if not key.startswith(ALIGNMENT)}


def refuse_foreign(state: State, options: Mapping[str, Any]) -> None:
    """Raise ModelError for options of official training that change the model or its features in ways unknown here."""
    if options.get("span_loss_type", "l1") != "l1":
        raise ModelError(
            f"classifies the clips where a moment starts and ends (span_loss_type {options['span_loss_type']}), whose "
            "official decoding does not run; take one trained with l1"
        )
    if options.get("pre_norm"):
        raise ModelError("normalises before each layer (pre_norm), which no published model does; train it without")
    if "tef" not in str(options.get("ctx_mode", "tef")):
        raise ModelError(
            f"was trained without the ends of clips (ctx_mode {options['ctx_mode']}), which are added here"
        )
    raw = [name for name in ("no_norm_vfeat", "no_norm_tfeat") if options.get(name)]
    if raw:
        raise ModelError(
            f"was trained on features that were not scaled to unit length ({', '.join(raw)}), as they are here"
        )


def in_official_order(state: State, options: Mapping[str, Any], order: FeatureOrder | None) -> State:
    """Pictures [clip, slowfast] -> [slowfast, clip] in the first projection, where CLIP stands first.

    `order` is taken where the options do not tell. Raises ModelError where nothing does.
    """
    if order not in (None, *get_args(FeatureOrder)):
        raise ModelError(f"cannot be read in the feature order {order!r}; say slowfast-first or clip-first")
    if FIRST[0] not in state:
        return state
    width = len(state[FIRST[0]]) - _sound(state, options) - ENDS
    _refuse_untold(state, options, width)
    if not _clip_first(options, order, width):
        return state
    if width != BOTH:
        raise ModelError(
            f"takes {width} numbers a clip, where CLIP and SlowFast give {BOTH}: the order of its features is unknown"
        )
    parts = {key: torch.tensor_split(state[key], [WIDTHS["clip"], BOTH], dim=-1) for key in FIRST}
    swapped = {key: torch.cat([slowfast, clip, rest], dim=-1) for key, (clip, slowfast, rest) in parts.items()}
    return {**state, **swapped}


def _refuse_untold(state: State, options: Mapping[str, Any], width: int) -> None:
    """Raise ModelError where no option tells what a row is made of, and its width does not either."""
    told = options.get("v_feat_dirs") or any(name in options for name in ("v_feat_dim", "a_feat_dim", "ctx_mode"))
    words = len(state["input_txt_proj.0.LayerNorm.weight"])
    if not told and (width not in SEEN or width == words == WIDTHS["clap"]):
        raise ModelError(
            f"takes {width} numbers a clip and does not say of what, which may be sound in part; put its options "
            "beside it as opt.json"
        )


def _clip_first(options: Mapping[str, Any], order: FeatureOrder | None, width: int) -> bool:
    pictures = Streams.of(options).pictures
    if pictures is None and "model_name" in options and width == BOTH:  # only Lighthouse names its models
        return True
    if pictures is not None and sum(WIDTHS.get(name, width + 1) for name in pictures) == width:
        return len(pictures) > 1 and pictures[0] == "clip"
    if width != BOTH and (pictures is None or len(pictures) == 1):  # features of one kind, as far as widths tell
        return False
    if pictures and pictures[-1] == "clip" and pictures.count("clip") == 1:
        return False
    if order is None and pictures:
        where = ", ".join(folders(options, "v_feat_dirs"))
        raise ModelError(
            f"does not state the order of its features, which were in {where}: say --feature-order slowfast-first or "
            "clip-first (feature_order in Python)"
        )
    if order is None:
        raise ModelError(
            "does not state the order of its features: say --feature-order slowfast-first or clip-first (feature_order "
            "in Python)"
        )
    return order == "clip-first"


def _sound(state: State, options: Mapping[str, Any]) -> int:
    """How many columns of the first projection are of sound. Raises ModelError where options and widths disagree."""
    if any(key.startswith("input_aud") for key in state):  # sound has a projection of its own, as in UVCOM
        return 0
    taken = len(state[FIRST[0]])
    named = folders(options, "a_feat_dir") or folders(options, "a_feat_dirs")
    heard = bool(named) or "audio" in str(options.get("ctx_mode"))
    pictures, sound = options.get("v_feat_dim"), options.get("a_feat_dim")
    if not isinstance(pictures, int):
        if not heard:
            return 0
        pictures = taken - sound if isinstance(sound, int) else taken
    sound = sound if heard and isinstance(sound, int) else 0
    # a separate file of options counts pictures without their ends
    if taken not in (pictures + sound, pictures + sound + ENDS) or (heard and not sound):
        raise ModelError(
            f"takes {taken} numbers a clip, and by its options pictures with their ends are {pictures} of them and "
            f"sound is {sound}: what the others are is unknown"
        )
    return sound
