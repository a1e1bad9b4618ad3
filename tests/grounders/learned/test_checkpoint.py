"""Checkpoints: ours, official, Lighthouse's, and files that would run code."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import types
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_checkpoint, save_head  # noqa: E402
from whenabouts.grounders.learned.detr.cg_detr import CGDETR, CGDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.qd_detr import QDDETR, QDDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.taskweave import TaskWeave, TaskWeaveConfig  # noqa: E402
from whenabouts.grounders.learned.detr.univtg import UniVTG, UniVTGConfig  # noqa: E402
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTAN, MSTwoDTANConfig  # noqa: E402
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTAN, TwoDTANConfig, TwoDTANHead  # noqa: E402


def equal(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("name", HEADS)
def test_what_is_saved_comes_back(name: str, tmp_path: Path) -> None:
    head = HEADS[name].sized(20, 12, small=True)
    save_head(head, tmp_path / "head.pt", {"encoder": "builtin", "clip_seconds": 2.0})
    back = from_checkpoint(tmp_path / "head.pt")
    assert back.options == head.options and not back.training
    assert equal(back.model, head.model)
    assert read_checkpoint(tmp_path / "head.pt").facts["encoder"] == "builtin"


SIZES = {"video_dim": 22, "text_dim": 16, "hidden": 32, "feedforward": 48, "projections": 2}
OFFICIAL = [
    (MomentDETR, MomentDETRConfig(**SIZES, heads=4, encoder_layers=3, decoder_layers=1, queries=7, words=12)),
    (QDDETR, QDDETRConfig(**SIZES, heads=4, text_layers=2, encoder_layers=2, decoder_layers=3, words=40)),
    (CGDETR, CGDETRConfig(**SIZES, heads=4, dummies=6, prompts=2, all_prompts=5, moment_layers=2, words=100)),
    (UniVTG, UniVTGConfig(**SIZES, heads=4, layers=3)),
]


@pytest.mark.parametrize(("kind", "config"), OFFICIAL)
def test_official_files_tell_their_sizes(kind: type[torch.nn.Module], config: object, tmp_path: Path) -> None:
    model = kind(config)
    options = argparse.Namespace(
        nheads=4, num_prompts=2, device=torch.device("cpu"), results_dir=Path("results"), v_feat_dim=22
    )
    prefix = "module." if kind is UniVTG else ""
    state = {prefix + key: value for key, value in model.state_dict().items()}
    torch.save({"model": state, "optimizer": {"state": {}}, "epoch": 7, "opt": options}, tmp_path / "model_best.ckpt")
    head = from_checkpoint(tmp_path / "model_best.ckpt")
    assert head.model.config == config
    assert equal(head.model, model)


@pytest.mark.slow
@pytest.mark.parametrize(
    "config",
    [
        TwoDTANConfig(**TwoDTANHead.recipe("activitynet-captions").config),
        MSTwoDTANConfig(video_dim=40, stride=1, kernels=(3, 3)),
    ],
)
def test_bare_parameters_tell_the_model(config: object, tmp_path: Path) -> None:
    model = TwoDTAN(config) if isinstance(config, TwoDTANConfig) else MSTwoDTAN(config)
    torch.save(model.state_dict(), tmp_path / "epoch.pkl")
    head = from_checkpoint(tmp_path / "epoch.pkl")
    assert head.model.config == config
    assert equal(head.model, model)


def test_a_grid_that_a_file_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    config = TwoDTANConfig(video_dim=8, text_dim=4, hidden=4, text_hidden=4, kernels=(5,) * 8)
    torch.save(TwoDTAN(config).state_dict(), tmp_path / "iter.pkl")
    with pytest.raises(ModelError, match="does not state its grid"):
        from_checkpoint(tmp_path / "iter.pkl")
    assert from_checkpoint(tmp_path / "iter.pkl", head=TwoDTANHead(config)).name == "2d-tan"


class EasyDict(dict):
    """As the package of that name: every key is an attribute too."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        super().__setitem__(name, value)

    __setitem__ = __setattr__


