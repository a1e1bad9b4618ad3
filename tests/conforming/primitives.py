"""Vectors of single functions: spans, positions, matching, suppression, losses, labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from conforming.detr import pairs_of
from conforming.file import CaseReport, Gap, Vectors, difference
from conforming.windows import rounded, same_windows
from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample
from whenabouts.encoders.clips import unit_rows
from whenabouts.grounders.learned.detr.batch import collate, detr_targets
from whenabouts.grounders.learned.detr.criterion import (
    Criterion,
    DETROutput,
    DETRTargets,
    detr_losses,
    hinge_saliency,
    matched_losses,
)
from whenabouts.grounders.learned.detr.dab import anchor_sine, inverse_sigmoid
from whenabouts.grounders.learned.detr.layers import sine_position
from whenabouts.grounders.learned.detr.matcher import Costs, match
from whenabouts.grounders.learned.detr.saliency import negative_pair, rank_contrast
from whenabouts.grounders.learned.detr.spans import centre_width, generalised_iou, start_end
from whenabouts.metrics.ranking import suppressed
from whenabouts.moment import clips_to_windows, iop, nms, tiou, union

__all__ = ["compare_primitives"]


def compare_primitives(vectors: Vectors) -> CaseReport:
    """What of the file has a function of its own here, each under the name of its array."""
    return {"outputs": {name: gap for part in PARTS for name, gap in part(vectors) if gap is not None}}


def _spans(v: Vectors) -> Iterator[tuple[str, Gap | None]]:
    if "span_iou/a" in v.arrays:
        a, b = v.array("span_iou/a"), v.array("span_iou/b")
        yield "span_iou/iou", _gap(v, "span_iou/iou", tiou(a, b))
        yield "span_iou/union", _gap(v, "span_iou/union", union(a, b))
        yield (
            "span_iou/giou",
            _gap(v, "span_iou/giou", generalised_iou(torch.from_numpy(a)[:, None], torch.from_numpy(b))),
        )
        yield "span_iou/inter_over_pred", _gap(v, "span_iou/inter_over_pred", iop(b, a).T)
    if "span_conv/xx" in v.arrays:
        ends = torch.from_numpy(v.array("span_conv/xx"))
        yield "span_conv/cxw", _gap(v, "span_conv/cxw", centre_width(ends))
        yield "span_conv/back", _gap(v, "span_conv/back", start_end(centre_width(ends)))
    if "tan_iou/pred" in v.arrays:
        yield "tan_iou/iou", _gap(v, "tan_iou/iou", tiou(v.array("tan_iou/pred"), v.array("tan_iou/gt"))[:, 0])


def _positions(v: Vectors) -> Iterator[tuple[str, Gap | None]]:
    for key in [k for k in v.arrays if k.startswith("sine_d") and k.endswith("/normalized")]:
        mask, width = torch.from_numpy(v.array(key.replace("normalized", "mask"))), v.arrays[key].shape[-1]
        yield key, _gap(v, key, sine_position(mask, width))
    for key in [k for k in v.arrays if k.startswith("query_sine/") and k != "query_sine/ref"]:
        anchors = torch.from_numpy(v.array("query_sine/ref"))
        yield key, _gap(v, key, anchor_sine(anchors, v.arrays[key].shape[-1]))
    if "inverse_sigmoid/x" in v.arrays:
        yield (
            "inverse_sigmoid/y",
            _gap(v, "inverse_sigmoid/y", inverse_sigmoid(torch.from_numpy(v.array("inverse_sigmoid/x")))),
        )


def _suppression(v: Vectors) -> Iterator[tuple[str, Gap | None]]:
    if "nms_json" in v.arrays:
        for number, case in enumerate(v.json("nms_json")):
            rows = np.array(case["dets"]).reshape(-1, 3)
            kept = rows[nms(rows[:, :2], rows[:, 2], case["thd"])][: case["max_after"]]
            yield f"nms_json/{number}", _equal(same_windows([kept.tolist()], [case["keep"]]))
    if "tan_nms_json" in v.arrays:
        for number, case in enumerate(v.json("tan_nms_json")):
            top = case["top_k"] if case["top_k"] > 0 else len(case["dets"])
            kept = suppressed(case["dets"], case["thresh"], top).tolist()
            yield f"tan_nms_json/{number}", _equal(same_windows([kept], [case["keep"]]))


def _matching(v: Vectors) -> Iterator[tuple[str, Gap | None]]:
    for folder in sorted({k.split("/")[0] for k in v.arrays if k.startswith("hungarian_")}):
        if f"{folder}/spans" not in v.arrays:
            continue  # classes of starts and ends, which no published model predicts
        logits, spans = (torch.from_numpy(v.array(f"{folder}/{name}")) for name in ("logits", "spans"))
        targets = tuple(v.under(f"{folder}/targets/").values())
        label, span, giou = v.array(f"{folder}/costs").tolist()
        pairs = pairs_of(match(logits[None], spans[None], targets, Costs(span, giou, label)), targets)
        yield (
            f"{folder}/match",
            _equal(
                all(
                    np.array_equal(side, v.array(f"{folder}/match/{item}/{s}"))
                    for item, pair in enumerate(pairs)
                    for s, side in enumerate(pair)
                )
            ),
        )
        if folder == "hungarian_default" and "span_losses/loss_span" in v.arrays:
            losses = matched_losses(DETROutput(logits, spans, torch.zeros(len(logits), 1)), targets)
            yield from ((f"span_losses/{k}", gap) for k, gap in v.gaps("span_losses/", losses).items())


def _saliency(v: Vectors) -> Iterator[tuple[str, Gap | None]]:
    if "saliency_hinge/scores" in v.arrays:
        scores, pos, neg = (torch.from_numpy(v.array(f"saliency_hinge/{k}")) for k in ("scores", "pos", "neg"))
        loss = hinge_saliency(scores, pos, neg, float(v.array("saliency_hinge/margin")))
        yield "saliency_hinge/loss", _gap(v, "saliency_hinge/loss", loss)
    if "qd_saliency/scores" in v.arrays:
        names = ("scores", "scores_neg", "video_mask", "labels", "pos", "neg")
        scores, other, mask, labels, pos, neg = (torch.from_numpy(v.array(f"qd_saliency/{k}")) for k in names)
        margin, items = float(v.array("qd_saliency/margin")), len(scores)
        logits = torch.zeros(items, 1, 2)
        output = DETROutput(logits, logits, scores, saliency_scores_neg=other, mask=mask)
        both = torch.cat([labels, torch.zeros_like(labels)], 1)
        found = {
            "total": detr_losses(output, DETRTargets((), pos, neg, labels), criterion=Criterion(margin=margin))[
                "loss_saliency"
            ],
            "rank_contrastive": rank_contrast(torch.cat([scores, other], 1), both, mask.repeat(1, 2)),
            "neg_pair": negative_pair(other, mask),
            "hinge": hinge_saliency(scores, pos, neg, margin),
        }
        yield from ((f"qd_saliency/{k}", gap) for k, gap in v.gaps("qd_saliency/", found).items())


def _labels(v: Vectors) -> Iterator[tuple[str, Gap | None]]:
    if "span_labels/l1" in v.arrays:
        windows, clips = v.array("span_labels/windows"), int(v.array("span_labels/ctx_l"))
        made = detr_targets([_example(windows, clips)], np.random.default_rng(0))
        yield "span_labels/l1", _gap(v, "span_labels/l1", made.spans[0])
    for key in [k for k in v.arrays if k.startswith("tef/")]:
        example = _example(np.zeros((0, 2)), len(v.array(key)))
        yield key, _gap(v, key, collate([example], 32).video[0, :, -2:])
    if "l2norm/x" in v.arrays:
        yield "l2norm/y", _gap(v, "l2norm/y", unit_rows(v.array("l2norm/x")))
    if "postproc_json" in v.arrays:
        grid = v.json("postproc_json")
        for name, longest in (("qvhighlights", 150.0), ("round_only", None)):
            made = rounded(grid["inputs"], (2.0, longest))
            yield f"postproc_json/{name}", _equal(same_windows(made, grid[name]))
    if "windows_json" in v.arrays:
        for number, case in enumerate(v.json("windows_json")):
            windows = clips_to_windows(case["ids"], 2.0).tolist()
            yield f"windows_json/{number}", _equal(windows == case["seconds"])


def _example(windows: np.ndarray, clips: int) -> FeatureExample:
    """A video of two-second clips without features."""
    rows = np.zeros((clips, 1), np.float32), np.zeros((1, 1), np.float32)
    return FeatureExample(Example(0, "video", "query", windows, 2.0 * clips), *rows)


def _gap(vectors: Vectors, key: str, got: object) -> Gap | None:
    if key not in vectors.arrays:
        return None
    return difference(torch.as_tensor(got), torch.as_tensor(vectors.array(key)))


def _equal(same: bool) -> Gap:
    return Gap(0.0 if same else np.inf)


PARTS = (_spans, _positions, _suppression, _matching, _saliency, _labels)
