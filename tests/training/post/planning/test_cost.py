"""What a run is expected to cost: beside what was measured, and its formula worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.training.post.planning.cost import PARTS, estimate
from whenabouts.training.post.planning.hardware import GPUS, Device, device_named
from whenabouts.training.post.planning.shapes import MODELS, Shape, Tower, shape_of

SFT, TIME_R1, TIMELENS = (RECIPES[name] for name in ("sft", "time-r1", "timelens"))
SEVEN = MODELS["Qwen2.5-VL-7B"]
# One query of 32 frames of 252 × 336 pixels, shown as images; eight answers of 64 tokens: measured on an H200 with
# transformers 5.24 and TRL 1.16.
assert isinstance(TIME_R1, GRPO)
UPDATE = replace(TIME_R1, batch=8, frames=32, visual_tokens=32 * 9 * 12, tokens=64)
LLAVA = Shape(334e6, 24, 1024, 16, 64, 32_000, Tower(20e6, 12, 1, packed=False))  # dimensions of this size


@pytest.mark.parametrize(
    ("shape", "lora", "beta", "kept", "measured"),
    [
        (MODELS["Qwen2.5-VL-3B"], 16, 0.04, False, (34, 47)),  # the tower's windows one by one, for every answer
        (MODELS["Qwen2.5-VL-3B"], 16, 0.04, True, (7.5, 8.0)),
        (LLAVA, None, 0.0, None, (2.2, 3.9)),  # all weights
    ],
)
def test_an_update_takes_within_twice_of_what_was_measured(
    shape: Shape, lora: int | None, beta: float, kept: bool | None, measured: tuple[float, float]
) -> None:
    cost = estimate(replace(UPDATE, beta=beta), shape, 1, GPUS["H200"], lora=lora, micro=8, kept=kept, sampler="each")
    assert max(measured) / 2 < cost.seconds_per_update < min(measured) * 2


def test_sampling_is_most_of_it_and_took_a_tenth_of_a_second_for_a_token() -> None:
    cost = estimate(UPDATE, MODELS["Qwen2.5-VL-3B"], 1, GPUS["H200"], lora=16, micro=8, sampler="each")
    assert cost.seconds["sampling"] == pytest.approx(6.4, rel=0.25)
    assert cost.seconds["sampling"] > cost.seconds_per_update / 2


def test_the_formula_by_hand_where_computing_takes_longest() -> None:
    gpu = Device(flops=1e9, memory=80, bandwidth=1e18, link=1e18, launch=1e-12)
    shape = Shape(1000 + 30, layers=2, hidden=8, kv_heads=1, head=4, vocabulary=10, tower=Tower(30, 3))
    recipe = replace(UPDATE, batch=16, group=4, visual_tokens=40, tokens=10, frames=8)
    cost = estimate(recipe, shape, 4, gpu, prompt_tokens=100, micro=4)
    each = estimate(recipe, shape, 4, gpu, prompt_tokens=100, micro=4, sampler="each")
    second, length = 1e9 * 0.4, 100 + 10
    answers = 16 * length * (2 * 1000 + 2 * 2 * 8 * length) / second
    by_hand = {
        "reading": 4 * 8 * 0.01,  # four prompts
        "vision": 4 * 2 * 30 * 4 * 40 / second,
        "sampling": (4 * 100 * (2 * 1000 + 2 * 2 * 8 * 100) + 16 * 10 * 2 * 1000) / second,
        "scoring": answers,
        "loss": 4 * answers,
    }
    assert {part: cost.seconds[part] for part in by_hand} == pytest.approx(by_hand)
    assert each.seconds["sampling"] - cost.seconds["sampling"] == pytest.approx(12 * 100 * (2000 + 3200) / second)
    assert cost.updates == 5 and cost.gpu_hours == pytest.approx(5 * sum(by_hand.values()) / 3600)


def test_the_formula_by_hand_where_reading_or_starting_takes_longest() -> None:
    shape = Shape(1000 + 30, layers=2, hidden=8, kv_heads=1, head=4, vocabulary=10, tower=Tower(30, 3, window=4))
    recipe = replace(UPDATE, batch=4, group=4, beta=0.0, visual_tokens=40, tokens=10, frames=8)
    reading = Device(flops=1e18, memory=80, bandwidth=1e6, link=1e18, launch=1e-15)
    cost = estimate(recipe, shape, 1, reading, prompt_tokens=100, micro=1)
    step = 2 * 1000 + 4 * 2 * 1 * 4 * 110 * 4  # weights, and keys and values of four answers, in bytes
    assert cost.seconds["sampling"] == pytest.approx((2 * 1000 + 10 * step) / 1e6)
    assert cost.seconds["loss"] == pytest.approx(4 * 4 * 2 * 1000 / 1e6)
    assert cost.seconds["optimiser"] == pytest.approx(28 * 1030 / 1e6)
    starting = Device(flops=1e18, memory=80, bandwidth=1e18, link=1e18, launch=1.0)
    cost = estimate(recipe, shape, 1, starting, prompt_tokens=100, micro=2)
    windows = 4 * 3  # four pairs of frames with ten tokens each, four to a window
    assert cost.seconds["vision"] == 3 * (72 + 8 * windows)
    assert (cost.seconds["sampling"], cost.seconds["loss"]) == ((1 + 10) * 2 * 72, 4 * 2 * 2 * 72)
    alone = estimate(recipe, shape, 1, starting, prompt_tokens=100, lora=4, sampler="each")
    merged = estimate(recipe, shape, 1, starting, prompt_tokens=100, lora=4)
    assert (alone.seconds["sampling"], merged.seconds["sampling"]) == (11 * 2 * 112, 2 * 112 + 10 * 2 * 72)
    every = estimate(recipe, shape, 1, starting, prompt_tokens=100, kept=False).seconds["vision"]
    assert every == 2 * 3 * (72 + 8 * windows * 4)  # sampling and loss, four answers each


def test_vllm_spares_the_starts_and_reads_a_prompt_once_for_its_group() -> None:
    plain = estimate(UPDATE, SEVEN, 100, GPUS["H100"], lora=16, sampler="each")
    served = estimate(UPDATE, SEVEN, 100, GPUS["H100"], lora=16, sampler="vllm")
    assert served.seconds["sampling"] < plain.seconds["sampling"] / 5
    floor = 64 * 2 * SEVEN.language / GPUS["H100"].bandwidth  # the weights are read for every token
    assert served.seconds["sampling"] > floor


def test_several_gpus_share_the_work_and_rates_of_a_profile_scale_it() -> None:
    one, eight = (estimate(TIMELENS, SEVEN, 2500, GPUS["A100"], gpus=gpus) for gpus in (1, 8))
    assert one.updates == eight.updates == 100
    assert one.seconds_per_update / 8 < eight.seconds_per_update < one.seconds_per_update
    assert eight.memory < one.memory / 4
    rates = dict.fromkeys(PARTS, 1.0) | {"sampling": 3.0}
    more = estimate(TIMELENS, SEVEN, 2500, GPUS["A100"], rates=rates)
    assert more.seconds_per_update - one.seconds_per_update == pytest.approx(2 * one.seconds["sampling"])


def test_the_shape_of_a_model_in_a_folder_is_counted(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra rl is not installed")
    from whenabouts.training.post.tiny.models import tiny_model

    network, _ = tiny_model(hidden=64, layers=2)
    network.config.save_pretrained(tmp_path)
    shape = shape_of(str(tmp_path))
    assert shape is not None
    assert shape.parameters == sum(weight.numel() for weight in network.parameters())
    assert shape.tower.parameters == sum(weight.numel() for weight in network.model.vision_tower.parameters())
    assert (shape.layers, shape.hidden, shape.kv_heads, shape.head) == (2, 64, 4, 16)
    assert (shape.tower.layers, shape.tower.patches, shape.tower.packed) == (2, 1, False)
    assert shape_of("Qwen/Qwen2.5-VL-7B-Instruct") == SEVEN
    assert shape_of("nobody/knows") is None


@pytest.mark.parametrize(("kind", "window", "calls"), [("qwen2_5_vl", 4, 6), ("qwen3_vl", None, 2)])
def test_the_tower_of_qwen_is_counted(kind: str, window: int | None, calls: int, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra rl is not installed")
    from tiny_qwen import tiny_qwen

    network, _ = tiny_qwen(kind)
    network.config.save_pretrained(tmp_path)
    shape = shape_of(str(tmp_path))
    assert shape is not None
    assert shape.tower.parameters == sum(weight.numel() for weight in network.model.visual.parameters())
    assert (shape.tower.patches, shape.tower.window, shape.tower.calls(24, 2)) == (4, window, calls)


def test_memory_of_full_training_is_sixteen_bytes_a_parameter_and_adapters_save_it() -> None:
    gpu = GPUS["H200"]
    tiny = replace(SFT, visual_tokens=1, batch=1)
    assert estimate(tiny, SEVEN, 100, gpu).memory == pytest.approx(124, abs=2)
    lora = estimate(TIME_R1, SEVEN, 2500, gpu, lora=64)
    assert lora.fits and not estimate(TIME_R1, SEVEN, 2500, GPUS["A100"]).fits
    assert estimate(TIME_R1, SEVEN, 2500, gpu, lora=64, quantised=True).memory < lora.memory - 10
    without = estimate(replace(TIME_R1, beta=0.0), SEVEN, 2500, gpu, lora=64)
    assert without.gpu_hours < lora.gpu_hours
    with pytest.raises(InputError, match="a cost needs samples"):
        estimate(TIME_R1, SEVEN, 0, gpu)
    with pytest.raises(InputError, match="unknown GPU 'B52'"):
        device_named("B52")