def lighthouse_options(dataset: str, *folders: str, **more: object) -> EasyDict:
    """What Lighthouse's training script keeps of its configs; only `v_feat_dirs` tells the order of features."""
    options = EasyDict()
    facts = {
        "seed": 2023, "device": "cuda", "max_q_l": 32, "max_v_l": 75, "max_a_l": 75, "clip_length": 2, "nheads": 8,
        "enc_layers": 2, "dec_layers": 2, "hidden_dim": 256, "num_queries": 10, "n_input_proj": 2,
        "span_loss_type": "l1", "results_dir": f"results/moment_detr/{dataset}", "ctx_mode": "video_tef",
        "v_feat_types": "slowfast_clip", "t_feat_type": "clip", "v_feat_dim": 2818, "t_feat_dim": 512,
        "model_name": "moment_detr", "dset_name": dataset, "t_feat_dir": f"features/{dataset}/clip_text",
        "v_feat_dirs": [f"features/{dataset}/{folder}" for folder in folders] or None,
        "a_feat_dirs": None, "a_feat_types": None, "t_feat_dir_pretrain_eval": None,
    }  # fmt: skip
    for name, value in (facts | more).items():
        setattr(options, name, value)
    return options


def official_options(folders: list[str] | str | None, **more: object) -> argparse.Namespace:
    """What the training scripts of Moment-DETR and its successors keep of their arguments."""
    facts = {
        "dset_name": "hl", "eval_split_name": "val", "max_q_l": 32, "max_v_l": 75, "clip_length": 2,
        "v_feat_dirs": folders, "t_feat_dir": "../features/clip_text_features/", "a_feat_dir": None, "v_feat_dim": 2818,
        "t_feat_dim": 512, "a_feat_dim": None, "ctx_mode": "video_tef", "no_norm_vfeat": False, "use_txt_pos": False,
        "n_input_proj": 2, "nheads": 8, "num_queries": 10, "span_loss_type": "l1", "device": torch.device("cpu"),
    }  # fmt: skip
    return argparse.Namespace(**(facts | more))


