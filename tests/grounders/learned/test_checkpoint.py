"""Checkpoints: ours, official, Lighthouse's, and files that would run code."""

from __future__ import annotations

import argparse
import os
import sys
import types
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_facts, save_head  # noqa: E402
from whenabouts.grounders.learned.detr.cg_detr import CGDETR, CGDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.qd_detr import QDDETR, QDDETRConfig  # noqa: E402
from whenabouts.grounders.learned.detr.univtg import UniVTG, UniVTGConfig  # noqa: E402
from whenabouts.grounders.learned.head import HEADS, head_class  # noqa: E402
from whenabouts.grounders.learned.proposal.heads import TwoDTANHead  # noqa: E402
from whenabouts.grounders.learned.proposal.ms_two_d_tan import MSTwoDTAN, MSTwoDTANConfig  # noqa: E402
from whenabouts.grounders.learned.proposal.two_d_tan import TwoDTAN, TwoDTANConfig  # noqa: E402


def equal(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("name", HEADS)
def test_what_is_saved_comes_back(name: str, tmp_path: Path) -> None:
    head = head_class(name).sized(20, 12, small=True)
    save_head(head, tmp_path / "head.pt", {"encoder": "builtin", "clip_seconds": 2.0})
    back = from_checkpoint(tmp_path / "head.pt")
    assert back.options == head.options and not back.training
    assert equal(back.model, head.model)
    assert read_facts(tmp_path / "head.pt")["encoder"] == "builtin"


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
@pytest.mark.parametrize("config", [TwoDTANConfig.activitynet(), MSTwoDTANConfig(video_dim=40, kernels=(3, 3))])
def test_bare_parameters_tell_the_model(config: object, tmp_path: Path) -> None:
    model = TwoDTAN(config) if isinstance(config, TwoDTANConfig) else MSTwoDTAN(config)
    torch.save(model.state_dict(), tmp_path / "epoch.pkl")
    head = from_checkpoint(tmp_path / "epoch.pkl")
    assert head.model.config == config
    assert equal(head.model, model)


def test_a_grid_that_a_file_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    config = TwoDTANConfig(video_dim=8, text_dim=4, hidden=4, text_hidden=4, kernels=(5,) * 8)
    torch.save(TwoDTAN(config).state_dict(), tmp_path / "iter.pkl")
    with pytest.raises(ModelError, match="does not tell its grid"):
        from_checkpoint(tmp_path / "iter.pkl")
    assert from_checkpoint(tmp_path / "iter.pkl", head=TwoDTANHead(config)).name == "2d-tan"


class EasyDict(dict):
    """As the package of that name: every key is an attribute too."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        super().__setitem__(name, value)

    __setitem__ = __setattr__


def test_lighthouse_features_are_put_in_official_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("easydict")
    EasyDict.__module__, EasyDict.__qualname__, module.EasyDict = "easydict", "EasyDict", EasyDict
    options = EasyDict()
    options.nheads, options.dset_name, options.feature_name = 8, "qvhighlight", "clip_slowfast"
    model = MomentDETR()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "easydict", module)
        torch.save({"model": model.state_dict(), "opt": options}, tmp_path / "best.ckpt")
    theirs, ours = model.state_dict(), from_checkpoint(tmp_path / "best.ckpt").model.state_dict()
    for key in ("LayerNorm.weight", "LayerNorm.bias", "net.1.weight"):
        a, b = theirs[f"input_vid_proj.0.{key}"], ours[f"input_vid_proj.0.{key}"]
        assert torch.equal(a[..., :512], b[..., 2304:2816])
        assert torch.equal(a[..., 512:2816], b[..., :2304])
        assert torch.equal(a[..., 2816:], b[..., 2816:])
    video = torch.randn(1, 6, 2818)
    swapped = torch.cat([video[..., 2304:2816], video[..., :2304], video[..., 2816:]], dim=-1)
    rest = torch.ones(1, 6), torch.randn(1, 4, 512), torch.ones(1, 4)
    with torch.no_grad():
        own = from_checkpoint(tmp_path / "best.ckpt").model(video, *rest).spans
        assert torch.allclose(own, model.eval()(swapped, *rest).spans, atol=1e-6)


class Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"model": {}, "opt": Evil(tmp_path / "ran")}, tmp_path / "evil.ckpt")
    with pytest.raises(ModelError, match=r"names posix\.system, which could run code"):
        from_checkpoint(tmp_path / "evil.ckpt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no checkpoint"),
        (b"", "not a checkpoint that can be read"),
        (b"hello", "not a checkpoint that can be read"),
        ([1, 2], "not the parameters of a model"),
        ({"model": {"a": torch.zeros(1)}}, "none of the models known here"),
        ({"model": 3}, "no parameters"),
    ],
)
def test_other_files_are_refused_in_a_sentence(content: object, told: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ModelError, match=told):
        from_checkpoint(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    save_head(head_class("univtg").sized(8, 8, small=True), tmp_path / "a.pt", {})
    (tmp_path / "b.pt").write_bytes((tmp_path / "a.pt").read_bytes()[:4000])
    with pytest.raises(ModelError, match="can be read"):
        from_checkpoint(tmp_path / "b.pt")
