"""FlashVTG equals the official code: outputs, losses, and windows of a file as its training saves it."""

from __future__ import annotations

import argparse
import sys
import types
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn, normal  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detr.cg_criterion import Neighbours, Pairs  # noqa: E402
from whenabouts.grounders.learned.detr.criterion import weighted_sum  # noqa: E402
from whenabouts.grounders.learned.detr.decode import suppressed  # noqa: E402
from whenabouts.grounders.learned.detr.flash_vtg import FlashVTG, FlashVTGConfig, FlashVTGHead  # noqa: E402
from whenabouts.grounders.learned.detr.flash_vtg_criterion import (  # noqa: E402
    LOSS_WEIGHTS,
    FlashVTGTargets,
    flash_vtg_losses,
)
from whenabouts.grounders.learned.detr.pyramid import nowhere_padded  # noqa: E402

# values of Zhuo-Cao/FlashVTG 25b9591: FlashVTG/model.py:FlashVTG and SetCriterion with blocks/loss.py:BundleLoss and
# nncore 0.4.5, with parameters and inputs as `drawn` here and without dropout

SMALL = FlashVTGConfig(video_dim=18, text_dim=12, feedforward=48, text_layers=2, dummies=5, words=9, dropout=0.0)


def batch() -> list[torch.Tensor]:
    made = []
    for name, counts, width in (("video", (33, 21, 27), 18), ("text", (6, 3, 8), 12)):
        rows, mask = torch.zeros(3, max(counts), width), torch.zeros(3, max(counts))
        for i, count in enumerate(counts):
            rows[i, :count] = torch.from_numpy(normal(f"{name} {i}", 3, (count, width)))
            mask[i, :count] = 1
        made += [rows, mask]
    return made


def test_outputs_and_losses_are_the_official_ones() -> None:
    model = FlashVTG(SMALL, strict_official=True).eval()
    model.load_state_dict(drawn(model.state_dict(), 3))
    ratings = torch.zeros(3, 33)
    ratings[0, 4:9], ratings[0, 20:24], ratings[1, :5], ratings[2, 10:27] = 6, 3, 9, 12
    windows = [np.array(w) / 2 for w in ([[8.0, 18.0], [40.0, 48.0]], [[0.0, 10.0]], [[20.0, 54.0]])]
    pairs = Pairs(torch.tensor([[5, 21], [2, 3], [12, 20]]), torch.tensor([[22, 1], [4, 12], [11, 2]]), 0.2)
    with torch.no_grad():
        output = model(*batch(), neighbours=Neighbours.of(["a", "b", "b"]))
        losses = flash_vtg_losses(output, FlashVTGTargets(nowhere_padded(windows), pairs, ratings))
    assert output.logits.shape == (3, 61)
    assert output.logits[1, :4].tolist() == pytest.approx([0.3015436, 0.2578391, 0.2601084, 0.2385232], abs=1e-5)
    assert output.logits[1, -2:].tolist() == pytest.approx([0.1577187, 0.1797550], abs=1e-5)
    assert output.ends[1, -1].tolist() == pytest.approx([0.2786153, 0.1619024], abs=1e-5)
    assert output.saliency[0, :3].tolist() == pytest.approx([-0.9820414, -0.4127759, -0.4439712], abs=1e-5)
    assert {name: value.item() for name, value in losses.items()} == pytest.approx(
        {
            "loss_reg": 0.9971238, "loss_cls": 0.2304383, "loss_sal": 4.2858725, "loss_saliency": 37.7569733,
            "loss_label": 0.3407864,
        },
        rel=1e-5,
    )  # fmt: skip
    assert weighted_sum(losses, LOSS_WEIGHTS).item() == pytest.approx(34.1466255, rel=1e-5)


def test_parameters_are_the_official_ones() -> None:
    made = FlashVTG()
    assert sum(value.numel() for value in made.parameters()) == 10_469_400
    assert len(made.state_dict()) == 212


FILE = FlashVTGConfig(
    video_dim=18, text_dim=12, feedforward=48, text_layers=2, encoder_layers=1, dummy_layers=1, dummies=5, kernel=3,
    convolutions=3, perceptron=2, words=9,
)  # fmt: skip


