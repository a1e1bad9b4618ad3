"""Compare a model with what the official code answered, from a file of vectors.

    python tests/conformance.py FILE.npz [--strict-official]

Prints JSON: per case the largest absolute difference of every output and loss, and whether matches and final
predictions are equal. Exits with 1 when anything differs by more than 1e-5 (of its root mean square, where that is
greater than 1). Where the official code lets items of a
batch leak into each other (QD-DETR on unequal lengths), a case needs --strict-official and is skipped without.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from drawn import drawn, normal
from torch import Tensor, nn
from torch.nn.functional import normalize

from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.detr.cg_criterion import CGDETROutput, cg_detr_losses
from whenabouts.grounders.learned.detr.cg_detr import CGDETRHead, source_video
from whenabouts.grounders.learned.detr.criterion import DETROutput, DETRTargets, detr_losses, weighted_sum
from whenabouts.grounders.learned.detr.decode import decode, on_the_grid, saliency_curve
from whenabouts.grounders.learned.detr.head import DETRHead
from whenabouts.grounders.learned.detr.matcher import match
from whenabouts.grounders.learned.detr.qd_detr import QDDETR
from whenabouts.grounders.learned.detr.univtg import UniVTGHead, UniVTGTargets, decode_clips, univtg_losses
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.proposal.head import map_overlaps
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTANConfig, MSTwoDTANHead, iou_losses, pick
from whenabouts.grounders.learned.proposal.ms_two_d_tan import rank as rank_scales
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTANConfig, TwoDTANHead, iou_loss, rank, resample
from whenabouts.metrics.ranking import suppressed
from whenabouts.moment import nms, tiou

TOLERANCE = 1e-5
INPUTS = ("src_vid", "src_vid_mask", "src_txt", "src_txt_mask")
Tensors = dict[str, Tensor]
Report = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Family:
    """How a head is made from official arguments and parameters, and how a case of its vectors is compared."""

    make: Callable[[type[Head], dict[str, Any], Tensors, bool], Head]
    compare: Callable[[Vectors, str, nn.Module, Tensors], dict[str, Any]]
    masks: tuple[str, ...]  # of inputs whose unequal lengths leak, where the head says that they do


def as_loaded(kind: type[Head], args: dict[str, Any], state: Tensors, strict_official: bool) -> Head:
    """As from an official checkpoint with these options."""
    return kind.from_official(state, args, strict_official=strict_official)


def two_d_tan(kind: type[Head], args: dict[str, Any], state: Tensors, strict_official: bool) -> Head:
    """Official files of this model do not tell its grid, its configuration file does."""
    parts = {name: part["PARAMS"] for name, part in args["TAN"].items() if isinstance(part, dict)}
    frames, proposals, fusion, convs = (parts[f"{name}_MODULE"] for name in ("FRAME", "PROP", "FUSION", "MAP"))
    config = TwoDTANConfig(
        video_dim=frames["INPUT_SIZE"],
        text_dim=fusion["TXT_INPUT_SIZE"],
        hidden=frames["HIDDEN_SIZE"],
        text_hidden=fusion["TXT_HIDDEN_SIZE"],
        text_layers=fusion["LSTM"]["NUM_LAYERS"],
        stride=frames["STRIDE"],
        scales=tuple(proposals["NUM_SCALE_LAYERS"]),
        proposals="pool" if args["TAN"]["PROP_MODULE"]["NAME"] == "SparsePropMaxPool" else "conv",
        kernels=tuple(convs["KERNEL_SIZES"]),
        paddings=tuple(convs["PADDINGS"]),
    )
    return kind(config)


def ms_two_d_tan(kind: type[Head], args: dict[str, Any], state: Tensors, strict_official: bool) -> Head:
    """Official files of this model do not tell its stride, its configuration file does."""
    modules = {name: part for name, part in args["MODEL"].items() if name.endswith("_MODULE")}
    clip, fusion, convs, proposals = (modules[f"{name}_MODULE"]["PARAMS"] for name in ("CLIP", "FUSION", "MAP", "PROP"))
    kinds = {"MultiScalePropConvTanhBN": "conv", "MultiScalePropConv": "plain", "MultiScalePropMaxPool": "pool"}
    config = MSTwoDTANConfig(
        video_dim=clip["INPUT_SIZE"],
        text_dim=fusion["TXT_INPUT_SIZE"],
        hidden=clip["HIDDEN_SIZE"],
        text_hidden=fusion["TXT_HIDDEN_SIZE"],
        text_layers=fusion["TXT_ENCODER"]["NUM_LAYERS"],
        stride=clip["STRIDE"],
        layers=tuple(proposals["NUM_LAYERS"]),
        proposals=kinds[modules["PROP_MODULE"]["NAME"]],
        kernels=tuple(convs["KERNEL_SIZES"]),
    )
    return kind(config, strict_official=strict_official)


class Vectors:
    """One file: official arguments, weights (stored or by recipe) and cases."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as stored:
            self.arrays = {key: stored[key] for key in stored.files}
        self.config = json.loads(str(self.arrays["config"]))
        self.name, self.seed = self.config["model"], self.config["seed"]
        folders = [k.split("/")[0] for k in self.arrays if "/" in k and not k.startswith("sd/")]
        self.cases = ["only"] if "out" in folders else list(dict.fromkeys(folders))
        self.label = path.stem.removesuffix("_full").removeprefix("ms2dtan_")
        self.keys = path.parents[1] / "keys" / f"{path.stem.removesuffix('_full')}_keys.txt"

    @property
    def kind(self) -> type[Head]:
        """The head whose official answers these are."""
        return HEADS[self.name.replace("_", "-")]

    def state(self) -> Tensors:
        """Parameters as stored, or of the published size: names and shapes without values."""
        if stored := self.under("sd/"):
            return stored
        rows = [line.split("\t")[:2] for line in self.keys.read_text().splitlines() if not line.startswith("#")]
        return {name: torch.empty(ast.literal_eval(shape), device="meta") for name, shape in rows}

    def under(self, prefix: str) -> Tensors:
        """Arrays below a prefix as tensors, by the rest of their key."""
        found = {k.removeprefix(prefix): v for k, v in self.arrays.items() if k.startswith(prefix)}
        return {k: torch.from_numpy(v) for k, v in found.items() if v.dtype.kind in "fib"}

    def weights(self, model: nn.Module) -> Tensors:
        """The stored state dict, or one of the published size drawn by the recipe."""
        stored = self.under("sd/")
        return stored or drawn(model.state_dict(), self.seed)

    def inputs(self, case: str) -> Tensors:
        """Stored inputs, or those of the published size: unit rows, endpoint columns, zero padding."""
        if stored := self.under("in/" if case == "only" else f"{case}/in/"):
            return stored
        if case == "only":
            return self._drawn_proposal_inputs()
        args, case = self.config["args"], case.split("_", maxsplit=1)[0]  # cases of one batch share inputs
        [(_, clips, words)] = [c for c in self.config["cases"] if c[0] == case]
        video = [self._rows(f"full/{case}/vid{i}", n, args["v_feat_dim"] - 2) for i, n in enumerate(clips)]
        video = [np.column_stack([v, np.arange(len(v)) / len(v), np.arange(1, len(v) + 1) / len(v)]) for v in video]
        text = [self._rows(f"full/{case}/txt{i}", n, args["t_feat_dim"]) for i, n in enumerate(words)]
        batch: Tensors = {}
        for name, rows in (("src_vid", video), ("src_txt", text)):
            tensors = [torch.from_numpy(r.astype(np.float32)) for r in rows]
            batch[name] = nn.utils.rnn.pad_sequence(tensors, batch_first=True)
            ones = [torch.ones(len(r)) for r in rows]
            batch[f"{name}_mask"] = nn.utils.rnn.pad_sequence(ones, batch_first=True)
        return batch

    def _drawn_proposal_inputs(self) -> Tensors:
        config, tag = self.config["cfg"], f"full/{self.label}"
        several = "MODEL" in config  # scales: MS-2D-TAN
        frames, fusion = (
            (config["MODEL"] if several else config["TAN"])[f"{name}_MODULE"]["PARAMS"]
            for name in ("CLIP" if several else "FRAME", "FUSION")
        )
        video = [
            torch.from_numpy(normal(f"{tag}/vid{i}", self.seed, (n, frames["INPUT_SIZE"])).astype(np.float32))
            for i, n in enumerate(self.config["raw_lengths"])
        ]
        text = [
            torch.from_numpy(
                (0.4 * normal(f"{tag}/txt{i}", self.seed, (n, fusion["TXT_INPUT_SIZE"]))).astype(np.float32)
            )
            for i, n in enumerate(self.config["txt_lengths"])
        ]
        pad = partial(nn.utils.rnn.pad_sequence, batch_first=True)
        batch = {"textual_input": pad(text), "textual_mask": pad([torch.ones(len(t), 1) for t in text])}
        if not several:
            return batch | {"visual_input": torch.stack([resample(v, config["NUM_SAMPLE_CLIPS"]) for v in video])}
        count = config["DATASET"]["INPUT_NUM_CLIPS"]
        slides = config["DATASET"]["SLIDING_WINDOW"]
        rows = [normalize(v, dim=1) if slides else pick(v, count) for v in video]
        rows.append(torch.zeros(count, 1).expand(-1, frames["INPUT_SIZE"]))  # pads to the length of the map
        ones = [torch.ones(len(r), 1) for r in rows]
        return batch | {
            "visual_input": pad(rows)[:-1].transpose(1, 2),
            "visual_mask": pad(ones)[:-1].transpose(1, 2),
        }

    def _rows(self, tag: str, count: int, size: int) -> np.ndarray:
        rows = normal(tag, self.seed, (count, size)).astype(np.float32)
        return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-5))


