"""What a training leaves is what was trained: base and adapter are one model afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rl import QUIET, SFT_TINY

from whenabouts.errors import InputError
from whenabouts.training.post.loading import load
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.drawing import merged
from whenabouts.training.post.tiny.models import tiny_model

import torch  # isort: skip  # tiny_rl skips these tests where it is missing

SAMPLES = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0) for i in range(4)]


def weights_of(folder: str) -> dict[str, torch.Tensor]:
    return {name: weight.detach() for name, weight in load(folder)[0].named_parameters()}


def base_and_adapter(base: dict[str, torch.Tensor], folder: Path) -> dict[str, torch.Tensor]:
    """The weights W + B A of LoRA (arXiv:2106.09685), worked out from the file of the adapter; alpha is the rank."""
    from safetensors.torch import load_file

    low = load_file(folder / "adapter_model.safetensors")
    made = dict(base)
    for name, down in low.items():
        if name.endswith("lora_A.weight"):
            up = low[name.replace("lora_A", "lora_B")]
            whole = name.removeprefix("base_model.model.").replace("lora_A.weight", "weight")
            assert up.abs().sum() > 0
            made[whole] = base[whole] + up @ down
    return made


def test_the_merged_model_is_the_base_and_the_adapter(videos: Path, tmp_path: Path) -> None:
    recipe = replace(SFT_TINY, frames=2, steps=1)
    Run(recipe, SAMPLES, videos, tmp_path, lora=4).train("tiny", **QUIET)
    base, merged = weights_of("tiny"), weights_of(str(tmp_path))
    expected = base_and_adapter(base, tmp_path / "adapter")
    assert sum((expected[name] != weight).any().item() for name, weight in base.items()) == 4 * 4
    assert all(torch.allclose(merged[name], weight, atol=1e-6) for name, weight in expected.items())


def test_adapters_on_four_bits_are_merged_into_whole_weights(videos: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="the extra quantised is not installed")
    network, processor = tiny_model(kind="qwen2_5_vl", hidden=64, layers=2)
    network.save_pretrained(tmp_path / "base")
    processor.save_pretrained(tmp_path / "base")
    run = Run(replace(SFT_TINY, frames=2, steps=1), SAMPLES, videos, tmp_path / "run", lora=4, quantised=True)
    kinds = {type(part).__name__ for part in run.prepared(str(tmp_path / "base"))[0].model.language_model.modules()}
    assert "Linear4bit" in kinds
    run.train(str(tmp_path / "base"), **QUIET)
    base, merged = weights_of(str(tmp_path / "base")), weights_of(str(tmp_path / "run"))
    expected = base_and_adapter(base, tmp_path / "run" / "adapter")
    assert all(torch.allclose(merged[name], weight, atol=1e-6) for name, weight in expected.items())
    with pytest.raises(InputError, match="give --lora RANK too"):
        replace(run, lora=None, out=tmp_path / "none").train(str(tmp_path / "base"), **QUIET)


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_5"])
def test_small_steps_survive_a_base_of_16_bits(
    kind: str, videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peft = pytest.importorskip("peft", reason="the extra rl is not installed")
    network, processor = tiny_model(kind=kind, hidden=64)
    network.to(torch.bfloat16).save_pretrained(tmp_path / "base")
    processor.save_pretrained(tmp_path / "base")
    config = json.loads((tmp_path / "base" / "config.json").read_text("utf-8"))
    config.pop("dtype")  # as hub folders of Qwen3 have it: said of the language part alone
    config["text_config"]["dtype"] = "bfloat16"
    (tmp_path / "base" / "config.json").write_text(json.dumps(config), "utf-8")
    recipe = replace(SFT_TINY, frames=2, steps=1, learning_rate=1e-6)
    monkeypatch.chdir(tmp_path)
    receipt = Run(recipe, SAMPLES, videos, tmp_path / "run", lora=4).train("base", **QUIET)
    assert receipt["saved"]["kept"] < 0.5 and receipt["saved"]["weights"] == "float32"
    kept = json.loads((tmp_path / "run" / "adapter" / "adapter_config.json").read_text("utf-8"))
    assert kept["base_model_name_or_path"] == str((tmp_path / "base").resolve())
    base, merged_ = weights_of(str(tmp_path / "base")), weights_of(str(tmp_path / "run"))
    base = {name: weight.float() for name, weight in base.items()}
    expected = base_and_adapter(base, tmp_path / "run" / "adapter")
    changed = {name.split(".")[-2] for name in base if not torch.equal(expected[name], base[name])}
    assert ("in_proj_qkv" in changed) == (
        kind == "qwen3_5"
    ) and "q_proj" in changed  # layers of both kinds of attention
    for name, weight in expected.items():
        torch.testing.assert_close(merged_[name].float(), weight, atol=0, rtol=1e-6)
    tuned = peft.PeftModel.from_pretrained(load(str(tmp_path / "base"))[0], str(tmp_path / "run" / "adapter"))
    with merged(tuned):
        assert not any(getattr(layer, "merged", False) for layer in tuned.modules())


def test_a_model_is_saved_as_it_was_stored(videos: Path, tmp_path: Path) -> None:
    network, processor = tiny_model(kind="qwen3_vl", hidden=64, layers=2)
    network.to(torch.bfloat16).save_pretrained(tmp_path / "base")
    processor.save_pretrained(tmp_path / "base")
    config = json.loads((tmp_path / "base" / "config.json").read_text("utf-8"))
    config.pop("dtype")
    config["text_config"]["dtype"] = "bfloat16"
    (tmp_path / "base" / "config.json").write_text(json.dumps(config), "utf-8")
    (tmp_path / "base" / "video_preprocessor_config.json").write_text('{"size": {}}', "utf-8")
    recipe = replace(SFT_TINY, frames=2, steps=1)
    receipt = Run(recipe, SAMPLES, videos, tmp_path / "run").train(str(tmp_path / "base"), **QUIET)
    assert receipt["saved"] == {"weights": "bfloat16"}
    assert (tmp_path / "run" / "video_preprocessor_config.json").read_text("utf-8") == '{"size": {}}'
    assert {weight.dtype for weight in weights_of(str(tmp_path / "run")).values()} == {torch.bfloat16}


def test_a_damaged_video_is_found_before_the_first_update(videos: Path, tmp_path: Path) -> None:
    from whenabouts.errors import VideoError

    (tmp_path / "video.mkv").write_bytes((videos / "video.mkv").read_bytes())
    (tmp_path / "broken.mkv").write_bytes(b"no video")
    samples = [*SAMPLES, replace(SAMPLES[0], sample="last", video="broken.mkv")]
    with pytest.raises(VideoError, match=r"broken\.mkv"):
        Run(SFT_TINY, samples, tmp_path, tmp_path / "run").check()
