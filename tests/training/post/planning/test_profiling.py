"""Where time goes: parts within parts, rates, and a real update under the stopwatch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rl import GRPO_TINY, QUIET

from whenabouts.errors import InputError
from whenabouts.training.post.planning.cost import PARTS, estimate
from whenabouts.training.post.planning.hardware import Device
from whenabouts.training.post.planning.profiling import Stopwatch, compared, profile, read_rates
from whenabouts.training.post.planning.shapes import shape_of_network
from whenabouts.training.post.run import Run
from whenabouts.training.post.samples import Sample

DEVICE = Device(flops=1e9, memory=8, bandwidth=1e9, link=1e9, launch=1e-6)
SAMPLES = [Sample(f"q{i}", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0) for i in range(8)]


def ticking() -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += 1


def test_a_part_within_a_part_counts_as_itself_only() -> None:
    times = ticking()
    watch = Stopwatch(lambda: next(times))
    with watch.part("loss"):  # 0
        with watch.part("scoring"), watch.part("sampling"):  # 1 to 5
            pass
        with pytest.raises(ZeroDivisionError), watch.part("vision"):  # 5, 6
            1 / 0  # noqa: B018
    assert watch.seconds == {"loss": 3, "scoring": 2, "sampling": 1, "vision": 1}
    watch.forget()
    assert not watch.seconds


def test_rates_say_how_much_longer_each_part_took() -> None:
    assert compared({"loss": 6.0, "vision": 1.0}, dict.fromkeys(PARTS, 0.0) | {"loss": 2.0, "sampling": 1.0}) == {
        "loss": 3
    }


def test_a_profile_measures_every_part_and_the_estimate_then_says_the_same(videos: Path, tmp_path: Path) -> None:
    run = Run(replace(GRPO_TINY, frames=4, batch=8), SAMPLES, videos, tmp_path, micro=4)
    shape = shape_of_network(run.prepared("tiny:qwen2_5_vl")[0])

    def cost(rates: dict[str, float] | None) -> float:
        return estimate(run.recipe, shape, 8, DEVICE, micro=4, rates=rates).seconds_per_update

    estimated = estimate(run.recipe, shape, 8, DEVICE, micro=4).seconds
    found = profile(run, "tiny:qwen2_5_vl", QUIET, estimated)
    assert set(found.seconds) == set(PARTS) and min(found.seconds.values()) > 0
    assert (found.answers, found.device) == (8, "CPU") and found.memory > 0.1
    assert found.tokens > 8 * 100
    found.write(tmp_path / "profile.json")
    rates = read_rates(tmp_path / "profile.json")
    measured = sum(found.seconds.values())
    assert cost(rates) == pytest.approx(measured, rel=0.05)  # nothing was scored by a reference, for beta is 0
    assert found.table().splitlines()[0].startswith("reading")
    (tmp_path / "other.json").write_text(json.dumps({"rate": 1}))
    with pytest.raises(InputError, match="is not a profile that"):
        read_rates(tmp_path / "other.json")
