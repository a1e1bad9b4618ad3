"""TRACE from a folder: the official names, and one sentence for every folder that does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from safetensors.torch import load_file, save_file  # noqa: E402
from tiny_trace import CLIP, network, save  # noqa: E402
from transformers import CLIPVisionConfig, CLIPVisionModel  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.llm.systems.trace.loading import load  # noqa: E402

SHARDS = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(tmp_path / "trace", network(5))


def test_a_folder_gives_back_what_was_saved(folder: Path) -> None:
    loaded, saved = load(folder, "cpu"), network(5).state_dict()
    state = loaded.network.state_dict()
    assert state.keys() == saved.keys() and all(torch.equal(state[key], saved[key]) for key in saved)
    assert (loaded.size, loaded.pad, loaded.start, loaded.stop) == (28, True, 1, 2)
    assert not loaded.network.training


def test_official_names() -> None:
    """As `TraceMistralForCausalLM.save_pretrained` of gyxxyg/TRACE writes them."""
    names = network().state_dict().keys()
    own = {name for name in names if ".layers." not in name and "embeddings" not in name and "layernorm" not in name}
    assert own == {
        "model.embed_tokens.weight",
        "model.norm.weight",
        "model.vision_tower.vision_tower.vision_model.pre_layrnorm.weight",
        "model.vision_tower.vision_tower.vision_model.pre_layrnorm.bias",
        "model.mm_projector.slots",
        "model.mm_projector.ln_vision.weight",
        "model.mm_projector.ln_vision.bias",
        "model.mm_projector.readout.weight",
        "model.time_tower.embed_tokens.weight",
        "model.score_tower.embed_tokens.weight",
        "model.sync_tower.embed_tokens.weight",
        "lm_head.weight",
        "time_head.weight",
        "score_head.weight",
        "sync_head.weight",
    }
    assert len(names) == 86


def test_clip_comes_from_its_own_folder_where_the_checkpoint_has_none(folder: Path) -> None:
    for shard in SHARDS:
        state = load_file(folder / shard)
        save_file({key: value for key, value in state.items() if "vision_tower" not in key}, folder / shard)
    torch.manual_seed(1)
    clip = CLIPVisionModel(CLIPVisionConfig(**CLIP))
    clip.save_pretrained(folder / "clip-vit-tiny")
    seen = load(folder, "cpu").network.model.vision_tower.vision_tower.vision_model
    pixels = torch.randn(1, 3, 28, 28)
    assert torch.equal(seen(pixels).last_hidden_state, clip.eval()(pixels).last_hidden_state)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text) and None


def config(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        facts = json.loads((folder / "config.json").read_text()) | changes
        (folder / "config.json").write_text(json.dumps({k: v for k, v in facts.items() if v is not None}))

    return change


def weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        state = load_file(folder / SHARDS[0])
        change(state)
        save_file(state, folder / SHARDS[0])

    return spoil


def drop_heads(state: dict[str, torch.Tensor]) -> None:
    for key in [key for key in state if "mm_projector" in key or "head" in key or "tower.embed" in key]:
        del state[key]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (remove("config.json"), r"config\.json cannot be read; name the folder of a published TRACE"),
        (write("config.json", "{"), r"config\.json is not the config of a TRACE checkpoint"),
        (config(model_type="llava"), "holds a model of the kind 'llava', where TRACE's is 'trace_mistral'"),
        (config(mm_projector_type="stc_connector"), "has a projector 'stc_connector'"),
        (config(mm_vision_tower=None), "names no mm_vision_tower"),
        (config(hidden_size=48), r"lm_head\.weight is 420 x 64, and 420 x 48 is needed"),
        (config(hidden_size="many"), "cannot be loaded as TRACE"),
        (remove("tokenizer.model"), r"has no tokenizer\.model; copy the whole folder"),
        (write("tokenizer.model", "?"), "cannot be loaded as TRACE"),
        (remove(SHARDS[1]), rf"lacks {SHARDS[1]}, which its index names"),
        (write("model.safetensors.index.json", "[]"), r"index\.json is damaged"),
        (write(SHARDS[0], "?"), f"{SHARDS[0]} cannot be read: "),
        (weights(lambda state: state.update(bias=torch.zeros(1))), "weights that do not belong here: bias"),
        (weights(drop_heads), r"lacks weights: lm_head\.weight, \S+, \S+ and \d more"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(folder)
    with pytest.raises(ModelError, match=message) as error:
        load(folder, "cpu")
    assert "\n" not in str(error.value)


def test_a_folder_without_weights(tmp_path: Path) -> None:
    folder = save(tmp_path / "trace", network())
    for path in folder.glob("*.safetensors*"):
        path.unlink()
    with pytest.raises(ModelError, match=r"has no weights, which are files \*\.safetensors"):
        load(folder, "cpu")