def compare(path: Path, *, strict_official: bool = False) -> Report:
    """The report on one file."""
    vectors = Vectors(path)
    kind = vectors.kind
    family = next(family for base, family in FAMILIES.items() if issubclass(kind, base))
    args = vectors.config.get("args") or vectors.config["cfg"]
    model = family.make(kind, args, vectors.state(), strict_official).model
    model.load_state_dict(vectors.weights(model))
    model.eval()
    report: Report = {}
    for case in vectors.cases:
        inputs = vectors.inputs(case)
        lengths = [inputs[name].sum(1) for name in family.masks] if kind.batch_leaks else []
        if not strict_official and any((n != n[0]).any() for n in lengths):
            report[case] = {"skipped": "unequal lengths leak in the official code: needs --strict-official"}
            continue
        with torch.no_grad():
            report[case] = family.compare(vectors, case, model, inputs)
    return report


def compare_detr(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> dict[str, Any]:
    options = {"negatives": True} if isinstance(model, QDDETR) else {}  # official code runs that pass in evaluation too
    output = model(*(inputs[name] for name in INPUTS), **options)
    computed = named(output)
    outputs = {k: difference(computed[k], v) for k, v in vectors.under(f"{case}/out/").items() if k in computed}
    targets = targets_of(vectors, case, len(output.logits))
    expected = vectors.under(f"{case}/loss/")
    losses = detr_losses(output, targets)
    total = weighted_sum(losses, vectors.config["weight_dict"])
    return {
        "outputs": outputs,
        "losses": {k: difference(losses[k], v) for k, v in expected.items()}
        | {"total": difference(total, vectors.under(f"{case}/")["loss_total_weighted"])},
        "matches": matches_equal(vectors, case, output, targets),
        "predictions": predictions_equal(vectors, case, output, inputs),
    }


def compare_cg_detr(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> dict[str, Any]:
    targets = targets_of(vectors, case, len(inputs["src_vid"]))
    names = json.loads(str(vectors.arrays[f"{case}/vid_json"]))
    sources = [source_video(vid) for vid in names] if vectors.config["args"]["dset_name"] == "hl" else names
    batch = [inputs[name] for name in INPUTS]
    answer = model(*batch, sources=sources, negatives=True)
    aligned = model(*batch, sources=sources, negatives=True, relevant=targets.ratings)
    outputs, losses = {}, {}
    for output, folder, of_losses in ((answer, "out", "loss_infer_outputs"), (aligned, "out_train", "loss")):
        computed, expected = named_cg(output), vectors.under(f"{case}/{folder}/")
        outputs |= {f"{folder}/{k}": difference(computed[k], v) for k, v in expected.items() if k in computed}
        got = cg_detr_losses(output, targets, attention=vectors.config["args"]["lw_wattn"])
        losses |= {f"{of_losses}/{k}": difference(got[k], v) for k, v in vectors.under(f"{case}/{of_losses}/").items()}
    total = weighted_sum(got, vectors.config["weight_dict"])
    return {
        "outputs": outputs,
        "losses": losses | {"total": difference(total, vectors.under(f"{case}/")["loss_total_weighted"])},
        "matches": matches_equal(vectors, case, answer, targets),
        "predictions": predictions_equal(vectors, case, answer, inputs, clamp=True),
    }


def compare_univtg(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> dict[str, Any]:
    closed = vectors.under(f"{case}/cls_in/")
    classes = (closed["src_cls"], closed["src_cls_mask"].float()) if closed else None
    output = model(*(inputs[name] for name in INPUTS), classes=classes)
    expected, true = vectors.under(f"{case}/out/"), vectors.under(f"{case}/tgt/")
    computed = {
        "pred_logits": output.inside[..., None],
        "pred_spans": output.spans,
        "saliency_scores": output.saliency,
        "vid_mem_proj": output.clips,
        "txt_mem_proj": output.words[:, None],
    }
    names = ("timestamp", "timestamp_mask", "timestamp_window", "span_labels_nn", "saliency_scores")
    targets = UniVTGTargets(*(true[name].float() for name in names), true["saliency_pos_labels"][:, 0].long())
    losses = univtg_losses(replace(output, classes=None), targets)
    total = weighted_sum(losses, vectors.config["weight_dict"])
    outputs = {k: difference(computed[k], expected[k]) for k in computed if k in expected}
    of_classes = {}
    if closed and output.classes is not None:
        outputs["cls_mem_proj"] = difference(output.classes, vectors.under(f"{case}/cls_out/")["cls_mem_proj"])
        named_classes = univtg_losses(output, replace(targets, classes=closed["cls_idx"]))
        for k, v in vectors.under(f"{case}/cls_loss/").items():
            of_classes[f"cls_loss/{k}"] = difference(named_classes[k], v)
    mask = inputs["src_vid_mask"]
    durations = [row["duration"] for row in json.loads(str(vectors.arrays[f"{case}/meta_json"]))]
    clip = vectors.config["args"]["clip_length"]
    windows = decode_clips(output, mask, durations, clip_seconds=clip)
    rows = json.loads(str(vectors.arrays[f"{case}/pred/pred_json"]))
    return {
        "outputs": outputs,
        "losses": {k: difference(losses[k], v) for k, v in vectors.under(f"{case}/loss/").items()}
        | of_classes
        | {"total": difference(total, vectors.under(f"{case}/")["loss_total_weighted"])},
        "matches": True,  # clips are not matched
        "predictions": same_windows(windows, [row["pred_relevant_windows"] for row in rows]),
    }


def compare_two_d_tan(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> dict[str, Any]:
    output = model(inputs["visual_input"], inputs["textual_input"], inputs["textual_mask"][..., 0])
    expected, config = vectors.under("out/"), vectors.config["cfg"]
    computed = {"prediction": output.logits, "map_mask": output.mask, "joint_prob": output.probability}
    times, durations = (vectors.arrays[f"tgt/{name}"] for name in ("times", "durations"))
    cells = output.logits.shape[-1]
    grid = np.stack(np.meshgrid(np.arange(cells), np.arange(1, cells + 1), indexing="ij"), -1).reshape(-1, 2)
    maps = [tiou(grid * (d / cells), t).reshape(cells, cells) for t, d in zip(times, durations, strict=True)]
    overlaps = torch.from_numpy(np.stack(maps)).float()
    loss = iou_loss(output, overlaps, low=config["LOSS"]["MIN_IOU"], high=config["LOSS"]["MAX_IOU"])
    ranked = rank(output, durations.tolist())
    best = [suppressed(r, config["NMS_THRESH"], 5).tolist() for r in ranked]
    return {
        "outputs": {k: difference(v, expected[k][:, 0]) for k, v in computed.items() if k in expected},
        "losses": {"bce_rescale": difference(loss, vectors.under("loss/")["bce_rescale"])},
        "matches": True,  # cells are not matched
        "predictions": same_up_to_ties(
            best, json.loads(str(vectors.arrays["pred/nms_top5_json"])), ranked, config["NMS_THRESH"]
        ),
    }


def compare_ms_two_d_tan(vectors: Vectors, case: str, model: nn.Module, inputs: Tensors) -> dict[str, Any]:
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
    times, durations = (vectors.arrays[f"tgt/{name}"] for name in ("times", "durations"))
    overlaps = list(vectors.under("tgt/map_gt/").values()) or stretch_overlaps(vectors, times, durations)
    losses = iou_losses(
        output,
        [o.float().flatten(0, -3) for o in overlaps],
        low=config["LOSS"]["MIN_IOU"],
        high=config["LOSS"]["MAX_IOU"],
    )
    expected = vectors.under("loss/")
    ratio = data["INPUT_NUM_CLIPS"] / data["OUTPUT_NUM_CLIPS"][0]
    seconds = durations.tolist()
    if data["SLIDING_WINDOW"]:
        seconds = [data["TIME_UNIT"] * ratio * joint.shape[1]] * len(joint)
    ranked = rank_scales(output, seconds, strict_official=True)
    best = [suppressed(r, config["TEST"]["NMS_THRESH"], max(config["TEST"]["RECALL"])).tolist() for r in ranked]
    return {
        "outputs": {k: difference(computed[k], v[:, 0]) for k, v in vectors.under("out/").items() if k in computed},
        "losses": {f"scales/{i}": difference(loss, expected[f"scales/{i}"]) for i, loss in enumerate(losses)}
        | {"total": difference(losses.sum(), expected["total"])},
        "matches": True,  # cells are not matched
        "predictions": same_up_to_ties(
            best, json.loads(str(vectors.arrays["pred/nms_top5_json"])), ranked, config["TEST"]["NMS_THRESH"]
        ),
    }


def stretch_overlaps(vectors: Vectors, times: np.ndarray, durations: np.ndarray) -> list[Tensor]:
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


def named(output: DETROutput) -> Tensors:
    names = {"pred_logits": output.logits, "pred_spans": output.spans, "saliency_scores": output.saliency}
    for number, (logits, spans) in enumerate(output.layers):
        names |= {f"aux_outputs/{number}/pred_logits": logits, f"aux_outputs/{number}/pred_spans": spans}
    return names | {k: v for k, v in vars(output).items() if k == "saliency_scores_neg" and v is not None}


def named_cg(output: CGDETROutput) -> Tensors:
    names = {
        "t2vattnvalues": output.attention,
        "t2vattnvalues_neg": output.attention_neg,
        "cate_attn_weights": output.weights,
        "dummy_tokens": output.dummies,
    }
    if side := output.alignment:
        names |= {
            "memory_moment": side.moment,
            "nmmemory_moment": side.background,
            "sentence_txt": side.sentence,
            "sentence_dummy": side.dummy,
            "moment2txt_similarity": side.moment_words,
            "nmoment2txt_similarity": side.background_words,
            "src_vid": side.frames,
        }
    return named(output) | {name: value for name, value in names.items() if value is not None}


def targets_of(vectors: Vectors, case: str, items: int) -> DETRTargets:
    true = vectors.under(f"{case}/tgt/")
    spans = tuple(true[f"span_labels/{i}/spans"] for i in range(items))
    ratings = true.get("saliency_all_labels")
    return DETRTargets(spans, true["saliency_pos_labels"], true["saliency_neg_labels"], ratings)


def matches_equal(vectors: Vectors, case: str, output: DETROutput, targets: DETRTargets) -> bool:
    layers = {"match": (output.logits, output.spans)}
    layers |= {f"match_aux/{i}": layer for i, layer in enumerate(output.layers)}
    return all(
        torch.equal(side, torch.from_numpy(vectors.arrays[f"{case}/{name}/{item}/{s}"]))
        for name, layer in layers.items()
        for item, pair in enumerate(match(*layer, targets.spans))
        for s, side in enumerate(pair)
    )


def predictions_equal(vectors: Vectors, case: str, output: DETROutput, inputs: Tensors, *, clamp: bool = False) -> bool:
    durations = vectors.arrays[f"{case}/durations"].tolist()
    expected = json.loads(str(vectors.arrays[f"{case}/pred/pred_json"]))
    kept = json.loads(str(vectors.arrays[f"{case}/pred/nms07_json"]))
    windows = [on_the_grid(w, vectors.config["args"]["clip_length"]) for w in decode(output, durations, clamp=clamp)]
    curves = np.concatenate(saliency_curve(output.saliency, inputs["src_vid_mask"]))
    expected_curves = np.concatenate([row["pred_saliency_scores"] for row in expected])
    apart = [[w[i] for i in nms(np.array(w)[:, :2], np.array(w)[:, 2], 0.7)] for w in windows]
    return (
        same_windows(windows, [row["pred_relevant_windows"] for row in expected])
        and np.allclose(curves, expected_curves, atol=2e-3, rtol=2e-3)  # neighbours in float16
        and same_windows(apart, kept)
    )


def same_windows(got: list[Any], expected: list[Any]) -> bool:
    """Equal but for the last of four decimals, which a difference of 1e-6 can turn."""
    pairs = list(zip(got, expected, strict=True))
    return all(len(a) == len(b) and np.allclose(a, b, atol=1.01e-4, rtol=0) for a, b in pairs)


def same_up_to_ties(got: list[Any], expected: list[Any], ranked: list[Any], threshold: float) -> bool:
    """Both are what NMS keeps of our scores; scores that differ by rounding alone may stand either way."""
    return all(
        len(mine) == len(theirs) and all(kept_by_nms(each, np.array(cells), threshold) for each in (mine, theirs))
        for mine, theirs, cells in zip(got, expected, ranked, strict=True)
    )


def kept_by_nms(answer: list[Any], cells: np.ndarray, threshold: float) -> bool:
    """Every window is the best of `cells` (start, end, score) that no window before it has put aside."""
    left = np.ones(len(cells), bool)
    for window in answer:
        gaps = np.abs(cells[:, :2] - window).max(1)
        place = gaps.argmin()
        if gaps[place] > 1.01e-4 or not left[place] or cells[place, 2] < cells[left, 2].max() - 1e-6:
            return False
        left &= tiou(cells[place, :2], cells[:, :2]).ravel() <= threshold
        left[place] = False
    return True


class Gap(float):
    """The largest absolute difference of two tensors, which knows how large it may be."""

    allowed: float


def difference(got: Tensor, expected: Tensor) -> Gap:
    """Allowed is the tolerance, times the root mean square of what is expected where that is greater than 1."""
    gap = Gap((got.double() - expected.double()).abs().max())
    gap.allowed = TOLERANCE * max(1.0, float(expected.double().square().mean().sqrt()))
    return gap


def agrees(report: Report) -> bool:
    return all(
        "skipped" in case
        or (
            all(gap <= gap.allowed for gap in [*case["outputs"].values(), *case["losses"].values()])
            and case["matches"]
            and case["predictions"]
        )
        for case in report.values()
    )


CLIPS = ("src_vid_mask", "src_txt_mask")
FAMILIES: dict[type[Head], Family] = {  # the first that a head belongs to
    CGDETRHead: Family(as_loaded, compare_cg_detr, CLIPS),
    DETRHead: Family(as_loaded, compare_detr, CLIPS),
    UniVTGHead: Family(as_loaded, compare_univtg, CLIPS),
    TwoDTANHead: Family(two_d_tan, compare_two_d_tan, ()),
    MSTwoDTANHead: Family(ms_two_d_tan, compare_ms_two_d_tan, ("textual_mask",)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--strict-official", action="store_true", help="reproduce the official mask order")
    options = parser.parse_args()
    report = compare(options.file, strict_official=options.strict_official)
    print(json.dumps(report, indent=2))
    sys.exit(0 if agrees(report) else 1)


if __name__ == "__main__":
    main()
