"""`find --reader`: what a reader on a server names becomes moments, whatever the video's length, and is paid for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason="the extra llm is not installed")

from chat_server import Script, chat_server
from reading_server import right
from serving import serving
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.commands import Find
from whenabouts.grounders.reader.combine import NAMED
from whenabouts.video import Video
from whenabouts.video.compose import Line, Still, compose

QUERY = "she admits a weakness"
WORDS = "I was never able to speak in front of people."
SPOKEN = ["Good evening.", "My mother kept bees.", WORDS, "The budget was eighty million.", "Thank you for coming."]
reads: Script = lambda request, number: right(request, {QUERY: "never able"})  # noqa: E731


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoken") / "talk.mp4"
    lines = [Line(4 * i + 1.0, 4 * i + 3.0, text) for i, text in enumerate(SPOKEN)]
    compose(path, [Still(np.full((64, 96, 3), 90, np.uint8), 20)], lines=lines, size=(96, 64), rate=5)
    return path


@pytest.mark.parametrize("search", [False, True])
def test_lines_that_the_reader_names_are_moments_that_quote_the_transcript(video_path: Path, search: bool) -> None:
    options: dict[str, Any] = {"evidence": ["said"], "search": search}
    [alone, _] = whenabouts.find(video_path, [QUERY, "a dog barks"], **options)
    with chat_server(reads) as (address, got):
        options["reader"] = f"openai:{address.replace('http://', 'http://user:secret@')}#some-model"
        [found, absent] = whenabouts.find(video_path, [QUERY, "a dog barks"], **options)
        [again, _] = whenabouts.find(video_path, [QUERY, "a dog barks"], **options)
    best = found.best
    assert best is not None and (best.start, best.end) == (9.0, 11.0) and best.score >= NAMED
    assert best.evidence[0].text == WORDS and (alone.best is None or alone.best.score < best.score)
    assert found.presence == pytest.approx(best.score, abs=1e-3)
    assert not absent.moments and (absent.presence is None or absent.absent)
    assert found.receipt is not None and again.receipt is not None
    assert len(got) == 1 and found.receipt.usage == {"requests": 1, "prompt_tokens": 100, "completion_tokens": 7}
    assert not again.receipt.usage, "the second question costs no request"
    assert found.receipt.settings["reader"] == f"openai:{address}#some-model" in found.receipt.models
    assert "secret" not in json.dumps(found.to_dict()) and again.moments == found.moments


def test_what_retrieval_finds_is_told_before_the_reader_is_asked(video_path: Path) -> None:
    told: list[tuple[int, float | None]] = []
    with chat_server(reads) as (address, got), Video(video_path) as video:
        command = Find.of(queries=QUERY, evidence="said", reader=f"openai:{address}#m", cache=False)
        [found] = command.run(video, early=lambda answers: told.append((len(got), answers[0].presence)))
    before = [presence for requests, presence in told if requests == 0]
    assert before and told[-1] == (1, found.presence) and found.presence is not None
    assert found.presence > (before[-1] or 0.0)


def test_what_was_left_out_is_a_note(video_path: Path) -> None:
    lie = json.dumps({"1": [{"lines": [77], "quote": WORDS}]})
    with chat_server(lambda request, number: lie) as (address, _):
        [found] = whenabouts.find(video_path, QUERY, evidence="said", reader=f"openai:{address}#m", cache=False)
    assert "1 of 1 answers of the reader were not in the transcript and were left out" in found.notes


def test_without_lines_the_reader_is_not_asked(video_path: Path) -> None:
    with chat_server(reads) as (address, got):
        whenabouts.find(video_path, QUERY, evidence="seen", reader=f"openai:{address}#m")
    assert not got


@pytest.mark.parametrize(
    ("reader", "sentence"),
    [
        ("gpt", "'gpt' is not a reader; give openai:URL#NAME or hub:NAME"),
        ("openai:localhost:8000#m", "'localhost:8000' is not a server URL"),
        ("openai:http://localhost:8000", "the model on http://localhost:8000 is not named"),
        ("hub:/nowhere/at/all", "/nowhere/at/all cannot be loaded as a language model"),
    ],
)
def test_a_reader_that_cannot_be_had_is_told_in_a_sentence(reader: str, sentence: str, video_path: Path) -> None:
    if reader.startswith("hub:"):
        pytest.importorskip("transformers", reason="the extra hub is not installed")
    done = CliRunner().invoke(app, ["find", str(video_path), QUERY, "--evidence", "said", "--reader", reader])
    assert done.exit_code == 1 and isinstance(done.exception, whenabouts.WhenaboutsError | SystemExit)
    with pytest.raises(whenabouts.ModelError, match=sentence.replace("(", r"\(")):
        whenabouts.find(video_path, QUERY, evidence="said", reader=reader)


def test_clients_of_a_server_choose_a_reader_by_its_alias_and_never_see_its_address(
    video_path: Path, tmp_path: Path
) -> None:
    pytest.importorskip("fastapi", reason="the extra serve is not installed")
    with chat_server(reads) as (address, got):
        models = ("--model", "similarity", "--model", f"words=openai:{address}#some-model")
        with serving(
            video_path.parent, "--data", tmp_path, *models, WHENABOUTS_CACHE=str(tmp_path / "cache")
        ) as server:
            asking = {"queries": [QUERY], "evidence": ["said"], "reader": "words"}
            url = f"/api/videos/{server.video('talk.mp4')}/find"
            ended = server.ended(server.json("POST", url, status=202, json=asking))
            refused = server.client.post(url, json=asking | {"reader": f"openai:{address}#some-model"})
    assert refused.status_code == 403 and "reader" in refused.json()["error"] and len(got) == 1
    [prediction] = ended["result"]["predictions"]
    assert prediction["moments"][0]["start"] == 9.0 and "words" in prediction["receipt"]["models"]
    assert address not in json.dumps(ended)
