"""What official checkpoints and the configurations beside them say: sizes, the grid of time, how detections are made.

Parameters alone do not tell how far attention reaches, whether rows know their place, or how long a row is. The
configuration does (a YAML file, or `config.txt` of a run); without one the published model that has these sizes does.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.learned.actionformer.model import ActionFormerConfig
from whenabouts.grounders.learned.head import State
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["configuration", "settings", "sizes"]

Recipes = Mapping[str, Recipe]
TEST = {  # official name: field of `Decoding`, official default
    "pre_nms_thresh": ("least", 0.001), "pre_nms_topk": ("candidates", 5000), "duration_thresh": ("shortest", 0.05),
    "nms_sigma": ("sigma", 0.5), "multiclass_nms": ("by_class", True), "min_score": ("min_score", 0.01),
    "max_seg_num": ("most", 1000), "voting_thresh": ("vote", 0.75),
}  # fmt: skip

# in the order of label_id in the annotations that the authors give out: the alphabet's
THUMOS14 = (
    "BaseballPitch", "BasketballDunk", "Billiards", "CleanAndJerk", "CliffDiving", "CricketBowling", "CricketShot",
    "Diving", "FrisbeeCatch", "GolfSwing", "HammerThrow", "HighJump", "JavelinThrow", "LongJump", "PoleVault",
    "Shotput", "SoccerPenalty", "TennisSwing", "ThrowDiscus", "VolleyballSpiking",
)  # fmt: skip


def configuration(folder: Path) -> dict[str, Any]:
    """The configuration that lies beside a checkpoint: `config.txt` of the run, else the only YAML file, else nothing.

    Raises ModelError, with a reason that follows the checkpoint's name, where it cannot be read.
    """
    run, several = folder / "config.txt", sorted({*folder.glob("*.yaml"), *folder.glob("*.yml")})
    if not run.is_file() and len(several) != 1:
        return {}
    path = run if run.is_file() else several[0]
    try:
        if path == run:
            content = ast.literal_eval(path.read_text(encoding="utf-8"))
        else:
            import yaml  # type: ignore[import-untyped]

            content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except Exception as error:  # a damaged file ends in errors of any kind
        raise ModelError(f"has a configuration beside it that cannot be read: {path.name}") from error
    return dict(content) if isinstance(content, dict) and "dataset" in content and "model" in content else {}


def sizes(state: State, options: Mapping[str, Any], recipes: Recipes) -> dict[str, Any]:
    """Fields of the configuration. Raises KeyError for a missing parameter, ModelError where nothing fits."""
    seen = _seen(state)
    if not options:
        return {**_published(seen, recipes).config, **seen}
    model, training = options["model"], options.get("train_cfg", {})
    if model.get("backbone_type", "convTransformer") != "convTransformer" or model.get("fpn_type") == "fpn":
        raise ModelError("has another backbone or neck than ActionFormer's published models, which is not here")
    levels = seen["layers"][2] + 1
    windows = model.get("n_mha_win_size", -1)
    ranges = model.get("regression_range") or ActionFormerConfig.ranges
    said = {
        "heads": model.get("n_head", 4),
        "windows": (windows,) * levels if isinstance(windows, int) else tuple(windows),
        "ranges": tuple((float(least), float(most)) for least, most in ranges),
        "rows": options["dataset"].get("max_seq_len", 2304),
        "places": bool(model.get("use_abs_pe", False)),
        "dropout": training.get("dropout", 0.0),
        "prior": training.get("cls_prior_prob", 0.01),
    }
    if len(said["windows"]) != levels or len(said["ranges"]) != levels:
        raise ModelError("does not fit the configuration beside it, which has another number of levels")
    return {**said, **seen}


def settings(state: State, options: Mapping[str, Any], recipes: Recipes) -> dict[str, Any]:
    """Keyword arguments besides the configuration."""
    if not options:
        published = _published(_seen(state), recipes)
        return {**published.options, **({"classes": THUMOS14} if published is recipes["thumos14"] else {})}
    data, training, test = options["dataset"], options.get("train_cfg", {}), options.get("test_cfg", {})
    if test.get("nms_method", "soft") != "soft":
        raise ModelError(f"is evaluated with {test['nms_method']} suppression, which is not here")
    stride, frames = data.get("feat_stride", 16), data.get("num_frames", 32)
    stride *= data.get("downsample_rate", 1)
    resize = bool(data.get("force_upsampling", False))
    rate = data.get("default_fps")
    if resize and frames != stride:
        raise ModelError("resizes rows whose frames overlap, which is not here")
    thumos = options.get("dataset_name") == "thumos" and data.get("num_classes") == len(THUMOS14)
    return {
        "clip_seconds": stride / rate if rate and stride > 0 else None,
        "stride": stride if stride > 0 and not rate else None,
        "span": frames / stride if stride > 0 else 1.0,
        "resize": resize,
        "crop": tuple(data.get("crop_ratio") or (1.0, 1.0)),
        "share": data.get("trunc_thresh", 0.5),
        "radius": training.get("center_sample_radius", 1.5),
        "smoothing": training.get("label_smoothing", 0.0),
        "regression": training.get("loss_weight", 1.0),
        "norm": training.get("init_loss_norm", 2000),
        "decoding": {ours: test.get(name, default) for name, (ours, default) in TEST.items()},
        **({"classes": THUMOS14} if thumos else {}),
    }


def _seen(state: State) -> dict[str, Any]:
    """What the parameters show. Raises KeyError where one is missing."""

    def count(start: str) -> int:
        numbers = {int(key.removeprefix(start).split(".")[0]) for key in state if key.startswith(start)}
        if not numbers:
            raise KeyError(f"{start}0")
        return 1 + max(numbers)

    parts = [state[f"backbone.proj.{i}.conv.weight"] for i in range(8) if f"backbone.proj.{i}.conv.weight" in state]
    first, answers = state["backbone.embd.0.conv.weight"], state["cls_head.cls_head.conv.weight"]
    if "backbone.embd_norm.0.weight" not in state:
        raise ModelError("has layers without normalisation, which none of ActionFormer's published models have")
    return {
        "video_dim": sum(p.shape[1] for p in parts) if parts else first.shape[1],
        "parts": tuple(p.shape[1] for p in parts),
        "part_hidden": tuple(p.shape[0] for p in parts),
        "classes": answers.shape[0],
        "hidden": first.shape[0],
        "head_hidden": answers.shape[1],
        "layers": (count("backbone.embd."), count("backbone.stem."), count("backbone.branch.")),
        "kernel": first.shape[2],
        "head_kernel": answers.shape[2],
        "head_layers": 1 + count("cls_head.head."),
        "relative": any(key.endswith("rel_pe") for key in state),
        "path": 0.1 if any("drop_path" in key for key in state) else 0.0,
    }


def _published(seen: Mapping[str, Any], recipes: Recipes) -> Recipe:
    for recipe in recipes.values():
        config = vars(ActionFormerConfig(**recipe.config))
        if all(config[name] == value for name, value in seen.items()):
            return recipe
    raise ModelError(
        f"does not say its configuration, and no published ActionFormer has {seen['classes']} classes of features "
        f"{seen['video_dim']} wide and {seen['layers'][2]} levels of width {seen['hidden']}; put its YAML "
        "file beside it"
    )
