"""VidThinker against a real server on the loopback: three stages, rows, and a run that goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chat_server import chat_server

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.engines.openai import OpenAIEngine
from whenabouts.selection.videoitg.annotations import read_instructions
from whenabouts.training.vidthinker import Question, VidThinker, write_rows
from whenabouts.video.compose import Still, compose

ASKED = "What is on the table? A. a cup B. a book"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red for 6 s, a checkerboard for 5 s, blue for 5 s."""
    path: Path = tmp_path_factory.mktemp("vidthinker") / "three.mp4"
    squares = 255 * (np.indices((90, 160)) // 10).sum(0, keepdims=True)[0][..., None].repeat(3, 2) % 2
    pictures = [np.full((90, 160, 3), (200, 20, 20)), squares * 255, np.full((90, 160, 3), (20, 20, 200))]
    compose(path, [Still(p.astype(np.uint8), s) for p, s in zip(pictures, (6.0, 5.0, 5.0), strict=True)], rate=8)
    return path


def said(request: dict[str, Any]) -> str:
    content = request["messages"][-1]["content"]
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def answers(kind: str, clips: str) -> Any:
    def script(request: dict[str, Any], _: int) -> str:
        words = said(request)
        if "was cut into clips" in words:
            return f"Let me think. {clips}"
        return kind if "one of these four words" in words else "Something is on a table."

    return script


def made(address: str, journal: Path, *questions: Question, **settings: Any) -> list[dict[str, Any]]:
    engine = OpenAIEngine(address, "some-model", wait=0.0, retries=0)
    return list(VidThinker(engine=engine, **settings).run(questions, journal))


@pytest.mark.parametrize(
    ("kind", "clips", "places"),
    [
        ("motion", "CLIPS: 2", [5, 6, 7, 8, 9]),
        ("both", "CLIPS: 2, 4, 99", [5, 6, 7, 8, 9, 15]),
        ("global", "CLIPS: 1", list(range(16))),
        ("motion", "CLIPS: none", list(range(16))),
    ],
)
def test_frames_by_what_is_asked_about(clip: Path, tmp_path: Path, kind: str, clips: str, places: list[int]) -> None:
    """16 s are 16 sampled frames and four clips, of which the last lasts a second."""
    with chat_server(answers(kind, clips)) as (address, got):
        [row] = made(address, tmp_path / "j.jsonl", Question("a", clip, ASKED))
    assert row["clip_num"] == places and row["kind"] == kind
    assert len(got) == 4 + 1 + (kind != "global")
    assert all(ASKED in said(request) for request in got), "every stage has the instruction in view"
    assert write_rows(tmp_path / "video_itg_data.json", [row]) == 0
    [read] = read_instructions(tmp_path / "video_itg_data.json")
    assert (read.video, read.question, read.clip_num) == (str(clip), ASKED, tuple(places))


def test_what_things_look_like_is_shown_by_different_frames(clip: Path, tmp_path: Path) -> None:
    with chat_server(answers("semantic", "CLIPS: 1, 2, 3")) as (address, _):
        [row] = made(address, tmp_path / "j.jsonl", Question("a", clip, ASKED))
    scenes = [sum(place >= edge for edge in (6, 11)) for place in row["clip_num"]]
    assert scenes == [0, 1, 2], "one frame of each picture that stands still"


def test_a_run_that_was_stopped_goes_on(clip: Path, tmp_path: Path) -> None:
    journal, question = tmp_path / "j.jsonl", Question("a", clip, ASKED)
    whole = answers("motion", "CLIPS: 1")

    stopping = True

    def stops(request: dict[str, Any], number: int) -> Any:
        return 400 if stopping and number >= 3 else whole(request, number)

    with chat_server(stops) as (address, got):
        with pytest.raises(ModelError):
            made(address, journal, question)
        stopping, asked = False, len(got)
        kept = len(journal.read_text().splitlines())
        assert 0 < kept < asked
        [row] = made(address, journal, question)
        assert len(got) == asked + 6 - kept and row["clip_num"] == [0, 1, 2, 3, 4]
        assert made(address, journal, question) == [row] and len(got) == asked + 6 - kept
        with pytest.raises(InputError, match="another model or setting"):
            made(address, journal, question, seconds=4.0)


def test_answers_that_cannot_be_read_make_no_row(clip: Path, tmp_path: Path) -> None:
    with chat_server(answers("motion", "all of them")) as (address, _):
        [row] = made(address, tmp_path / "j.jsonl", Question("a", clip, ASKED), window=2)
    assert row["failure"] == "an answer lists no clips" and row["clip_num"] == []
    assert write_rows(tmp_path / "data.json", [row]) == 1
    assert json.loads((tmp_path / "data.json").read_text()) == []


def test_two_questions_of_one_name_are_refused(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the same id"):
        made("http://127.0.0.1:1/v1", tmp_path / "j.jsonl", Question("a", clip, "x"), Question("a", clip, "y"))
