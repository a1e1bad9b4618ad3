"""Files as official training saves them answer as the official evaluation does on the same features."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from drawn import drawn, normal  # noqa: E402

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.encoders.clips import unit_rows  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detr.cg_detr import CGDETR, CGDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.qd_detr import QDDETR, QDDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.univtg import UniVTG, UniVTGConfig  # noqa: E402

SMALL: dict[str, Any] = {"hidden": 32, "feedforward": 16, "heads": 4}


def rows(name: str, count: int, width: int, scale: float = 1.0) -> np.ndarray:
    return unit_rows((normal(name, 3, (count, width)) * scale + 0.3).astype(np.float32))


def answer(
    path: Path,
    model: torch.nn.Module,
    options: Mapping[str, Any],
    duration: float,
    features: Mapping[str, np.ndarray | None],
) -> tuple[list[list[float]], list[float]]:
    """The three best windows and the saliency of the three first clips, by a file with drawn parameters."""
    torch.save({"model": drawn(model.state_dict(), 7), "epoch": 3, "opt": argparse.Namespace(**options)}, path)
    seen, heard, text = (features.get(name) for name in ("video", "sound", "text"))
    count = min(len(side) for side in (seen, heard) if side is not None)
    pictures = np.zeros((count, 0), np.float32) if seen is None else seen[:count]
    row = Example(1, "v", "a query", np.zeros((0, 2)), duration)
    with torch.no_grad():
        example = FeatureExample(row, pictures, text, None if heard is None else heard[:count])
        [answered] = read_checkpoint(path).head.answer([example])
    return answered.windows[:3], answered.saliency[:3]


def close(
    answered: tuple[list[list[float]], list[float]], windows: list[list[float]], saliency: list[float], duration: float
) -> None:
    inside = [[max(0.0, start), min(end, duration), score] for start, end, score in windows]
    assert answered[0] == pytest.approx(np.array(inside), abs=1.5e-4)
    assert answered[1] == pytest.approx(saliency, abs=2e-3)


# what training/evaluate.py:compute_mr_results at line/lighthouse d095eaa says before it rounds, a batch of one


def test_lighthouse_on_charades(tmp_path: Path) -> None:
    vid, model = "vid1_0.0_33.1", MomentDETR(MomentDETRConfig(**SMALL, queries=3))
    options = {
        "model_name": "moment_detr", "dset_name": "charades", "v_feat_types": "slowfast_clip", "clip_length": 1,
        "v_feat_dirs": ["features/charades/clip", "features/charades/slowfast"], "v_feat_dim": 2818, "nheads": 4,
        "t_feat_dir": "features/charades/clip_text", "a_feat_dirs": None, "ctx_mode": "video_tef", "max_v_l": 75,
    }  # fmt: skip
    clips, motion = rows(f"{vid}clip", 34, 512, 0.4), rows(f"{vid}slowfast", 34 + 1, 2304, 0.8)[:34]
    features = {"video": np.concatenate([motion, clips], axis=1), "text": rows("12text", 12, 512, 0.5)}
    close(
        answer(tmp_path / "best.ckpt", model, options, 33.1, features),
        [[8.154, 24.2228, 0.9707], [8.0474, 24.3238, 0.9691], [8.1223, 24.3449, 0.9674]],
        [0.80810546875, 0.40380859375, -0.09405517578125],
        33.1,
    )


def test_lighthouse_on_sound_alone(tmp_path: Path) -> None:
    vid = "vid1_0.0_300"
    model = CGDETR(CGDETRConfig(**SMALL, queries=3, prompts=2, video_dim=2, audio_dim=768, text_dim=768))
    options = {
        "model_name": "cg_detr", "dset_name": "castella", "v_feat_types": None, "clip_length": 1, "v_feat_dirs": None,
        "v_feat_dim": 2, "t_feat_dir": "features/castella/clap_text", "a_feat_dirs": ["features/castella/clap"],
        "a_feat_dim": 768, "ctx_mode": "audio_tef", "nheads": 4, "num_prompts": 2, "max_v_l": 300,
    }  # fmt: skip
    features = {"sound": rows(f"{vid}clap", 300, 768), "text": rows(f"{vid}_1text", 12, 768, 0.5)}
    close(
        answer(tmp_path / "best.ckpt", model, options, 300.0, features),
        [[119.1585, 310.2856, 0.9269], [129.3504, 313.3648, 0.9269], [225.3717, 276.849, 0.9255]],
        [-2.767578125, -1.875, -2.3984375],
        300.0,
    )


def test_lighthouse_on_pictures_and_sound(tmp_path: Path) -> None:
    vid, model = "vid1_0.0_150", QDDETR(QDDETRConfig(feedforward=16, queries=3, audio_dim=2048))
    options = {
        "model_name": "qd_detr", "dset_name": "qvhighlight", "v_feat_types": "slowfast_clip", "clip_length": 2,
        "v_feat_dirs": ["features/qvhighlight/clip", "features/qvhighlight/slowfast"], "v_feat_dim": 2818,
        "t_feat_dir": "features/qvhighlight/clip_text", "a_feat_dirs": ["features/qvhighlight/pann"],
        "a_feat_types": "pann", "a_feat_dim": 2048, "ctx_mode": "video_audio_tef", "nheads": 8, "max_v_l": 75,
    }  # fmt: skip
    clips, motion = rows(f"{vid}clip", 75, 512, 0.4), rows(f"{vid}slowfast", 75 + 1, 2304, 0.8)[:75]
    features = {
        "video": np.concatenate([motion, clips], axis=1),
        "sound": rows(f"{vid}pann", 74, 2048),
        "text": rows("12text", 12, 512, 0.5),
    }
    close(
        answer(tmp_path / "best.ckpt", model, options, 150.0, features),
        [[6.9392, 70.3916, 0.0924], [1.9304, 69.1482, 0.0924], [51.7512, 64.7412, 0.0923]],
        [-0.22705078125, 0.9052734375, -0.98828125],
        150.0,
    )


# what it says in QD-DETR 56c63b2 (qd_detr/inference.py) and in UniVTG 32659ac (main/inference_mr.py)


def test_sound_of_qd_detr_has_ends_of_its_own(tmp_path: Path) -> None:
    vid = "vid1_0.0_126"
    model = QDDETR(QDDETRConfig(feedforward=16, queries=3, video_dim=514, audio_dim=2050))
    options = {
        "dset_name": "hl", "v_feat_dirs": ["features/clip_features"], "v_feat_dim": 514, "a_feat_dim": 2050,
        "t_feat_dir": "features/clip_text_features", "a_feat_dir": "features/pann_features/", "ctx_mode": "video_tef",
        "nheads": 8, "max_v_l": 75, "clip_length": 2, "use_txt_pos": False, "span_loss_type": "l1",
    }  # fmt: skip
    features = {
        "video": rows(f"{vid}clip_features", 63, 512),
        "sound": rows(f"{vid}pann", 62, 2048),
        "text": rows("12text", 12, 512, 0.5),
    }
    close(
        answer(tmp_path / "best.ckpt", model, options, 126.0, features),
        [[47.8989, 60.3634, 0.032], [8.4797, 66.4941, 0.0308], [4.0002, 65.2441, 0.0308]],
        [-0.2135009765625, -0.912109375, 0.291259765625],
        126.0,
    )


def test_positions_of_words_of_univtg(tmp_path: Path) -> None:
    vid, model = "vid1_0.0_126", UniVTG(UniVTGConfig(**SMALL, video_dim=514))
    options = {
        "dset_name": "qvhighlights", "v_feat_dirs": ["features/vid_clip"], "v_feat_dim": 514, "nheads": 4,
        "t_feat_dir": "features/txt_clip", "ctx_mode": "video_tef", "max_v_l": 75, "clip_length": 2.0, "nms_thd": 0.7,
        "use_txt_pos": True, "eval_mode": None, "span_loss_type": "l1", "model_id": "univtg",
    }  # fmt: skip
    features = {"video": rows(f"{vid}vid_clip", 63, 512), "text": rows("12text", 12, 512, 0.5)}
    close(
        answer(tmp_path / "best.ckpt", model, options, 126.0, features),
        [[41.9659, 126.0, 0.7171], [0.0, 96.4239, 0.7017], [0.0, 51.8247, 0.665]],
        [-0.10345458984375, -0.01434326171875, 0.1715087890625],
        126.0,
    )
