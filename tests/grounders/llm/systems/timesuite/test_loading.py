"""The folder of TimeSuite's published files: what is read from it, and what is said of one that is not whole."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from tiny_timesuite import MODEL, SEEN, STAGE_3, write_folder  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.llm.systems.timesuite.loading import load  # noqa: E402

TRAINED = "timesuite.pth"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path)
    return tmp_path


def changed(path: Path, change: Any) -> None:
    content = torch.load(path, weights_only=True)
    change(content.get("model", content))
    torch.save(content, path)


def refusal(folder: Path, words: str) -> None:
    with pytest.raises(ModelError, match=words) as told:
        load(folder, "cpu")
    assert "\n" not in str(told.value)


def test_every_parameter_comes_from_the_last_file_that_holds_it(tmp_path: Path) -> None:
    written = write_folder(tmp_path)
    loaded = load(tmp_path, "cpu")
    state = loaded.network.state_dict()
    assert state.keys() == written.keys()
    assert [name for name, value in written.items() if not torch.equal(state[name], value)] == []
    assert set(loaded.hashes) == {"umt_l16_qformer.pth", STAGE_3, TRAINED, "Mistral-7B-Instruct-v0.2"}
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in loaded.hashes.values())


def test_names_of_newer_adapters_and_a_full_language_model_are_read(folder: Path) -> None:
    name = "mistral_model.base_model.model.model.layers.0.mlp.up_proj.{}weight"
    changed(folder / TRAINED, lambda state: state.update({name.format("base_layer."): torch.full((48, 32), 0.5)}))
    assert (load(folder, "cpu").network.state_dict()[name.format("")] == 0.5).all()


def test_the_language_model_may_lie_beside_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "parameters"
    write_folder(inside)
    (inside / "Mistral-7B-Instruct-v0.2").rename(tmp_path / "Mistral-7B-Instruct-v0.2")
    assert load(inside, "cpu").network.language.config.hidden_size == 32


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("config.json", "config.json cannot be read; name the folder"),
        (TRAINED, "timesuite.pth does not exist"),
        ("umt_l16_qformer.pth", r"lacks vision_encoder.encoder.*, .*, .* and 2\d more; copy all its published files"),
        ("Mistral-7B-Instruct-v0.2/config.json", "has no language model: copy the folder Mistral-7B-Instruct-v0.2"),
        ("Mistral-7B-Instruct-v0.2/model.safetensors", "cannot be loaded as a Mistral"),
    ],
)
def test_a_missing_file_is_named(folder: Path, name: str, words: str) -> None:
    (folder / name).unlink()
    refusal(folder, words)


def test_foreign_missing_and_misshapen_parameters_are_named(folder: Path) -> None:
    changed(folder / TRAINED, lambda state: state.update(a=torch.zeros(1), b=torch.zeros(1), c=torch.zeros(1)))
    changed(folder / TRAINED, lambda state: state.update(d=torch.zeros(1)))
    refusal(folder, r"timesuite.pth holds what VideoChat-T does not have: a, b, c and 1 more")
    changed(folder / TRAINED, lambda state: [state.pop(name) for name in ("a", "b", "c", "d")])
    changed(folder / TRAINED, lambda state: state.update({"clip_proj.weight": torch.zeros(3, 3)}))
    refusal(folder, r"clip_proj.weight is 3 x 3, and its config needs 24 x 24")
    changed(folder / TRAINED, lambda state: state.pop("merge_proj.bias"))
    changed(folder / TRAINED, lambda state: state.update({"clip_proj.weight": torch.zeros(24, 24)}))
    refusal(folder, r"lacks merge_proj.bias; copy")


def test_files_that_are_no_parameters_are_refused(folder: Path) -> None:
    torch.save({"model": {"a": 1}}, folder / TRAINED)
    refusal(folder, "holds no parameters of a model by name")
    torch.save({"model": 3}, folder / TRAINED)
    refusal(folder, "holds no parameters")
    (folder / TRAINED).write_bytes(b"no")
    refusal(folder, "is not loaded: it holds more than parameters")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ([], "is not TimeSuite's config"),
        ({"model": {"vision_encoder": 3, "num_query_token": 4}}, "its vision_encoder has no settings"),
        ({"model": MODEL | {"num_frames": "many"}}, "is not TimeSuite's config"),
        ({"model": MODEL | {"clip_frames": 0}}, "is not TimeSuite's config"),
        ({"model": MODEL | {"vision_encoder": SEEN | {"img_size": 448}}}, "another model than VideoChat-T"),
    ],
)
def test_other_configs_are_refused(folder: Path, config: Any, words: str) -> None:
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    refusal(folder, words)


def test_a_device_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="cannot be put on the device 'nowhere'"):
        load(folder, "nowhere")
