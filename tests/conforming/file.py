"""A file of vectors: official arguments, parameters, inputs, and what the official code answered."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from drawn import drawn, normal
from torch import Tensor, nn
from torch.nn.functional import normalize

from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.detr.alignment import ALIGNMENT
from whenabouts.grounders.learned.detr.official import without_alignment
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.proposal.ms_two_d_tan import pick
from whenabouts.grounders.learned.proposal.two_d_tan import resample

__all__ = ["CaseReport", "Gap", "Tensors", "Vectors", "difference"]

TOLERANCE = 1e-5
NONE = "@none"  # ends the name of what officially is None
Tensors = dict[str, Tensor]
CaseReport = dict[str, Any]


class Vectors:
    """One file; it knows which of its arrays were used as inputs and which were compared."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as stored:
            self.arrays = {key: stored[key] for key in stored.files}
        self.config = json.loads(str(self.arrays["config"]))
        self.name, self.seed = self.config.get("model", ""), self.config["seed"]
        self.used = {"config"}
        folders = [k.split("/")[0] for k in self.arrays if "/" in k and not k.startswith("sd/")]
        self.cases = ["only"] if "out" in folders else list(dict.fromkeys(folders))
        self.label = path.stem.removesuffix("_full").removeprefix("ms2dtan_")
        listed = [
            path.parents[1] / "keys" / f"{path.stem.removesuffix('_full')}_keys.txt",
            Path(os.environ.get("WHENABOUTS_DATA", "")) / "vectors" / "keys" / f"{self.name}_keys.txt",
        ]
        self.keys = next((file for file in listed if file.is_file()), listed[0])

    @property
    def kind(self) -> type[Head]:
        """The head whose official answers these are."""
        name = self.name.replace("_", "-")
        if name in HEADS:
            return HEADS[name]
        return next(kind for kind in HEADS.values() if kind.recognises(self.state()))

    @property
    def left(self) -> list[str]:
        """Arrays that were neither used nor compared."""
        return sorted(set(self.arrays) - self.used - {key for key in self.arrays if key.startswith("sd/")})

    def array(self, key: str) -> np.ndarray:
        """One array, as an input or to be compared."""
        self.used.add(key)
        return self.arrays[key]

    def json(self, key: str) -> Any:
        """One text as what it holds."""
        return json.loads(str(self.array(key)))

    def under(self, prefix: str) -> Tensors:
        """Arrays below a prefix as tensors, by the rest of their key, as inputs."""
        found = {k.removeprefix(prefix): k for k in self.arrays if k.startswith(prefix)}
        self.used |= set(found.values())
        return {
            k: torch.from_numpy(self.arrays[key]) for k, key in found.items() if self.arrays[key].dtype.kind in "fib"
        }

    def gaps(self, prefix: str, computed: Mapping[str, Tensor | None]) -> dict[str, Gap]:
        """The differences of what was computed from the arrays below a prefix; None is compared with None."""
        found = {}
        for name, got in computed.items():
            if f"{prefix}{name}{NONE}" in self.arrays:
                self.used.add(f"{prefix}{name}{NONE}")
                found[name] = Gap(0.0 if got is None else np.inf)
            elif f"{prefix}{name}" in self.arrays:
                expected = torch.from_numpy(self.array(f"{prefix}{name}"))
                found[name] = Gap(np.inf) if got is None else difference(got, expected)
        return found

    def state(self) -> Tensors:
        """Parameters as stored, or of the published size: names and shapes without values."""
        if stored := self.under("sd/"):
            return stored
        rows = [line.split("\t")[:2] for line in self.keys.read_text().splitlines() if not line.startswith("#")]
        return {name: torch.empty(ast.literal_eval(shape), device="meta") for name, shape in rows}

    def weights(self, model: nn.Module) -> Tensors:
        """The stored state dict, or one of the published size drawn by the recipe."""
        stored, own = self.under("sd/"), model.state_dict()
        if not any(key.startswith(ALIGNMENT) for key in own):  # left out where a model has no use for it
            stored = without_alignment(stored)
        return stored or drawn(own, self.seed)

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


class Gap(float):
    """The largest absolute difference of two tensors, which knows how large it may be."""

    allowed: float = TOLERANCE


def difference(got: Tensor, expected: Tensor) -> Gap:
    """Allowed is the tolerance, times the root mean square of what is expected where that is greater than 1."""
    if got.shape != expected.shape:
        return Gap(np.inf)
    if not got.numel():
        return Gap(0.0)
    gap = Gap((got.double() - expected.double()).abs().max())
    gap.allowed = TOLERANCE * max(1.0, float(expected.double().square().mean().sqrt()))
    return gap
