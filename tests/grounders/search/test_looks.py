"""Close looks by a model on a server keep to the budget, even while the server is silent."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import LIMIT

pytest.importorskip("httpx", reason="the extra llm is not installed")

from chat_server import chat_server, refused, silent_server

from whenabouts.grounders.llm.engines.openai import OpenAIEngine
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.search.budget import Budget
from whenabouts.grounders.search.looks import Looks
from whenabouts.grounders.search.regions import Region
from whenabouts.grounders.search.verify import Ask
from whenabouts.moment import Moment
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

REGIONS = [Region(0.0, 4.0, 0.9), Region(4.0, 8.0, 0.5)]


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looks") / "video.mp4"
    compose(path, [Still(np.full((96, 128, 3), 20, np.uint8), 8.0, 1.0)], size=(128, 96), rate=4)
    return path


def test_a_silent_model_is_cut_off_within_a_question(video_path: Path) -> None:
    with silent_server() as (address, reached), Video(video_path) as video:
        budget = Budget(seconds=4.0)
        [look] = Looks(video, VideoLLM(f"openai:{address}#Qwen2.5-VL-7B"), None, budget).at(
            ["x"], [REGIONS], [[]], None
        )
        assert reached() == 1
    assert look.notes == [
        "the budget of 4 s was spent while a region was looked at",
        "the budget of 4 s was spent: 1 of 2 regions were looked at",
    ]
    assert look.moments == [] and look.failure == "no answer before the time was over"


def test_what_one_region_gave_is_kept_when_the_next_is_cut_off(video_path: Path) -> None:
    over = threading.Event()

    def script(request: dict[str, Any], number: int) -> str:
        if number:
            over.wait(LIMIT)
        return "From 1.0 to 2.0 seconds"

    with chat_server(script) as (address, got), Video(video_path) as video:
        grounder = VideoLLM(f"openai:{address}#Qwen2.5-VL-7B", fps=1.0)
        [look] = Looks(video, grounder, None, Budget(seconds=8.0)).at(["x"], [REGIONS], [[]], None)
        over.set()
    assert [(moment.start, moment.end) for moment in look.moments] == [(1.0, 2.0)] and len(got) == 2
    assert look.notes[-1] == "the budget of 8 s was spent while a region was looked at"


def test_a_silent_verifier_is_cut_off_too(video_path: Path) -> None:
    known = [[Moment(1.0, 2.0, 0.8), Moment(5.0, 6.0, 0.6)]]
    with silent_server() as (address, reached), Video(video_path) as video:
        verifier = Ask(OpenAIEngine(address, "x"))
        [look] = Looks(video, None, verifier, Budget(seconds=4.0)).at(["x"], [[]], known, None)
        assert reached() == 1
    assert len(look.moments) == 2


@pytest.mark.parametrize("sentence", ["At most 6 image(s) may be provided in one prompt.", "exceeds the context size"])
def test_a_verifier_is_shown_as_many_frames_as_it_takes(video_path: Path, sentence: str) -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        pictures = sum(part["type"] == "image_url" for part in request["messages"][0]["content"])
        return "Yes" if pictures <= 6 else refused(400, sentence)

    with chat_server(script) as (address, got), Video(video_path) as video:
        verifier = Ask(OpenAIEngine(address, "x"))
        sure = [verifier.verify(video, "x", [Moment(1.0, 3.0, 0.8)]) for _ in range(2)]
        assert verifier.engine.limit.most in {4, 6}, "as it said, or a half of a half"
    assert sure[0] == sure[1] and sure[0][0] > 0.5
    assert len(got) == {"A": 3, "e": 4}[sentence[0]], "what was refused is not asked again"
