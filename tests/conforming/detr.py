"""Vectors of models with queries: Moment-DETR, QD-DETR, CG-DETR."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from conforming.file import CaseReport, Gap, Tensors, Vectors
from conforming.windows import best_first, grids, rounded, same_windows, standing_apart
from whenabouts.grounders.learned.detr.cg_criterion import CGDETROutput, Neighbours, cg_detr_losses
from whenabouts.grounders.learned.detr.cg_detr import source_video
from whenabouts.grounders.learned.detr.criterion import Criterion, DETROutput, DETRTargets, detr_losses
from whenabouts.grounders.learned.detr.decode import decode, saliency_curve
from whenabouts.grounders.learned.detr.eatr import EaTROutput
from whenabouts.grounders.learned.detr.eatr_criterion import event_losses, pseudo_events
from whenabouts.grounders.learned.detr.matcher import Match, match
from whenabouts.grounders.learned.detr.uvcom_criterion import UVCOMOutput

__all__ = ["INPUTS", "compare_cg_detr", "compare_detr", "pairs_of"]

INPUTS = ("src_vid", "src_vid_mask", "src_txt", "src_txt_mask")


def compare_detr(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> CaseReport:
    takes = inspect.signature(model.forward).parameters
    options = {"negatives": True} if "negatives" in takes else {}  # official code runs that pass in evaluation too
    batch, criterion = _batch(inputs), Criterion.of(vectors.config["args"])
    output = model(*batch, **options)
    named, more = _named(output), {}
    if isinstance(output, EaTROutput) and output.events is not None:
        events = pseudo_events(*batch[:2], strict_official=model.strict_official is True)
        named |= {f"pseudo_event_spans/{i}": of_item for i, of_item in enumerate(events)}
        more = event_losses(output.events, events, criterion.costs)
    report = {"outputs": vectors.gaps(f"{case}/out/", named)}
    if f"{case}/durations" not in vectors.arrays:
        return report
    targets = _targets(vectors, case, len(output.logits))
    losses = detr_losses(output, targets, criterion=criterion) | more
    return report | {
        "losses": vectors.gaps(f"{case}/loss/", losses) | _total(vectors, case, losses),
        "matches": _matches(vectors, case, output, targets),
        **_predictions(vectors, case, output, inputs, clamp=False),
    }


def compare_cg_detr(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> CaseReport:
    args = vectors.config["args"]
    names = vectors.json(f"{case}/vid_json")
    sources = [source_video(vid) for vid in names] if args["dset_name"].startswith(("hl", "qvhighlight")) else names
    batch = _batch(inputs)
    neighbours = Neighbours.of(sources)
    answer = model(*batch, neighbours=neighbours, negatives=True)
    if f"{case}/durations" not in vectors.arrays:
        return {"outputs": vectors.gaps(f"{case}/out/", _named_cg(answer, inputs, None))}
    targets = _targets(vectors, case, len(inputs["src_vid"]))
    aligned = model(*batch, neighbours=neighbours, negatives=True, relevant=targets.ratings)
    criterion, other = Criterion.of(args), 0.0 if args["dset_name"].startswith("youtube") else 1.0
    outputs, losses = {}, {}
    for output, folder, of_losses in ((answer, "out", "loss_infer_outputs"), (aligned, "out_train", "loss")):
        named = _named_cg(output, inputs, targets if output is aligned else None)
        outputs |= {f"{folder}/{k}": gap for k, gap in vectors.gaps(f"{case}/{folder}/", named).items()}
        got = cg_detr_losses(output, targets, criterion=criterion, attention=args["lw_wattn"], other=other)
        losses |= {f"{of_losses}/{k}": gap for k, gap in vectors.gaps(f"{case}/{of_losses}/", got).items()}
    return {
        "outputs": outputs,
        "losses": losses | _total(vectors, case, got),
        "matches": _matches(vectors, case, answer, targets),
        **_predictions(vectors, case, answer, inputs, clamp=True),
    }


def _total(vectors: Vectors, case: str, losses: Tensors) -> dict[str, Gap]:
    """The sum of what has a weight, as officially; highlights alone leave all but the saliency out."""
    weights = vectors.config["weight_dict"]
    counted = [name for name in losses if name in weights and f"{case}/loss/{name}" in vectors.arrays]
    total = torch.stack([weights[name] * losses[name] for name in counted]).sum()
    return vectors.gaps(f"{case}/", {"loss_total_weighted": total})


def _batch(inputs: Tensors) -> list[Tensor]:
    """Inputs in the order that models take them, sound behind pictures and their ends."""
    video, *rest = (inputs[name] for name in INPUTS)
    return [torch.cat([video, inputs["src_aud"]], -1) if "src_aud" in inputs else video, *rest]


def _named(output: DETROutput) -> dict[str, Tensor | None]:
    names: dict[str, Any] = {
        "pred_logits": output.logits,
        "pred_spans": output.spans,
        "saliency_scores": output.saliency,
        "video_mask": output.mask,
    }
    for number, (logits, spans) in enumerate(output.layers):
        names |= {f"aux_outputs/{number}/pred_logits": logits, f"aux_outputs/{number}/pred_spans": spans}
    if (rows := output.projected) is not None:
        names |= {"proj_queries": rows.queries[-1], "proj_txt_mem": rows.words, "proj_vid_mem": rows.clips}
        for number, queries in enumerate(rows.queries[:-1]):
            names |= {f"aux_outputs/{number}/proj_queries": queries, f"aux_outputs/{number}/proj_txt_mem": rows.words}
    if isinstance(output, EaTROutput):
        names["pred_event_spans"] = output.events
    if isinstance(output, UVCOMOutput):
        names |= {"sim/VLA_Sim": output.agreement, "sim/CTA_Sim/0": output.clip_agreement}
        names |= {"sim/CTA_Sim/1": output.mask.bool()}
    return names | {"saliency_scores_neg": output.saliency_scores_neg}


def _named_cg(output: CGDETROutput, inputs: Tensors, targets: DETRTargets | None) -> dict[str, Tensor | None]:
    side, inside, rows = output.alignment, None, None
    if output.neighbours is not None:
        rows = torch.zeros(len(output.logits), dtype=torch.bool).index_fill(0, output.neighbours.unlike, True)
    if targets is not None and targets.ratings is not None:
        inside = (targets.ratings > 0) * inputs["src_vid_mask"]
    return _named(output) | {
        "real_neg_mask": rows,
        "src_txt_mask_neg": output.key_mask.roll(-1, 0)[rows] if rows is not None and rows.any() else None,
        "txt_mask": output.key_mask,
        "moment_mask": inside,
        "t2vattnvalues": output.attention,
        "t2vattnvalues_neg": output.attention_neg,
        "cate_attn_weights": output.weights,
        "dummy_tokens": output.dummies,
        "global_rep_tokens": output.prompts,
        "memory_moment": side and side.moment,
        "nmmemory_moment": side and side.background,
        "sentence_txt": side and side.sentence,
        "sentence_dummy": side and side.dummy,
        "moment2txt_similarity": side and side.moment_words,
        "nmoment2txt_similarity": side and side.background_words,
        "src_vid": side and side.frames,
    }


def _targets(vectors: Vectors, case: str, items: int) -> DETRTargets:
    true = vectors.under(f"{case}/tgt/")
    spans = tuple(true[f"span_labels/{i}/spans"] for i in range(items))
    pairs = (true.get(f"saliency_{side}_labels") for side in ("pos", "neg"))
    return DETRTargets(spans, *pairs, true.get("saliency_all_labels"))


def _matches(vectors: Vectors, case: str, output: DETROutput, targets: DETRTargets) -> bool:
    layers = {"match": (output.logits, output.spans)}
    layers |= {f"match_aux/{i}": layer for i, layer in enumerate(output.layers)}
    costs = Criterion.of(vectors.config["args"]).costs
    return all(
        np.array_equal(side, vectors.array(f"{case}/{name}/{item}/{s}"))
        for name, layer in layers.items()
        if any(key.startswith(f"{case}/{name}/") for key in vectors.arrays)
        for item, pair in enumerate(
            pairs_of(match(*(side[None] for side in layer), targets.spans, costs), targets.spans)
        )
        for s, side in enumerate(pair)
    )


def pairs_of(match: Match, targets: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """The matched queries of every item, in order, and their targets, as official code has them."""
    first = np.cumsum([0, *map(len, targets)])
    return [
        (match.query[0, match.item == item], match.target[0, match.item == item] - first[item])
        for item in range(len(targets))
    ]


def _predictions(vectors: Vectors, case: str, output: DETROutput, inputs: Tensors, *, clamp: bool) -> CaseReport:
    """Whether final windows and saliency are equal, and the grid on which windows are."""
    args = vectors.config["args"]
    if f"{case}/pred/pred_json" not in vectors.arrays:
        return {}
    expected = vectors.json(f"{case}/pred/pred_json")
    theirs = best_first([row["pred_relevant_windows"] for row in expected])
    exact = decode(output, vectors.array(f"{case}/durations").tolist(), clamp=clamp)
    possible = [(grid, rounded(exact, grid)) for grid in grids(vectors.name, args)]
    grid, windows = next((each for each in possible if same_windows(each[1], theirs)), possible[0])
    curves = np.concatenate(saliency_curve(output.saliency, inputs["src_vid_mask"]))
    expected_curves = np.concatenate([row["pred_saliency_scores"] for row in expected])
    equal = (
        same_windows(windows, theirs)
        and np.allclose(curves, expected_curves, atol=2e-3, rtol=2e-3)  # neighbours in float16
        and same_windows(standing_apart(windows, 0.7), vectors.json(f"{case}/pred/nms07_json"))
    )
    longest = "any length" if grid[1] is None else f"0 to {grid[1]:g} s"
    return {"predictions": equal, "grid": f"{grid[0]:g} s, {longest}"}
