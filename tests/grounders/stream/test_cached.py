from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="the extra hub is not installed")

import numpy as np
from tiny_checkpoints import make_checkpoint
from whole_videos import pictures

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.stream import load_online
from whenabouts.grounders.stream.cached import Cached


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint("llava_onevision", tmp_path_factory.mktemp("llava"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> TransformersEngine:
    return TransformersEngine(folder, device="cpu")


def watch(grounder: Any, seconds: int, begun: int = 0) -> list[Any]:
    frames = pictures(4)
    return [event for t in range(begun, begun + seconds) for event in grounder.push(frames[t % 4], float(t))]


def test_by_its_name(folder: Path) -> None:
    grounder = load_online(f"cached:{folder}", policy="window", options={"budget": 32}, device="cpu", every=1.0)
    grounder.add("a red car")
    watch(grounder, 3)
    assert grounder.settings()["policy"] == "window" and grounder.settings()["policy.budget"] == 32
    assert grounder.resident_bytes > 0
    assert list(grounder.models) == [f"transformers:{folder}"]


def test_a_moment_starts_goes_on_and_ends(engine: TransformersEngine) -> None:
    always = Cached(engine, policy="full", start=1e-6, end=1e-6, every=2.0)
    always.add("a dog")
    [started] = watch(always, 7)
    assert (started.state, started.start, started.emitted, started.number) == ("started", 0.0, 0.0, 1)
    always.start = always.end = 1.0  # nothing is so sure
    [ended] = watch(always, 3, begun=7)
    assert (ended.state, ended.end, ended.emitted, ended.seen_end) == ("ended", 7.0, 8.0, True)
    assert ended.score >= started.score


def test_it_looks_and_asks_as_often_as_it_was_told(engine: TransformersEngine) -> None:
    grounder = Cached(engine, policy="full", fps=2.0, every=1.0)
    for step in range(60):
        grounder.push(pictures(1)[0], step / 10)
    assert grounder._stream.frames == 12


def test_a_lost_stream_ends_nothing_as_seen_and_goes_on(engine: TransformersEngine) -> None:
    grounder = Cached(engine, start=1e-6, end=1e-6, every=1.0)
    grounder.add("a dog")
    watch(grounder, 3)
    [lost] = grounder.lost(2.5, 3600.0)
    assert lost.state == "ended" and not lost.seen_end and lost.end == 2.5
    [again] = watch(grounder, 2, begun=3600)
    assert again.start == 3600.0 and again.number == 2
    assert grounder.finish(3602.0)[0].seen_end is False


def test_a_snapshot_holds_queries_and_open_moments(engine: TransformersEngine) -> None:
    grounder = Cached(engine, start=1e-6, end=1e-6)
    grounder.add("a dog")
    watch(grounder, 3)
    kept = json.loads(json.dumps(grounder.snapshot()))
    other = Cached(engine, start=1.0, end=1.0)
    other.restore(kept)
    assert other.queries == ("a dog",)
    [ended] = watch(other, 1, begun=9)
    assert ended.state == "ended" and ended.number == 1
    other.remove("a dog")
    assert watch(other, 3, begun=12) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"every": 0.0}, "above 0"),
        ({"start": 0.3, "end": 0.5}, "end <= start"),
        ({"policy": "none"}, "unknown cache policy 'none'"),
        ({"options": {"size": 1}}, "has no option size"),
        ({"policy": "window", "options": {"budget": 0}}, "budget to be a whole number of 1"),
    ],
)
def test_settings_that_cannot_be(engine: TransformersEngine, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        Cached(engine, **settings)


def test_what_is_not_a_picture(engine: TransformersEngine) -> None:
    grounder = Cached(engine)
    for wrong in (
        np.zeros(512, np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 3)),
    ):
        with pytest.raises(InputError, match="a picture is needed"):
            grounder.push(wrong, 0.0)


def test_large_frames_are_scaled_down_to_one_size(engine: TransformersEngine) -> None:
    grounder = Cached(engine, pixels=10_000)
    assert grounder._scaled(np.zeros((200, 800, 3), np.uint8)).shape == (50, 200, 3)
    assert grounder._scaled(np.zeros((90, 90, 3), np.uint8)).shape == (50, 200, 3)
