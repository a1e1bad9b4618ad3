"""Folders in the layouts that their authors publish: every family loads, and answers as transformers itself does."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from tiny_checkpoints import PUBLISHED, make_adapter, make_checkpoint, merged  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames  # noqa: E402
from whenabouts.grounders.llm.engines.qwen import FrameProcessor  # noqa: E402
from whenabouts.grounders.llm.engines.transformers import TransformersEngine  # noqa: E402
from whenabouts.grounders.llm.engines.weights import weights_identity  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.compose import Still, compose  # noqa: E402

pytestmark = pytest.mark.filterwarnings("error::FutureWarning")

TIMES = (0.0, 0.5, 1.0, 1.5)
IMAGES = tuple(np.random.default_rng(i).integers(0, 255, (56, 84, 3), dtype=np.uint8) for i in range(4))
FRAMES = Frames(TIMES, IMAGES, 2.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint("qwen2_5_vl", tmp_path_factory.mktemp("published") / "base")


def asked(engine: TransformersEngine, *queries: str) -> list[Conversation]:
    return [PAPERS["qwen3-vl"].prompting.conversation(query, TIMES, stamped=engine.stamped) for query in queries]


def said(engine: TransformersEngine, decoding: Decoding = Decoding(6)) -> list[str]:  # noqa: B008
    found = engine.answer(asked(engine, "a cat", "a dog that barks"), FRAMES, decoding)
    return [reply.text for [reply] in found]


def plainly(engine: TransformersEngine, conversation: Conversation, tokens: int) -> str:
    """The answer of transformers' own `generate` to the whole prompt, prepared by the model's own processor."""
    from PIL import Image

    head, tail, runs = engine._split(conversation, Decoding())
    if isinstance(engine.processor, FrameProcessor):
        given = engine.processor.shown(head + tail, runs, FRAMES)
    else:
        pictures = [Image.fromarray(FRAMES.images[i]) for run in runs for i in run]
        given = engine.processor(text=[head + tail], images=[pictures], return_tensors="pt")
    with torch.no_grad():
        ids = engine.network.generate(
            **given, max_new_tokens=tokens, do_sample=False, repetition_penalty=1.0, num_beams=1
        )
    text: str = engine.processor.batch_decode(ids[:, given["input_ids"].shape[1] :], skip_special_tokens=True)[0]
    return text


def test_a_folder_without_tokenizer_is_told(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wordless"
    words = ("tokenizer*", "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json")
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns(*words))
    with pytest.raises(ModelError, match="tokenizer"):
        TransformersEngine(folder, device="cpu")


@pytest.mark.parametrize("kind", PUBLISHED)
def test_a_published_folder_loads_and_answers_as_transformers_does(kind: str, tmp_path: Path) -> None:
    if kind == "smolvlm" and importlib.util.find_spec("num2words") is None:
        with pytest.raises(ModelError, match=r"cannot be loaded as a vision-language model: .*num2words"):
            TransformersEngine(make_checkpoint(kind, tmp_path), device="cpu")
        return
    engine = TransformersEngine(make_checkpoint(kind, tmp_path), device="cpu")
    assert engine.network.dtype == torch.bfloat16
    engine.network.float()  # sums in bfloat16 differ by the order in which they are made
    assert said(engine) == [plainly(engine, one, 6) for one in asked(engine, "a cat", "a dog that barks")]
    torch.manual_seed(0)
    [replies] = engine.answer(asked(engine, "a cat"), FRAMES, Decoding(8, 1.0, samples=4))
    assert len({reply.text for reply in replies}) == 4


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl", "qwen3_5", "internvl"])
def test_find_answers_with_a_published_folder(kind: str, tmp_path: Path) -> None:
    folder, path = make_checkpoint(kind, tmp_path / kind), tmp_path / "video.mp4"
    compose(path, [Still(np.full((96, 128, 3), 90, np.uint8), 4.0, 1.0)], size=(128, 96), rate=4)
    with Video(path) as video:
        [prediction] = load(str(folder), device="cpu", prompting="qwen3-vl", frames=4).ground(video, ["a cat"])
    assert prediction.said and prediction.receipt is not None
    assert prediction.receipt.models == {f"transformers:{folder}": weights_identity(str(folder))}


def test_an_adapter_is_laid_over_its_base(base: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="the extra rl is not installed")
    adapter = make_adapter(base, tmp_path / "adapter")
    assert not (adapter / "config.json").exists()
    whole = merged(base, adapter, tmp_path / "merged")
    engines = {name: TransformersEngine(folder, device="cpu") for name, folder in
               (("base", base), ("adapter", adapter), ("merged", whole))}  # fmt: skip
    for engine in engines.values():
        engine.network.float()
    answers = {name: said(engine) for name, engine in engines.items()}
    assert answers["adapter"] == answers["merged"] != answers["base"]
    assert len({engine.identity for engine in engines.values()}) == 3
    assert engines["adapter"].weight_bytes > engines["base"].weight_bytes
    assert isinstance(load(str(adapter), prompting="qwen2.5-vl", device="cpu").engine, TransformersEngine)


@pytest.mark.parametrize("says", ["/nowhere/Qwen2.5-VL-7B", "./missing", "", "not/on/a/hub"])
def test_an_adapter_without_its_base_is_told_in_a_sentence(says: str, base: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="the extra rl is not installed")
    adapter = make_adapter(base, tmp_path / "adapter")
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"base_model_name_or_path": says}), "utf-8")
    with pytest.raises(ModelError, match="base_model_name_or_path") as error:
        TransformersEngine(adapter, device="cpu")
    assert "\n" not in str(error.value)


def test_a_base_beside_its_adapter_is_found_by_a_relative_path(base: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="the extra rl is not installed")
    adapter = make_adapter(base, tmp_path / "both" / "adapter", says="../base")
    shutil.copytree(base, tmp_path / "both" / "base")
    assert said(TransformersEngine(adapter, device="cpu"))


def test_an_adapter_that_lacks_weights_is_refused(base: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="the extra rl is not installed")
    from safetensors.torch import load_file, save_file

    file = make_adapter(base, tmp_path / "adapter") / "adapter_model.safetensors"
    weights: dict[str, Any] = load_file(file)
    weights.pop(next(iter(weights)))
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks 1 of the weights that it declares"):
        TransformersEngine(file.parent, device="cpu")


def test_a_folder_without_one_of_its_files_of_weights_is_refused(base: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(base, tmp_path / "part")
    index = folder / "model.safetensors.index.json"
    said = json.loads(index.read_text("utf-8"))
    name = next(key for key in said["weight_map"] if key.endswith("layers.1.mlp.up_proj.weight"))
    from safetensors.torch import load_file, save_file

    file = folder / said["weight_map"].pop(name)
    weights: dict[str, Any] = load_file(file)
    weights.pop(name)
    save_file(weights, file, metadata={"format": "pt"})
    index.write_text(json.dumps(said), "utf-8")
    with pytest.raises(ModelError, match=r"1 of its weights are in no file, the first: .*layers.1.mlp.up_proj.weight"):
        TransformersEngine(folder, device="cpu")
    file.unlink()
    with pytest.raises(ModelError, match="cannot be loaded as a vision-language model"):
        TransformersEngine(folder, device="cpu")


def test_linear_attention_alone_is_refused(tmp_path: Path) -> None:
    """transformers' cache knows its length from layers of full attention."""
    folder = make_checkpoint("qwen3_5", tmp_path / "linear")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["text_config"] |= {"num_hidden_layers": 2, "layer_types": ["linear_attention"] * 2}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ModelError, match=r"cannot be loaded .*: all its layers are linear attention"):
        TransformersEngine(folder, device="cpu")


def test_the_identity_follows_every_weight(base: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(base, tmp_path / "copy")
    before = weights_identity(str(folder))
    assert before == weights_identity(str(base)) and len(before) == 64
    (folder / "grounder").mkdir()
    (folder / "grounder" / "adapter_model.safetensors").write_bytes(b"1")
    assert weights_identity(str(folder)) != before
    assert weights_identity("no/such-model-here") == "no/such-model-here"


def test_a_name_on_the_hub_is_known_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--someone--model"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    (repository / "snapshots" / commit).mkdir(parents=True)
    (repository / "snapshots" / commit / "config.json").write_text("{}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert weights_identity("someone/model") == f"someone/model@{commit}"
