"""Compare a model with what the official code answered, from a file of vectors.

    python tests/conformance.py FILE.npz [--strict-official]

Prints JSON: per case the largest absolute difference of every output and loss, whether matches and final predictions
are equal and on which grid, and last `not compared`: every array of the file that nothing here was held against. Exits
with 1 when anything differs by more than 1e-5 (of its root mean square, where that is greater than 1), and with 2 and
a sentence where the file has options that are refused, as those of a checkpoint are. Where the
official code lets items of a batch leak into each other (QD-DETR on unequal lengths), a case needs --strict-official
and is skipped without.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from conforming.detr import compare_cg_detr, compare_detr
from conforming.file import CaseReport, Gap, Tensors, Vectors
from conforming.primitives import compare_primitives
from conforming.tan import compare_ms_two_d_tan, compare_two_d_tan, ms_two_d_tan, two_d_tan
from conforming.univtg import compare_univtg
from torch import nn

from whenabouts.errors import ModelError
from whenabouts.grounders.learned.detr.cg_detr import CGDETRHead
from whenabouts.grounders.learned.detr.head import DETRHead
from whenabouts.grounders.learned.detr.official import refuse_foreign
from whenabouts.grounders.learned.detr.univtg import UniVTGHead
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTANHead
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTANHead

LEFT = "not compared"
Report = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """How a head is made from official arguments and parameters, and how a case of its vectors is compared."""

    make: Callable[[type[Head], dict[str, Any], Tensors, bool], Head]
    compare: Callable[[Vectors, str, nn.Module, Tensors], CaseReport]
    masks: tuple[str, ...]  # of inputs whose unequal lengths leak, where the head says that they do


def as_loaded(kind: type[Head], args: dict[str, Any], state: Tensors, strict_official: bool) -> Head:
    """As from an official checkpoint with these options."""
    refuse_foreign(state, args)
    return kind.from_official(state, args, strict_official=strict_official)


CLIPS = ("src_vid_mask", "src_txt_mask")
FAMILIES: dict[type[Head], Family] = {  # the first that a head belongs to
    CGDETRHead: Family(as_loaded, compare_cg_detr, CLIPS),
    DETRHead: Family(as_loaded, compare_detr, CLIPS),
    UniVTGHead: Family(as_loaded, compare_univtg, CLIPS),
    TwoDTANHead: Family(two_d_tan, compare_two_d_tan, ("textual_mask",)),
    MSTwoDTANHead: Family(ms_two_d_tan, compare_ms_two_d_tan, ("textual_mask",)),
}


def compare(path: Path, *, strict_official: bool = False) -> Report:
    """The report on one file."""
    vectors = Vectors(path)
    if not vectors.name:
        with torch.no_grad():
            return {"primitives": compare_primitives(vectors), LEFT: vectors.left}
    kind = vectors.kind
    family = next(family for base, family in FAMILIES.items() if issubclass(kind, base))
    args = vectors.config.get("args") or vectors.config["cfg"]
    head = family.make(kind, args, vectors.state(), strict_official)
    head.model.load_state_dict(vectors.weights(head.model))
    head.eval()
    leaks = kind.batch_leaks and getattr(head.config, "bidirectional", True)
    report: Report = {}
    for case in vectors.cases:
        inputs = vectors.inputs(case)
        lengths = [inputs[name].sum(1) for name in family.masks] if leaks else []
        if not strict_official and any((n != n[0]).any() for n in lengths):
            report[case] = {"skipped": "unequal lengths leak in the official code: needs --strict-official"}
            continue
        with torch.no_grad():
            report[case] = family.compare(vectors, case, head.model, inputs)
    skipped = tuple(f"{case}/" for case, part in report.items() if "skipped" in part)
    report[LEFT] = [key for key in vectors.left if not key.startswith(skipped)]
    return report


def agrees(report: Report) -> bool:
    """Whether all that was compared is equal, and something was."""
    cases = [part for name, part in report.items() if name != LEFT]
    return bool(cases) and all("skipped" in case or _holds(case) for case in cases)


def _holds(case: CaseReport) -> bool:
    gaps: list[Gap] = [gap for part in ("outputs", "losses") for gap in case.get(part, {}).values()]
    equal = all(gap <= gap.allowed for gap in gaps)
    return bool(gaps) and equal and case.get("matches", True) and case.get("predictions", True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--strict-official", action="store_true", help="reproduce the official mask order")
    options = parser.parse_args()
    try:
        report = compare(options.file, strict_official=options.strict_official)
    except ModelError as reason:
        parser.error(f"{options.file} {reason}")
    print(json.dumps(report, indent=2))
    sys.exit(0 if agrees(report) else 1)


if __name__ == "__main__":
    main()