def write(path: Path, model: torch.nn.Module, options: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As their `save_checkpoint`."""
    module = types.ModuleType("easydict")
    EasyDict.__module__, EasyDict.__qualname__, module.EasyDict = "easydict", "EasyDict", EasyDict
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "easydict", module)
        torch.save({"model": model.state_dict(), "optimizer": {}, "epoch": 7, "opt": options}, path)
    return path


def of_width(video_dim: int, kind: type[torch.nn.Module] = MomentDETR) -> torch.nn.Module:
    return kind((MomentDETRConfig if kind is MomentDETR else QDDETRConfig)(video_dim=video_dim))


CLIP_FIRST = [
    *(lighthouse_options(name, "clip", "slowfast") for name in ("qvhighlight", "charades", "activitynet", "tacos")),
    lighthouse_options("Charades", "clip", "slowfast", dset_name="charades"),
    official_options(["../features/youtube_uni/vid_clip", "../features/youtube_uni/vid_slowfast"]),
]


@pytest.mark.parametrize("options", CLIP_FIRST)
def test_features_of_clip_that_stand_first_are_put_in_official_order(
    options: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MomentDETR()
    path = write(tmp_path / "best.ckpt", model, options, monkeypatch)
    theirs, ours = model.state_dict(), from_checkpoint(path).model.state_dict()
    for key in ("LayerNorm.weight", "LayerNorm.bias", "net.1.weight"):
        a, b = theirs[f"input_vid_proj.0.{key}"], ours[f"input_vid_proj.0.{key}"]
        assert torch.equal(a[..., :512], b[..., 2304:2816])
        assert torch.equal(a[..., 512:2816], b[..., :2304])
        assert torch.equal(a[..., 2816:], b[..., 2816:])
    video = torch.randn(1, 6, 2818)
    swapped = torch.cat([video[..., 2304:2816], video[..., :2304], video[..., 2816:]], dim=-1)
    rest = torch.ones(1, 6), torch.randn(1, 4, 512), torch.ones(1, 4)
    with torch.no_grad():
        own = from_checkpoint(path).model(video, *rest).spans
        assert torch.allclose(own, model.eval()(swapped, *rest).spans, atol=1e-6)


IN_ORDER = [
    (official_options(["../features/slowfast_features", "../features/clip_features"]), 2818),
    (official_options(["features/qvhighlights/vid_slowfast", "features/qvhighlights/vid_clip/"]), 2818),
    (official_options(["../features/charades/clip_features"], v_feat_dim=514), 514),
    (official_options(["../features/charades/vgg_features/rgb_features"], v_feat_dim=4098), 4098),
    (official_options(["../features/tvsum/video_features"], v_feat_dim=2050), 2050),
    (lighthouse_options("qvhighlight", "clip", v_feat_dim=514), 514),
    (lighthouse_options("qvhighlight", "resnet", v_feat_dim=2050), 2050),
    (lighthouse_options("charades", "resnet", v_feat_dim=2050), 2050),
    (lighthouse_options("tvsum", "i3d", v_feat_dim=2050), 2050),
]


@pytest.mark.parametrize("order", [None, "clip-first"])
@pytest.mark.parametrize(("options", "width"), IN_ORDER)
def test_features_in_official_order_and_single_ones_stay(
    options: object, width: int, order: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = of_width(width)
    path = write(tmp_path / "best.ckpt", model, options, monkeypatch)
    assert equal(from_checkpoint(path, feature_order=order).model, model)


UNKNOWN = [
    official_options(["../features/a", "../features/b"]),
    official_options(["features/slowfast", "features/clip", "features/clip_sub_ctx"]),
    official_options(["features/slowfast", "features/clip_features", "features/sub_ctx"]),
    official_options("features/clip_slowfast"),
    official_options(["features/video_clips", "features/siglip"]),
]


@pytest.mark.parametrize("options", UNKNOWN)
def test_an_order_that_a_file_does_not_tell_is_asked_for(
    options: argparse.Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MomentDETR()
    path = write(tmp_path / "best.ckpt", model, options, monkeypatch)
    with pytest.raises(ModelError, match=r"does not state the order of its features, which were in .*features"):
        from_checkpoint(path)
    assert equal(from_checkpoint(path, feature_order="slowfast-first").model, model)
    assert not equal(from_checkpoint(path, feature_order="clip-first").model, model)


def test_features_beside_clip_that_are_not_slowfast_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = lighthouse_options("tvsum", "clip", "i3d", v_feat_dim=2562)
    path = write(tmp_path / "best.ckpt", of_width(2562), options, monkeypatch)
    with pytest.raises(ModelError, match="takes 2560 numbers a clip, where CLIP and SlowFast give 2816"):
        from_checkpoint(path)


OFFICIAL_FOLDERS = ["../features/slowfast_features", "../features/clip_features"]
PANN = {"ctx_mode": "video_audio_tef", "a_feat_dim": 2048, "a_feat_types": "pann", "a_feat_dirs": ["features/pann"]}
CLAP = {"ctx_mode": "audio_tef", "v_feat_types": None, "v_feat_dim": 2, "a_feat_dim": 768, "a_feat_types": "clap"}
WITH_SOUND = [
    (official_options(OFFICIAL_FOLDERS, a_feat_dir="../umt_pann/", a_feat_dim=2050), 4868, 2050, "slowfast+clip+pann"),
    (lighthouse_options("qvhighlight", "clip", "slowfast", **PANN), 4866, 2048, "slowfast+clip+pann"),
    (
        lighthouse_options("castella", a_feat_dirs=["features/castella/clap"], t_feat_dir="clap_text", **CLAP),
        770,
        768,
        "clap",
    ),
]


@pytest.mark.parametrize("kind", [MomentDETR, QDDETR])
@pytest.mark.parametrize(("options", "width", "sound", "features"), WITH_SOUND)
def test_sound_stands_behind_the_pictures(
    kind: type[torch.nn.Module],
    options: argparse.Namespace | EasyDict,
    width: int,
    sound: int,
    features: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write(tmp_path / "best.ckpt", of_width(width, kind), options, monkeypatch)
    read = read_checkpoint(path)
    config = read.head.config
    assert (config.video_dim, config.audio_dim) == (width - sound, sound)
    assert read.head.sound_ends == isinstance(options, argparse.Namespace)
    assert read.facts["features"] == features
    wide = (config.video_dim - 2, sound - 2 if read.head.sound_ends else sound)
    heard, deaf = (example(wide[0], 512, side) for side in (wide[1], None))
    with torch.no_grad():
        assert len(read.head.answer([heard])[0].windows) == 10
        with pytest.raises(ModelError, match=rf"takes {wide[1]} numbers of sound a clip, and the features have 0"):
            read.head.answer([deaf])


def example(video: int, text: int, sound: int | None) -> FeatureExample:
    """Five clips and four words."""
    row = Example(1, "v", "a query", np.zeros((0, 2)), 10.0)
    heard = None if sound is None else np.ones((5, sound), np.float32)
    return FeatureExample(row, np.ones((5, video), np.float32), np.ones((4, text), np.float32), heard)


AT_ODDS = [
    (official_options(OFFICIAL_FOLDERS, ctx_mode="video_audio_tef"), 2818),
    (official_options(OFFICIAL_FOLDERS), 4868),
    (official_options(OFFICIAL_FOLDERS, a_feat_dir="../umt_pann/", a_feat_dim=2050), 2818),
]


@pytest.mark.parametrize(("options", "width"), AT_ODDS)
def test_widths_at_odds_with_the_options_are_refused(
    options: argparse.Namespace, width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "best.ckpt", of_width(width), options, monkeypatch)
    with pytest.raises(ModelError, match=rf"takes {width} numbers a clip, and by its options pictures"):
        from_checkpoint(path)


def test_a_projection_of_sound_is_seen_in_the_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = MomentDETR()
    model.input_aud_proj = torch.nn.Linear(2048, 256)
    path = write(tmp_path / "best.ckpt", model, official_options(OFFICIAL_FOLDERS), monkeypatch)
    with pytest.raises(ModelError, match=r"the parameter 'input_aud_proj.weight' is not one of its own"):
        from_checkpoint(path)


def test_the_alignment_is_read_with_its_weight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = MomentDETR(MomentDETRConfig(contrastive=64))
    options = official_options(OFFICIAL_FOLDERS, contrastive_align_loss_coef=0.002)
    head = from_checkpoint(write(tmp_path / "best.ckpt", model, options, monkeypatch))
    assert equal(head.model, model) and head.options["alignment"] == 0.002


FOREIGN = [
    ({"span_loss_type": "ce"}, "span_loss_type ce"),
    ({"pre_norm": True}, "pre_norm"),
    ({"ctx_mode": "video"}, "ctx_mode video"),
    ({"no_norm_vfeat": True}, "no_norm_vfeat"),
    ({"nheads": 7}, "does not fit moment-detr"),
]


@pytest.mark.parametrize(("more", "why"), FOREIGN)
def test_options_that_change_the_answers_are_refused(
    more: dict[str, object], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "best.ckpt", MomentDETR(), official_options(OFFICIAL_FOLDERS, **more), monkeypatch)
    with pytest.raises(ModelError, match=why):
        from_checkpoint(path)


NAMES = [
    ("clip_slowfast_moment_detr_tacos.ckpt", 2818, "slowfast+clip", "tacos", None),
    ("resnet_glove_moment_detr_charades.ckpt", 2050, "resnet+glove", "charades-sta", 75),
    ("clip_slowfast_pann_moment_detr_qvhighlight.ckpt", 4866, "slowfast+clip+pann", "qvhighlights", 75),
    ("results/moment_detr/castella/clap/best.ckpt", 770, "clap", "castella", 300),
    ("results/moment_detr/tvsum/i3d_clip/BK/best.ckpt", 2050, "i3d+clip", "tvsum", 1000),
    ("best.ckpt", 2050, "", "", 75),
]


@pytest.mark.parametrize(("name", "width", "features", "benchmark", "longest"), NAMES)
def test_the_name_of_a_file_of_lighthouse_tells_what_its_options_do_not(
    name: str, width: int, features: str, benchmark: str, longest: int | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    model = of_width(width)
    torch.save({"model": model.state_dict()}, path)
    read = read_checkpoint(path)
    assert (read.facts.get("features", ""), read.facts.get("benchmark", "")) == (features, benchmark)
    assert read.head.longest == longest
    assert equal(read.head.model, model) == ("slowfast" not in features)  # put in official order


@pytest.mark.parametrize(
    ("name", "width", "raw"),
    [
        ("resnet_glove_moment_detr_charades.ckpt", 2050, True),
        ("i3d_clip_moment_detr_tvsum.ckpt", 2050, True),
        ("clip_moment_detr_youtube_highlight.ckpt", 514, True),
        ("clip_moment_detr_tacos.ckpt", 514, False),
    ],
)
def test_words_that_are_officially_not_scaled(name: str, width: int, raw: bool, tmp_path: Path) -> None:
    """By `_get_query_feat_by_qid` and `get_query` of Lighthouse's training/dataset.py at d095eaa."""
    torch.save({"model": of_width(width).state_dict()}, tmp_path / name)
    assert from_checkpoint(tmp_path / name).options["raw_words"] is raw


@pytest.mark.parametrize("kind", [dict, argparse.Namespace, types.SimpleNamespace])
def test_options_may_be_of_any_plain_kind(kind: type, tmp_path: Path) -> None:
    told = vars(official_options(["features/clip_features"], v_feat_dim=514, clip_length=1))
    torch.save({"model": of_width(514).state_dict(), "opt": kind(**told)}, tmp_path / "model.ckpt")
    assert read_checkpoint(tmp_path / "model.ckpt").facts["clip_seconds"] == 1.0


def test_parameters_alone_do_not_tell_an_order(tmp_path: Path) -> None:
    torch.save({"model": MomentDETR().state_dict()}, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match="cannot be read in the feature order 'lighthouse'"):
        from_checkpoint(tmp_path / "model.ckpt", feature_order="lighthouse")
    with pytest.raises(ModelError, match="does not state the order of its features: say --feature-order"):
        from_checkpoint(tmp_path / "model.ckpt")


def test_parameters_alone_do_not_tell_the_prompts(tmp_path: Path) -> None:
    model = CGDETR(CGDETRConfig(**SIZES, heads=4, dummies=3))
    torch.save({"model": model.state_dict(), "opt": {"nheads": 4, "v_feat_dim": 20}}, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match=r"how many prompts make its saliency token \(num_prompts\)"):
        from_checkpoint(tmp_path / "model.ckpt")


class Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (
            MomentDETR(MomentDETRConfig(video_dim=2304 + 512 + 2048 + 2)),
            "takes 4864 numbers a clip and does not say of what",
        ),
        (
            MomentDETR(MomentDETRConfig(video_dim=768 + 2, text_dim=768)),
            "takes 768 numbers a clip and does not say of what",
        ),
        (
            MomentDETR(MomentDETRConfig(video_dim=514, hidden=64, heads=4)),
            r"how many heads its attention has \(nheads\)",
        ),
        (TaskWeave(TaskWeaveConfig(video_dim=514)), r"which of its tasks helps the other \(mr2hd\)"),
    ],
)
def test_what_parameters_alone_do_not_tell_is_asked_for(made: torch.nn.Module, why: str, tmp_path: Path) -> None:
    """Two kinds of features with sound, sound alone, four heads, and mr2hd; options beside the file tell them."""
    torch.save({"model": made.state_dict()}, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match=why):
        from_checkpoint(tmp_path / "model.ckpt")
    c = made.config
    sound = 2048 if c.video_dim > 4000 else 768 if c.video_dim == 770 else 0
    seen = {0: ["f/clip"], 768: None, 2048: ["f/slowfast", "f/clip"]}[sound]
    told = {"nheads": c.heads, "v_feat_dirs": seen, "v_feat_dim": c.video_dim - 2 - sound, "mr2hd": True}
    heard = {"ctx_mode": "video_audio_tef" if seen else "audio_tef", "a_feat_dirs": ["f/sound"], "a_feat_dim": sound}
    (tmp_path / "opt.json").write_text(json.dumps(told | (heard if sound else {})))
    read = from_checkpoint(tmp_path / "model.ckpt")
    assert (read.config.heads, read.config.audio_dim) == (c.heads, sound)
    assert getattr(read.config, "mr2hd", True)
    (tmp_path / "opt.json").write_text("[")
    with pytest.raises(ModelError, match=r"opt\.json is damaged"):
        from_checkpoint(tmp_path / "model.ckpt")


