"""VideoITG from a folder: the official names, and one sentence for every folder that does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from safetensors.torch import load_file, save_file  # noqa: E402
from tiny_videoitg import SIGLIP, network, save  # noqa: E402
from transformers import SiglipVisionConfig, SiglipVisionModel  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.selection.videoitg.loading import load  # noqa: E402

SHARDS = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
TOWER = "model.vision_tower."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(tmp_path / "videoitg", network(5))


def test_a_folder_gives_back_what_was_saved(folder: Path) -> None:
    loaded, saved = load(folder, "cpu"), network(5).state_dict()
    state = loaded.network.state_dict()
    assert state.keys() == saved.keys() and all(torch.equal(state[key], saved[key]) for key in saved)
    assert (loaded.size, loaded.longest) == (28, 900) and len(loaded.sha256) == 64
    assert not loaded.network.training


def test_official_names() -> None:
    """As the state dict of `EagleQwenG` of NVlabs/VideoITG has them, with its SigLIP loaded."""
    names = network().state_dict().keys()
    siglip = TOWER + "vision_tower.vision_model."
    assert {name for name in names if ".layers." not in name and not name.startswith(siglip)} == {
        "model.embed_tokens.weight",
        "model.norm.weight",
        "model.mm_projector.out_projection.0.weight",
        "model.mm_projector.out_projection.0.bias",
        "model.mm_projector.out_projection.2.weight",
        "model.mm_projector.out_projection.2.bias",
        "out_proj.weight",
        "out_proj.bias",
    }
    assert {f"{siglip}embeddings.position_embedding.weight", f"{siglip}head.probe"} < names
    assert len(names) == 96


def test_siglip_may_lie_beside_the_weights(folder: Path) -> None:
    whole = load(folder, "cpu").network.state_dict()
    siglip = SiglipVisionModel(SiglipVisionConfig(**SIGLIP))
    core = getattr(siglip, "vision_model", siglip)
    core.load_state_dict({name.split("vision_model.")[1]: v for name, v in whole.items() if name.startswith(TOWER)})
    siglip.save_pretrained(folder / "siglip-tiny")
    for shard in SHARDS:
        state = load_file(folder / shard)
        save_file({name: value for name, value in state.items() if not name.startswith(TOWER)}, folder / shard)
    again = load(folder, "cpu").network.state_dict()
    assert all(torch.equal(again[name], whole[name]) for name in whole)


def _config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _without(folder: Path, part: str) -> None:
    for shard in SHARDS:
        save_file({name: v for name, v in load_file(folder / shard).items() if part not in name}, folder / shard)


def _with(folder: Path, name: str, value: torch.Tensor) -> None:
    save_file(load_file(folder / SHARDS[0]) | {name: value}, folder / SHARDS[0])


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda f: (f / "config.json").unlink(), "cannot be read; name the folder"),
        (lambda f: (f / "config.json").write_text("[1]"), "is not the config"),
        (lambda f: _config(f, model_type="qwen2"), "of the kind 'qwen2', not 'eagle_QwenG'"),
        (lambda f: _config(f, mm_projector_type="linear"), "mm_projector_type is 'linear'; only 'seq_mlp'"),
        (lambda f: _config(f, mm_use_4_vision_tokens=True), "mm_use_4_vision_tokens is True"),
        (lambda f: _config(f, use_sliding_window=True), "use_sliding_window is set"),
        (lambda f: _config(f, hidden_size="wide"), "cannot be loaded as VideoITG"),
        (lambda f: _without(f, "out_proj.bias"), "lacks weights"),
        (lambda f: _without(f, "vision_model.head.probe"), "lacks weights: model.vision_tower"),
        (lambda f: _with(f, "lm_head.weight", torch.zeros(3)), "do not belong here: lm_head.weight"),
        (lambda f: _with(f, "out_proj.weight", torch.zeros(1, 8)), "out_proj.weight is 1 x 8, and 1 x 64 is needed"),
        (lambda f: (f / SHARDS[1]).unlink(), "lacks model-00002-of-00002.safetensors"),
        (lambda f: (f / SHARDS[1]).write_bytes(b"nothing"), f"{SHARDS[1]} cannot be read: "),
        (lambda f: (f / "tokenizer.json").unlink(), "cannot be loaded as VideoITG"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    folder: Path, damage: Callable[[Path], object], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=sentence) as told:
        load(folder, "cpu")
    assert "\n" not in str(told.value)