def official(path: Path, monkeypatch: pytest.MonkeyPatch, **options: object) -> Path:
    """A file as train.py of FlashVTG saves it, its configuration as nncore keeps it."""
    nncore = types.ModuleType("nncore.utils.config")
    nncore.Config = type("Config", (OrderedDict,), {"__module__": "nncore.utils.config"})
    made = FlashVTG(FILE)
    made.load_state_dict(drawn(made.state_dict(), 7))
    facts = {
        "config": "data/MR.py", "dset_name": "hl", "max_q_l": 9, "max_v_l": 75, "clip_length": 2.0, "nheads": 8,
        "v_feat_dirs": ["features/clip_features"], "v_feat_dim": 18, "t_feat_dim": 12, "ctx_mode": "video_tef",
        "device": torch.device("cpu"), "cfg": nncore.Config(strides=(1, 2, 4, 8)),
    }  # fmt: skip
    with monkeypatch.context() as patch:
        for name in ("nncore", "nncore.utils"):
            patch.setitem(sys.modules, name, types.ModuleType(name))
        patch.setitem(sys.modules, "nncore.utils.config", nncore)
        torch.save({"model": made.state_dict(), "epoch": 3, "opt": argparse.Namespace(**(facts | options))}, path)
    return path


def example(clips: int = 75) -> FeatureExample:
    def unit(rows: np.ndarray) -> np.ndarray:
        rows = rows.astype(np.float32)
        return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-5)

    video = unit(normal("vid0_0.0_150clip_features", 3, (75, 16)) + 0.3)[:clips]
    text = unit(normal("0text", 3, (5, 12)) * 0.5 + 0.3)
    return FeatureExample(Example("0", "vid0", "a", np.zeros((0, 2)), 2.0 * clips), video, text)


def test_a_file_of_the_official_training_answers_as_its_inference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_checkpoint(official(tmp_path / "model_best.ckpt", monkeypatch))
    assert read.head.name == "flash-vtg" and read.facts["clip_seconds"] == 2.0 and read.head.longest == 75
    assert read.head.config == FILE
    with torch.no_grad():
        [answer] = read.head.answer([example()])
    # inference.py:compute_mr_results, before PostProcessorDETR
    windows = [[91.9319, 92.1587, 0.5864], [143.8986, 144.1646, 0.5862], [121.8979, 122.1533, 0.5836]]
    assert np.allclose(answer.windows[:3], windows, atol=1.5e-4)
    assert answer.saliency is not None and answer.saliency[:3] == pytest.approx([-0.9095, -1.0417, 0.5079], abs=2e-4)


def test_an_answer_does_not_depend_on_its_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = from_checkpoint(official(tmp_path / "model.ckpt", monkeypatch, max_v_l=-1))
    assert head.longest == 1024
    with torch.no_grad():
        both = head.answer([example(30), example()])
        assert both[0] == head.answer([example(30)])[0]
        assert head.answer([example(1)])[0].windows[0][1] <= 2.0


def test_the_kind_of_suppression_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = from_checkpoint(official(tmp_path / "a.ckpt", monkeypatch, nms_type="linear", nms_thd=0.6))
    assert (head.options["fade"], head.options["suppress"]) == (True, 0.6)
    assert not from_checkpoint(official(tmp_path / "b.ckpt", monkeypatch, nms_type="normal")).options["fade"]
    with pytest.raises(ModelError, match="nms_type gaussian"):
        from_checkpoint(official(tmp_path / "c.ckpt", monkeypatch, nms_type="gaussian"))


def test_models_of_highlights_alone_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = official(tmp_path / "tvsum.ckpt", monkeypatch, dset_name="tvsum")
    with pytest.raises(ModelError, match=r"tvsum\.ckpt was trained for highlights alone"):
        from_checkpoint(path)


def test_what_overlaps_a_better_window_loses_its_score() -> None:
    head = FlashVTGHead(SMALL)
    assert head.options["suppress"] == 0.7
    windows = [[0.0, 10.0, 0.9], [0.0, 8.0, 0.8], [20.0, 30.0, 0.7]]
    assert suppressed(windows, 0.7) == [[0.0, 10.0, 0.9], [20.0, 30.0, 0.7], [0.0, 8.0, 0.0]]
    # inference.py:post_processing_mr_nms with nms_type linear: each score times 1 - tIoU with every better one
    faded = np.array(suppressed(windows, None))
    assert faded == pytest.approx(np.array([[0, 10, 0.9], [20, 30, 0.7], [0, 8, 0.16]]))