@pytest.mark.parametrize(
    ("name", "options", "mr2hd"),
    [
        ("clip_taskweave_mr2hd_qvhighlight.ckpt", {}, True),
        ("clip_taskweave_hd2mr_qvhighlight.ckpt", {}, False),
        ("results/taskweave_mr2hd/qvhighlight/clip/best.ckpt", {}, True),
        ("results/taskweave_mr2hd/mine/best.ckpt", {}, True),
        ("best.ckpt", {"dset_name": "hl"}, False),  # the authors' own
        ("best.ckpt", {"dset_name": "qvhighlight", "model_name": "taskweave"}, None),
    ],
)
def test_which_task_of_taskweave_helps_the_other(
    name: str, options: dict[str, object], mr2hd: bool | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": TaskWeave(TaskWeaveConfig(video_dim=514)).state_dict(), "opt": options}, path)
    if mr2hd is None:
        with pytest.raises(ModelError, match="mr2hd"):
            from_checkpoint(path)
    else:
        assert from_checkpoint(path).config.mr2hd is mr2hd


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_parameters_that_are_not_numbers_are_refused(value: float, tmp_path: Path) -> None:
    state = of_width(514).state_dict()
    state["input_vid_proj.0.net.1.weight"][3, 5] = value
    torch.save({"model": state}, tmp_path / "model.ckpt")
    with pytest.raises(ModelError, match=r"'input_vid_proj\.0\.net\.1\.weight' has values that are not finite"):
        from_checkpoint(tmp_path / "model.ckpt")


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"model": {}, "opt": Evil(tmp_path / "ran")}, tmp_path / "evil.ckpt")
    with pytest.raises(ModelError, match=r"names posix\.system, which could run code"):
        from_checkpoint(tmp_path / "evil.ckpt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"", "is damaged or not a checkpoint"),
        (b"hello", "is damaged or not a checkpoint"),
        ([1, 2], "not the parameters of a model"),
        ({"model": {"a": torch.zeros(1)}}, "none of the models known here"),
        ({"model": 3}, "no parameters"),
    ],
)
def test_other_files_are_refused_in_a_sentence(content: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ModelError, match=message):
        from_checkpoint(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    save_head(HEADS["univtg"].sized(8, 8, small=True), tmp_path / "a.pt", {})
    (tmp_path / "b.pt").write_bytes((tmp_path / "a.pt").read_bytes()[:4000])
    with pytest.raises(ModelError, match="is damaged or not a checkpoint"):
        from_checkpoint(tmp_path / "b.pt")


def test_official_options_tell_the_length_of_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    charades = official_options(OFFICIAL_FOLDERS, clip_length=1, max_v_l=100_000_000)
    path = write(tmp_path / "charades.ckpt", MomentDETR(), charades, monkeypatch)
    read = read_checkpoint(path)
    assert read.facts["clip_seconds"] == 1.0 and read.head.longest is None
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path = write(tmp_path / "hl.ckpt", MomentDETR(), official_options(OFFICIAL_FOLDERS), monkeypatch)
    hl = {"clip_seconds": 2.0, "benchmark": "qvhighlights", "features": "slowfast+clip"}
    assert read_checkpoint(path).facts == hl and from_checkpoint(path).longest == 75


def test_of_several_heads_that_recognise_a_file_the_one_that_fits_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(MomentDETR):
        def __init__(self, config: MomentDETRConfig | None = None, *, strict_official: bool = False) -> None:
            super().__init__(config)
            self.extra = torch.nn.Linear(2, 2)

    class OtherHead(HEADS["moment-detr"]):
        name, model_class = "other", Other

    monkeypatch.setitem(HEADS.own, "other", OtherHead)
    for model, name in ((MomentDETR(), "moment-detr"), (Other(), "other")):
        torch.save({"model": model.state_dict(), "opt": official_options(OFFICIAL_FOLDERS)}, tmp_path / "model.ckpt")
        assert from_checkpoint(tmp_path / "model.ckpt").name == name
    save_head(OtherHead(), tmp_path / "own.pt", {})
    assert isinstance(from_checkpoint(tmp_path / "own.pt"), OtherHead)
    monkeypatch.delitem(HEADS.own, "other")
    with pytest.raises(ModelError, match=r"own\.pt holds a head 'other', which is not among moment-detr"):
        from_checkpoint(tmp_path / "own.pt")


def test_a_file_that_a_head_cannot_take_says_which_part_is_missing(tmp_path: Path) -> None:
    state = of_width(514, QDDETR).state_dict()
    del state["query_embed.weight"]
    torch.save({"model": state}, tmp_path / "eatr.ckpt")
    with pytest.raises(
        ModelError, match=r"eatr\.ckpt does not fit qd-detr: the parameter 'query_embed.weight' is missing"
    ):
        from_checkpoint(tmp_path / "eatr.ckpt")


def test_options_of_univtg_are_read(tmp_path: Path) -> None:
    model = UniVTG(UniVTGConfig(**SIZES, heads=4, layers=1))
    told = {
        "v_feat_dim": 20,
        "use_txt_pos": True,
        "nheads": 4,
        "clip_length": 1.0,
        "eval_mode": None,
        "nms_thd": 0.6,
        "max_v_l": 75,
    }
    torch.save({"model": model.state_dict(), "opt": told}, tmp_path / "u.ckpt")
    head = from_checkpoint(tmp_path / "u.ckpt")
    assert head.config.text_positions and head.longest is None
    assert head.options | {"clip_seconds": 1.0, "add": False, "suppress": 0.6, "cut_words": True} == head.options
