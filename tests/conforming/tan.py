"""Vectors of proposal models: 2D-TAN and MS-2D-TAN, whose files hold one case and a configuration file's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize

from conforming.file import CaseReport, Gap, Tensors, Vectors, difference
from conforming.windows import same_up_to_ties
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.proposal.head import map_overlaps
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTANConfig, iou_losses, pick
from whenabouts.grounders.learned.proposal.ms_two_d_tan import rank as rank_scales
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTANConfig, iou_loss, rank, resample
from whenabouts.metrics.ranking import suppressed
from whenabouts.moment import tiou

__all__ = ["compare_ms_two_d_tan", "compare_two_d_tan", "ms_two_d_tan", "two_d_tan"]

CELLS = {"SparsePropMaxPool": "pool", "SparsePropConv": "conv", "PropMaxPool": "pool"}
STRETCHES = {"MultiScalePropConvTanhBN": "conv", "MultiScalePropConv": "plain", "MultiScalePropMaxPool": "pool"}
MAPS = {"MapGatedConv": "gated", "Conv": "plain", "MapConv": "masked", "MapConvAvg": "mean", "Identity": "gated"}


def two_d_tan(kind: type[Head], args: dict[str, Any], state: Tensors, strict_official: bool) -> Head:
    """Official files of this model do not tell its grid, its configuration file does."""
    modules = {name: part for name, part in args["TAN"].items() if isinstance(part, dict)}
    frames, proposals, fusion, convs = (
        modules[f"{name}_MODULE"]["PARAMS"] for name in ("FRAME", "PROP", "FUSION", "MAP")
    )
    _only(modules["FRAME_MODULE"]["NAME"] == "FrameAvgPool" and frames["KERNEL_SIZE"] == frames["STRIDE"], "pools")
    _only(set(convs["HIDDEN_SIZES"]) == {frames["HIDDEN_SIZE"]}, "widths of convolutions")
    _only(set(convs["STRIDES"]) == {1} == set(convs["DILATIONS"]), "strides and dilations")
    config = TwoDTANConfig(
        video_dim=frames["INPUT_SIZE"],
        text_dim=fusion["TXT_INPUT_SIZE"],
        hidden=frames["HIDDEN_SIZE"],
        text_hidden=fusion["TXT_HIDDEN_SIZE"],
        text_layers=fusion["LSTM"]["NUM_LAYERS"],
        bidirectional=fusion["LSTM"]["BIDIRECTIONAL"],
        stride=frames["STRIDE"],
        scales=tuple(proposals.get("NUM_SCALE_LAYERS") or [proposals["NUM_LAYERS"]]),
        proposals=CELLS[modules["PROP_MODULE"]["NAME"]],
        kernels=tuple(convs["KERNEL_SIZES"]),
        paddings=tuple(convs["PADDINGS"]),
    )
    return kind(config, strict_official=strict_official)


def ms_two_d_tan(kind: type[Head], args: dict[str, Any], state: Tensors, strict_official: bool) -> Head:
    """Official files of this model do not tell its stride, its configuration file does."""
    modules = {name: part for name, part in args["MODEL"].items() if name.endswith("_MODULE")}
    clip, fusion, convs, proposals = (modules[f"{name}_MODULE"]["PARAMS"] for name in ("CLIP", "FUSION", "MAP", "PROP"))
    kernels, maps = convs.get("KERNEL_SIZES", []), modules["MAP_MODULE"]["NAME"]
    _only(clip["KERNEL_SIZE"] == clip["STRIDE"], "pools")
    _only(fusion["TXT_ENCODER"]["NAME"] == "LSTM", "encoders of words")
    _only(not any("GROUPS" in part for part in (clip, convs, proposals)), "groups of channels")
    if maps != "Identity":
        _only(list(convs["PADDINGS"]) == [k // 2 for k in kernels], "paddings")
        _only(set(convs["STRIDES"]) == {1} == set(convs["DILATIONS"]), "strides and dilations")
        _only(set(convs["HIDDEN_SIZES"]) == {clip["HIDDEN_SIZE"]}, "widths of convolutions")
    config = MSTwoDTANConfig(
        video_dim=clip["INPUT_SIZE"],
        text_dim=fusion["TXT_INPUT_SIZE"],
        hidden=clip["HIDDEN_SIZE"],
        text_hidden=fusion["TXT_HIDDEN_SIZE"],
        text_layers=fusion["TXT_ENCODER"]["NUM_LAYERS"],
        bidirectional=fusion["TXT_ENCODER"]["BIDIRECTIONAL"],
        stride=clip["STRIDE"],
        layers=tuple(proposals["NUM_LAYERS"]),
        proposals=STRETCHES[modules["PROP_MODULE"]["NAME"]],
        kernels=tuple(kernels) if maps != "Identity" else (),
        maps=MAPS[maps],
    )
    return kind(config, strict_official=strict_official)


def _only(holds: bool, what: str) -> None:
    """Refuse a configuration that has what no published one has and what cannot be made here."""
    if not holds:
        raise ModelError(f"has {what} that are in no published configuration, and that this code has not")


def compare_two_d_tan(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> CaseReport:
    config = vectors.config["cfg"]
    text_mask = inputs["textual_mask"][..., 0]
    output = model(inputs["visual_input"], inputs["textual_input"], text_mask)
    cells = output.logits.shape[-1]
    clips = model.frame_layer(inputs["visual_input"])
    stretches, exists = model.prop_layer(clips)
    middle = {
        "clip_feat": clips,
        "prop_map": stretches,
        "fused": model.fusion_layer(inputs["textual_input"], text_mask, stretches, exists),
    }
    answers = {"prediction": output.logits, "map_mask": output.mask, "joint_prob": output.probability}
    answers = {k: v[:, None] for k, v in answers.items()}
    if "tgt/times" not in vectors.arrays:
        return {"outputs": vectors.gaps("out/", answers)}
    times, durations = (vectors.array(f"tgt/{name}") for name in ("times", "durations"))
    grid = np.stack(np.meshgrid(np.arange(cells), np.arange(1, cells + 1), indexing="ij"), -1).reshape(-1, 2)
    maps = [tiou(grid * (d / cells), t).reshape(cells, cells) for t, d in zip(times, durations, strict=True)]
    overlaps = torch.from_numpy(np.stack(maps)).float()
    given = vectors.under("tgt/").get("map_gt")
    loss = iou_loss(
        output,
        overlaps if given is None else given.float().reshape(overlaps.shape),
        **_scaling(config),
    )
    ranked = rank(output, durations.tolist())
    best = [suppressed(r, config["NMS_THRESH"], 5).tolist() for r in ranked]
    kept = vectors.json("pred/nms_top5_json")
    same = same_up_to_ties(best, kept, ranked, config["NMS_THRESH"])
    rows = {f"raw_features/{i}": i for i in range(len(times)) if f"raw_features/{i}" in vectors.arrays}
    resampled = {
        f"features of {key}": difference(
            resample(torch.from_numpy(vectors.array(key)), config["NUM_SAMPLE_CLIPS"]), inputs["visual_input"][i]
        )
        for key, i in rows.items()
    }
    given_maps = (
        {}
        if given is None
        else {"map_gt": difference(overlaps * _upper(cells), _upper(cells) * given.float().reshape(overlaps.shape))}
    )
    return {
        "outputs": vectors.gaps("mid/", middle)
        | vectors.gaps("out/", answers)
        | resampled
        | given_maps
        | _ranks(vectors, ranked, kept if same else best, times, config),  # of equal scores either may stand first
        "losses": vectors.gaps("loss/", {"bce_rescale": loss}),
        "predictions": same,
    }


def _scaling(config: dict[str, Any]) -> dict[str, float]:
    loss = config["LOSS"]
    return {"low": loss["MIN_IOU"], "high": loss["MAX_IOU"], "bias": loss.get("BIAS", 0.0)}


def _upper(cells: int) -> Tensor:
    return torch.ones(cells, cells).triu()


def _ranks(
    vectors: Vectors, ranked: list[Any], best: list[Any], times: np.ndarray, config: dict[str, Any]
) -> dict[str, Gap]:
    """What the official evaluation says of the best windows, and the first of all cells."""
    overlaps = [tiou(np.array(windows), truth)[:, 0] for windows, truth in zip(best, times, strict=True)]
    levels, tops = config.get("TIOU", []), config.get("RECALL", (1, 5))
    if isinstance(levels, str):
        levels = [float(level) for level in levels.split(",")]
    table = np.array([[np.mean([(o > level)[:top].any() for o in overlaps]) for top in tops] for level in levels])
    found = {
        "rank_table": table,
        "ranks": table,
        "miou": np.mean([o[0] for o in overlaps]),
        "n_props": np.array([len(windows) for windows in ranked]),
    }
    gaps = vectors.gaps("pred/", {k: torch.as_tensor(v) for k, v in found.items()})
    if "pred/top20" in vectors.arrays:
        first = vectors.array("pred/top20").tolist()
        whole = same_up_to_ties([[w[:2] for w in r[:20]] for r in ranked], first, ranked, 1.0)
        gaps["top20"] = Gap(0.0 if whole else np.inf)
    return gaps


def compare_ms_two_d_tan(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> CaseReport:
    config, data = vectors.config["cfg"], vectors.config["cfg"]["DATASET"]
    output = model(
        inputs["visual_input"].transpose(1, 2),
        inputs["visual_mask"][:, 0],
        inputs["textual_input"],
        inputs["textual_mask"][..., 0],
    )
    joint, exists = output.joint()
    computed = {"joint_map": joint, "joint_mask": exists}
    for name, maps in (("predictions", output.probabilities), ("map_masks", output.masks)):
        computed |= {f"{name}/{scale}": cells for scale, cells in enumerate(maps)}
    computed = {k: v[:, None] for k, v in computed.items()}
    if "tgt/times" not in vectors.arrays:
        return {"outputs": vectors.gaps("out/", computed)}
    times, durations = (vectors.array(f"tgt/{name}") for name in ("times", "durations"))
    own = _stretch_overlaps(vectors, times, durations)
    given = list(vectors.under("tgt/map_gt/").values())
    overlaps = [o.float().flatten(0, -3) for o in given or own]
    losses = iou_losses(output, overlaps, **_scaling(config))
    named = {f"scales/{i}": loss for i, loss in enumerate(losses)} | {"total": losses.sum()}
    seconds = durations.tolist()
    if data["SLIDING_WINDOW"]:
        ratio = data["INPUT_NUM_CLIPS"] / data["OUTPUT_NUM_CLIPS"][0]
        seconds = [data["TIME_UNIT"] * ratio * joint.shape[1]] * len(joint)
    test = config["TEST"]
    ranked = rank_scales(output, seconds, strict_official=True)
    best = [suppressed(r, test["NMS_THRESH"], max(test["RECALL"])).tolist() for r in ranked]
    kept = vectors.json("pred/nms_top5_json")
    same = same_up_to_ties(best, kept, ranked, test["NMS_THRESH"])
    maps = {  # officially cells that do not exist have some overlap too
        f"map_gt/{i}": difference(mine.float() * cells, theirs * cells)
        for i, (mine, theirs, cells) in enumerate(zip(own, overlaps, output.masks, strict=True))
    }
    return {
        "outputs": vectors.gaps("out/", computed)
        | vectors.gaps("", {"upsampled_map": _upsampled(output.probabilities)})
        | _rows(vectors, inputs)
        | (maps if given else {})
        | _ranks(vectors, ranked, kept if same else best, times, test),
        "losses": vectors.gaps("loss/", named),
        "predictions": same,
    }


def _upsampled(scales: Sequence[Tensor]) -> Tensor:
    """The greatest of all scales, each made as large as the first: an official function that nothing there calls."""
    clips = scales[0].shape[1]
    whole = scales[0].new_zeros(len(scales[0]), 1, clips, clips)
    for number, cells in enumerate(scales):
        large = interpolate(cells[:, None], scale_factor=2**number, mode="bilinear", align_corners=True)
        part = whole[..., : large.shape[2], : large.shape[3]]
        part.copy_(torch.maximum(part, large))
    return whole


def _rows(vectors: Vectors, inputs: Tensors) -> dict[str, Gap]:
    """Rows of the model's input, made from those of the video."""
    data, gaps = vectors.config["cfg"]["DATASET"], {}
    for number, rows in enumerate(inputs["visual_input"].transpose(1, 2)):
        if (key := f"raw_features/{number}") in vectors.arrays:
            raw = torch.from_numpy(vectors.array(key))
            made = normalize(raw, dim=1) if data["SLIDING_WINDOW"] else pick(raw, data["INPUT_NUM_CLIPS"])
            gaps[f"features of {key}"] = difference(made, rows[: len(made)])
    return gaps


def _stretch_overlaps(vectors: Vectors, times: np.ndarray, durations: np.ndarray) -> list[Tensor]:
    """IoU of every cell of every scale with the truth, cells beyond the last row of features being 0."""
    data, maps = vectors.config["cfg"]["DATASET"], []
    for clips, anchors in zip(data["OUTPUT_NUM_CLIPS"], data["NUM_ANCHORS"], strict=True):
        step, rows = data["INPUT_NUM_CLIPS"] // clips, vectors.config["raw_lengths"]
        items = []
        for truth, duration, length in zip(times, durations, rows, strict=True):
            count = max(length // step, 1) if data["SLIDING_WINDOW"] else clips
            unit = data["TIME_UNIT"] * step if data["SLIDING_WINDOW"] else duration / clips
            items.append(np.pad(map_overlaps(truth[None], count, anchors, unit), [(0, clips - count), (0, 0)]))
        maps.append(torch.from_numpy(np.stack(items)))
    return maps
