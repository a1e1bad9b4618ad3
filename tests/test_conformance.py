"""The runner of conformance reads every array of a file, and says which it had nothing to hold against."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from conformance import LEFT, agrees, compare  # noqa: E402

from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig  # noqa: E402

ROOT = Path(__file__).parents[1]

CLONE = """
from torch import nn
from types import SimpleNamespace
from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig


class Official(MomentDETR):
    def forward(self, src_txt, src_txt_mask, src_vid, src_vid_mask):
        out = super().forward(src_vid, src_vid_mask, src_txt, src_txt_mask)
        return {"pred_logits": out.logits, "pred_spans": out.spans, "saliency_scores": out.saliency, "more": out.spans}


def build_model(args):
    sizes = {"hidden": args.hidden_dim, "feedforward": 32, "queries": 3, "words": 9}
    config = MomentDETRConfig(args.v_feat_dim, args.t_feat_dim, **sizes)
    return Official(config), SimpleNamespace(weight_dict={"loss_span": 10})
"""


@pytest.mark.parametrize("name", ["primitives_a", "primitives_qd_saliency_a"])
def test_single_functions_are_official(data: Path, name: str) -> None:
    report = compare(data / "vectors" / f"{name}.npz")
    assert agrees(report), report
    unmade = ("hungarian_ce/", "span_labels/ce", "sine_d10/unn", "sine_d16/unn", "sine_d256/unn")
    assert all(key.startswith(unmade) for key in report[LEFT])


def test_what_differs_and_what_is_not_compared_is_told(data: Path, tmp_path: Path) -> None:
    with np.load(data / "vectors" / "moment_detr_a.npz") as stored:
        arrays = dict(stored)
    np.savez(tmp_path / "more.npz", **arrays, **{"main/out/unheard_of": np.zeros(3)})
    report = compare(tmp_path / "more.npz")
    assert agrees(report) and report[LEFT] == ["main/out/unheard_of"]
    arrays["single/out/pred_spans"] = arrays["single/out/pred_spans"] + 1e-4
    np.savez(tmp_path / "other.npz", **arrays)
    assert not agrees(compare(tmp_path / "other.npz"))


def test_vectors_are_made_from_a_checkpoint_and_a_clone(tmp_path: Path) -> None:
    package = tmp_path / "clone" / "moment_detr"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model.py").write_text(CLONE)
    torch.manual_seed(0)
    model = MomentDETR(MomentDETRConfig(14, 6, hidden=16, feedforward=32, queries=3, words=9))
    options = {"v_feat_dim": 14, "t_feat_dim": 6, "hidden_dim": 16, "nheads": 8}
    torch.save({"model": model.state_dict(), "opt": options}, tmp_path / "best.ckpt")

    def vectors(folder: Path) -> subprocess.CompletedProcess[str]:
        files = [str(tmp_path / "best.ckpt"), "--official", str(folder), "--out", str(tmp_path / "made.npz")]
        command = [sys.executable, "scripts/vectors.py", *files]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert "is none of the clones" in vectors(tmp_path).stderr
    made = vectors(tmp_path / "clone")
    assert made.returncode == 0, made.stderr
    report = compare(tmp_path / "made.npz")
    assert agrees(report) and set(report) == {"main", "nopad", "single", LEFT}
    assert report[LEFT] == [f"{case}/out/more" for case in ("main", "nopad", "single")]
