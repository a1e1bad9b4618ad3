"""Vectors of UniVTG."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor, nn

from conforming.detr import INPUTS
from conforming.file import CaseReport, Tensors, Vectors
from conforming.windows import best_first, rounded, same_windows, standing_apart
from whenabouts.grounders.learned.detr.criterion import weighted_sum
from whenabouts.grounders.learned.detr.decode import saliency_curve
from whenabouts.grounders.learned.detr.univtg import UniVTGOutput, UniVTGTargets, decode_clips, univtg_losses

__all__ = ["compare_univtg"]


def compare_univtg(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> CaseReport:
    args, closed = vectors.config["args"], vectors.under(f"{case}/cls_in/")
    classes = (closed["src_cls"], closed["src_cls_mask"].float()) if closed else None
    output = model(*(inputs[name] for name in INPUTS), classes=classes)
    mask = inputs["src_vid_mask"]
    computed = {
        "pred_logits": output.inside[..., None],
        "pred_spans": output.spans,
        "saliency_scores": output.saliency,
        "vid_mem_proj": output.clips,
        "txt_mem_proj": output.words[:, None],
        "src_vid_mask": mask,
    }
    if f"{case}/meta_json" not in vectors.arrays:
        return {"outputs": vectors.gaps(f"{case}/out/", computed)}
    true = vectors.under(f"{case}/tgt/")
    names = ("timestamp", "timestamp_mask", "timestamp_window", "span_labels_nn", "saliency_scores")
    targets = UniVTGTargets(*(true[name].float() for name in names), true["saliency_pos_labels"][:, 0].long())
    outside = args.get("eos_coef", 0.1)
    losses = univtg_losses(replace(output, classes=None), targets, outside=outside)
    outputs, of_classes = vectors.gaps(f"{case}/out/", computed), {}
    if closed and output.classes is not None:
        outputs |= vectors.gaps(f"{case}/cls_out/", {**computed, "cls_mem_proj": output.classes})
        named = univtg_losses(output, replace(targets, classes=closed["cls_idx"]), outside=outside)
        of_classes = {f"cls_loss/{k}": gap for k, gap in vectors.gaps(f"{case}/cls_loss/", named).items()}
    durations = [row["duration"] for row in vectors.json(f"{case}/meta_json")]
    windows = decode_clips(output, mask, durations, clip_seconds=args["clip_length"])
    if args.get("round_multiple", -1) > 0:
        windows = rounded(windows, (args["clip_length"], None))
    expected = vectors.json(f"{case}/pred/pred_json")
    theirs = best_first([row["pred_relevant_windows"] for row in expected])
    total = {"loss_total_weighted": weighted_sum(losses, vectors.config["weight_dict"])}
    return {
        "outputs": outputs,
        "losses": vectors.gaps(f"{case}/loss/", losses) | of_classes | vectors.gaps(f"{case}/", total),
        "predictions": same_windows(windows, theirs)
        and np.allclose(
            _curve(output, mask, args), np.concatenate([row["pred_saliency_scores"] for row in expected]), atol=2e-3
        )
        and same_windows(standing_apart(windows, 0.7), vectors.json(f"{case}/pred/nms07_json")),
    }


def _curve(output: UniVTGOutput, mask: Tensor, args: dict[str, Any]) -> np.ndarray:
    """Saliency of all valid clips, one item after the other."""
    curve = np.concatenate(saliency_curve(output.saliency, mask))
    return curve + output.inside[mask.bool()].numpy() if args.get("eval_mode") == "add" else curve
