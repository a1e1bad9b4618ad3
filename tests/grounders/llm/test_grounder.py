"""Asking a real server on the loopback: what it is shown, what is made of its words, and what happens when it fails."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import LIMIT

pytest.importorskip("httpx", reason="the extra llm is not installed")
Image = pytest.importorskip("PIL.Image", reason="the extra llm is not installed")

from chat_server import Raw, Script, chat_server, refused  # noqa: E402

from whenabouts import Prediction  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.engines.openai import OpenAIEngine  # noqa: E402
from whenabouts.grounders.llm.grounder import VideoLLM  # noqa: E402
from whenabouts.grounders.llm.papers import PAPERS  # noqa: E402
from whenabouts.grounders.llm.shown import shown  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.compose import Still, compose  # noqa: E402


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds that go from black to white."""
    path = tmp_path_factory.mktemp("llm") / "video.mp4"
    compose(path, [Still(np.full((96, 128, 3), 25 * k, np.uint8), 1.0, 1.0) for k in range(10)], size=(128, 96), rate=8)
    return path


def ask(video_path: Path, address: str, *queries: str, model: str = "Time-R1-7B", **settings: Any) -> list[Prediction]:
    engine = OpenAIEngine(address, model, wait=0.0, retries=2, timeout=LIMIT)
    with Video(video_path) as video:
        return VideoLLM(engine, **settings).ground(video, queries)


def test_frames_are_shown_between_their_times(video_path: Path) -> None:
    with chat_server(lambda request, number: "<answer>2.00 to 4.50</answer>") as (address, got):
        [prediction] = ask(video_path, address, "It gets lighter.")
    best = prediction.best
    assert best is not None and (best.start, best.end) == (2.0, 4.5)
    assert prediction.said == ("<answer>2.00 to 4.50</answer>",) and prediction.failure is None
    [request] = got
    assert request["_path"] == "/v1/chat/completions" and request["model"] == "Time-R1-7B"
    assert request["temperature"] == 0.0 and request["max_tokens"] == 1024
    system, user = request["messages"]
    assert system["content"] == "You are a helpful assistant."
    parts = user["content"]
    stamps = [p["text"] for p in parts[:-1] if p["type"] == "text"]
    pictures = [p["image_url"]["url"] for p in parts if p["type"] == "image_url"]
    assert len(pictures) == len(stamps) == 20 and stamps[3] == "<1.5 seconds>"
    assert "It gets lighter." in parts[-1]["text"]
    for stamp, picture in zip(stamps, pictures, strict=True):
        image = Image.open(io.BytesIO(base64.b64decode(picture.removeprefix("data:image/jpeg;base64,"))))
        second = int(float(stamp[1:].split()[0]))
        assert abs(float(np.asarray(image).mean()) - 25 * second) < 4


def test_each_query_is_answered_as_soon_as_its_answer_is_there(video_path: Path) -> None:
    from threading import Event

    released, told = Event(), []
    words = {
        "first": "<answer>2.00 to 4.50</answer>",
        "never": "It does not happen.",
        "late": "<answer>1.0 to 2.0</answer>",
    }

    def script(request: dict[str, Any], number: int) -> str:
        [query] = [query for query in words if f'"{query}"' in request["messages"][1]["content"][-1]["text"]]
        assert query != "late" or released.wait(LIMIT)
        return words[query]

    def early(found: list[Prediction]) -> None:
        told.append(found)
        if sum(bool(each.said) for each in found) == 2:  # only now is the last one answered
            released.set()

    with chat_server(script) as (address, _):
        final = ask(video_path, address, *words, early=early)
    assert [sum(bool(each.said) for each in found) for found in told] == [1, 2, 3]
    assert told[1][2].moments == () and told[1][2].failure is None and told[1][2].presence is None
    assert [each.moments for each in told[2]] == [each.moments for each in final]
    assert [each.presence for each in told[2]] == [each.presence for each in final]


def test_of_a_long_video_the_first_stretch_says_nothing_final(video_path: Path) -> None:
    told: list[list[Prediction]] = []
    answers = ["It does not happen.", "<answer>1.00 to 2.00</answer>", "It does not happen."]
    with chat_server(lambda request, number: answers[number]) as (address, got):
        paper = replace(PAPERS["time-r1"], longest=6.0)
        grounder = VideoLLM(OpenAIEngine(address, "Time-R1-7B"), long="windows", early=told.append)
        with Video(video_path) as video, pytest.MonkeyPatch.context() as patched:
            patched.setattr(VideoLLM, "paper", paper)
            [final] = grounder.ground(video, ["It gets lighter."])
    assert len(got) == 3 and len(final.moments) == 1
    assert [[each.moments for each in found] for found in told] == [[final.moments]] * 2  # not of the first stretch


def test_no_key_is_sent_or_written_that_was_not_given(video_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with chat_server(lambda request, number: "1.0 to 2.0") as (address, got):
        ask(video_path, address, "x")
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        [prediction] = ask(video_path, address, "x")
    assert [request["_key"] for request in got] == [None, "Bearer secret"]
    assert "secret" not in json.dumps(prediction.to_dict())


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("", "the answer is empty"),
        ("I cannot help with that.", "the answer has no interval"),
        ("<think>from 2.0 to 3.0 perhaps", "the answer has no interval"),
        ("the the the " * 500, "the answer has no interval"),
        ("It happens from 30.0 to 40.0 seconds.", "an interval after the end of what was shown: 30 to 40"),
        ("From 8.0 to 3.0 seconds.", "an interval that does not end after it starts: 8 to 3"),
        ("</answer><script>alert(1)</script>", "the answer has no interval"),
        ("It happens at frames 30 to 60", "an interval after the end of what was shown: 15 to 30"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_and_kept(video_path: Path, said: str, failure: str) -> None:
    with chat_server(lambda request, number: said) as (address, _):
        [prediction] = ask(video_path, address, "x")
    assert prediction.moments == () and prediction.presence is None
    assert prediction.failure == failure and prediction.said == (said,)


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ("From 0:02 to 0:04.", (2, 4)),
        ("20% to 40%", (2, 4)),
        ("The event happens in 2.0 - 40.0 seconds.", (2, 10)),
        ('{"start": 2, "end": 4}', (2, 4)),
    ],
)
def test_other_units_are_understood_and_ends_kept_inside(
    video_path: Path, said: str, window: tuple[float, float]
) -> None:
    with chat_server(lambda request, number: said) as (address, _):
        [prediction] = ask(video_path, address, "x")
    assert prediction.best is not None and (prediction.best.start, prediction.best.end) == window


def test_absence_is_a_straight_answer(video_path: Path) -> None:
    with chat_server(lambda request, number: "The event does not happen in this video.") as (address, _):
        [prediction] = ask(video_path, address, "x")
    assert prediction.absent and prediction.presence == 0.0 and prediction.failure is None


def test_several_answers_agree_or_do_not(video_path: Path) -> None:
    script = ["2.0 to 4.0", "2.2 to 4.0", "7.0 to 9.0", "Not in the video: it does not happen in the video."]
    with chat_server(lambda request, number: script[number % 4]) as (address, got):
        [prediction] = ask(video_path, address, "x", samples=4)
    assert {request["temperature"] for request in got} == {0.7}
    assert prediction.presence == 0.75
    assert [round(m.score, 2) for m in prediction.moments] == [0.5, 0.25]
    assert prediction.best is not None and prediction.best.start == pytest.approx(2.1)


def test_queries_share_the_frames_and_keep_their_order(video_path: Path) -> None:
    def script(request: dict[str, Any], number: int) -> str:
        asked = request["messages"][-1]["content"][-1]["text"]
        return "1.0 to 2.0" if "first" in asked else "5.0 to 6.0"

    with chat_server(script) as (address, got):
        first, second = ask(video_path, address, "the first", "the other")
    assert first.best is not None and second.best is not None
    assert (first.best.start, second.best.start) == (1.0, 5.0)
    frames = [[p for p in r["messages"][-1]["content"] if p["type"] == "image_url"] for r in got]
    assert frames[0] == frames[1]


def test_a_query_that_a_server_refuses_or_answers_brokenly_costs_no_other_its_answer(video_path: Path) -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        asked = request["messages"][-1]["content"][-1]["text"]
        if "temperature" in request:
            return refused(400, "Unsupported parameter: 'temperature'")
        if "weapon" in asked:
            return refused(400, "The response was filtered", code="content_filter")
        return b'{"choices": [{"message"' if "broken" in asked else "1.0 to 2.0"

    with chat_server(script) as (address, _):
        answers = ask(video_path, address, "a cat", "a weapon", "a broken cup", "a dog")
    assert [len(answer.moments) for answer in answers] == [1, 0, 0, 1]
    assert answers[1].failure == "the server refused this: 400 The response was filtered"
    assert answers[2].failure is not None and answers[2].failure.startswith("an answer that is not whole")
    assert "greedy" in answers[0].notes[0] and "greedy" in answers[3].notes[0]


def test_long_videos_are_asked_in_windows_on_their_own_clock(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    compose(path, [Still(np.full((96, 128, 3), 90, np.uint8), 1300.0, 1.0)], size=(128, 96), rate=1)
    with chat_server(lambda request, number: "The event happens in 10.0 - 20.0 seconds.") as (address, got):
        [prediction] = ask(path, address, "x", model="TimeLens-8B", frames=8)
    assert len(got) == 4 and prediction.duration == 1300
    assert sorted(m.start for m in prediction.moments) == [10, 310, 610, 710]


def stamps(request: dict[str, Any]) -> list[float]:
    """The times that UniTime's prompt tells."""
    texts = [part.get("text") or "" for part in request["messages"][0]["content"]]
    return [float(text.split()[1]) for text in texts if text.startswith("timestamp")]


def test_a_server_that_is_lost_on_the_way_costs_no_answer_about_an_earlier_part(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    compose(path, [Still(np.full((32, 32, 3), 99, np.uint8), 700.0, 1.0)], size=(32, 32), rate=1)
    said = "<answer>2.0 to 4.5</answer>"
    with chat_server(lambda request, number: 401 if number else said) as (address, got):
        [prediction] = ask(path, address, "x", model="TimeLens-8B", frames=4)
    assert prediction.best is not None and len(got) == 2
    assert any(note.startswith("a part of the video was not asked about") for note in prediction.notes)


def test_unitime_looks_coarsely_and_then_once_at_the_clips_it_named(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    compose(path, [Still(np.full((96, 128, 3), 90, np.uint8), 400.0, 1.0)], size=(128, 96), rate=1)

    def script(request: dict[str, Any], number: int) -> str:
        if number:
            return "From 170.0 seconds to 180.0 seconds, from 190.0 seconds to 195.0 seconds."
        return ", ".join(f"{time} seconds" for time in stamps(request)[5:9]) + "."

    with chat_server(script) as (address, got):
        [prediction] = ask(path, address, "x", model="UniTime", frames=52)
    rough, fine = ([p.get("text") for p in request["messages"][0]["content"]] for request in got)
    clips = stamps(got[0])
    assert len(clips) == 13 and clips[:2] == [4.0, 35.0]
    assert "specific timestamp(s)" in (rough[-1] or "") and "temporal window" in (fine[-1] or "")
    assert got[0]["add_generation_prompt"] is False
    told = stamps(got[1])  # on the clock of the video, from the first clip to the one after the last, in one look
    assert told[0] == pytest.approx(clips[5], abs=3) and told[-1] == pytest.approx(clips[9], abs=3)
    assert [(m.start, m.end) for m in prediction.moments] == [(170.0, 180.0), (190.0, 195.0)]
    receipt = prediction.receipt
    assert receipt is not None and receipt.settings["long"] == "coarse-to-fine" and receipt.settings["frames"] == 52


def pictures(request: dict[str, Any]) -> int:
    return sum(part["type"] == "image_url" for part in request["messages"][-1]["content"])


def refusing(limit: int, said: bool) -> Script:
    """A server that takes at most so many pictures, and says how many or does not."""

    def script(request: dict[str, Any], number: int) -> str | Raw:
        if pictures(request) <= limit:
            return "2.0 to 4.0"
        return refused(400, f"At most {limit} image(s) may be provided in one prompt." if said else "too many images")

    return script


@pytest.mark.parametrize(("said", "shown"), [(True, [20, 12, 12]), (False, [20, 10, 10])])
def test_a_server_that_takes_fewer_frames_is_shown_fewer_and_it_is_told(
    video_path: Path, said: bool, shown: list[int]
) -> None:
    with chat_server(refusing(12, said)) as (address, got):
        first, second = ask(video_path, address, "x", "y")
    counts = [pictures(request) for request in got]
    assert sorted(set(counts), reverse=True) == sorted(set(shown), reverse=True) and counts[-2:] == shown[-2:]
    for prediction in (first, second):
        assert prediction.best is not None and prediction.receipt is not None
        assert prediction.receipt.settings["frames"] == shown[-1]
        told = (
            "the server takes at most 12 frames" if said else "the server refused 20 frames at once, so 10 were shown"
        )
        assert any(note.startswith(told) for note in prediction.notes)


@pytest.mark.parametrize(
    "sentence", ["number of images ({0}) is more than taken", "image limit: at most {1} images, not {0}"]
)
def test_a_server_that_names_what_was_sent_is_asked_few_times(video_path: Path, sentence: str) -> None:
    def script(request: dict[str, Any], number: int) -> str | Raw:
        sent = pictures(request)
        return "2.0 to 4.0" if sent < 4 else refused(400, f"too many images: {sentence.format(sent, sent - 1)}")

    with chat_server(script) as (address, got):
        [prediction] = ask(video_path, address, "x")
    assert prediction.best is not None and len(got) <= 6
    assert not any("takes at most" in note for note in prediction.notes)


def test_a_server_that_takes_no_two_frames_is_an_error(video_path: Path) -> None:
    with chat_server(refusing(1, True)) as (address, _), pytest.raises(ModelError, match="At most 1 image"):
        ask(video_path, address, "x")


def test_one_refused_query_of_four_leaves_the_others(video_path: Path) -> None:
    def script(request: dict[str, Any], number: int) -> str | Raw:
        asked = request["messages"][-1]["content"][-1]["text"]
        return refused(400, "The response was filtered: content_filter") if "third" in asked else "2.0 to 4.0"

    with chat_server(script) as (address, _):
        answers = ask(video_path, address, "first", "second", "third", "fourth")
    assert [bool(one.moments) for one in answers] == [True, True, False, True]
    assert "content_filter" in (answers[2].failure or "") and answers[0].failure is None


def test_frames_and_rate_may_be_set_and_the_receipt_says_what_was_shown(video_path: Path) -> None:
    with chat_server(lambda request, number: "2.0 to 4.0") as (address, got):
        [usual] = ask(video_path, address, "x")
        [few] = ask(video_path, address, "x", frames=6)
        [often] = ask(video_path, address, "x", fps=4.0)
    assert [pictures(request) for request in got] == [20, 6, 40]
    kept = [one.receipt.settings for one in (usual, few, often) if one.receipt is not None]
    assert [(one["frames"], one["fps"]) for one in kept] == [(20, 2.0), (6, 0.6), (40, 4.0)]
    assert all(re.fullmatch(r"\d+x\d+", one["size"]) for one in kept)
    assert kept[0]["stamps"] == "frames" and kept[0]["parser"] == "whenabouts" and kept[0]["decoding"]["tokens"] == 1024


def test_a_set_of_intervals_is_kept_as_it_was_answered(video_path: Path) -> None:
    said = "From 1.0 seconds to 4.0 seconds, from 1.5 seconds to 4.0 seconds, from 0.0 seconds to 0.5 seconds."
    with chat_server(lambda request, number: said) as (address, _):
        [as_set] = ask(video_path, address, "x", model="UniTime")
        [one] = ask(video_path, address, "x", model="Time-R1")
    with chat_server(lambda request, number: "```json\n[[1.0, 4.0], [1.5, 4.0], [0.0, 0.5]]\n```") as (address, _):
        [as_json] = ask(video_path, address, "x", model="TimeLens2-4B")
        [part] = ask(video_path, address, "x", model="TimeLens2-4B", top=2)
    with chat_server(lambda request, number: "[]") as (address, _):
        [none] = ask(video_path, address, "x", model="TimeLens2-4B")
    assert [(m.start, m.end) for m in as_set.moments] == [(1.0, 4.0), (1.5, 4.0), (0.0, 0.5)]
    assert as_json.moments == as_set.moments and none.absent and none.failure is None
    assert (1.5, 4.0) not in [(m.start, m.end) for m in one.moments]  # which means the same as the first
    assert len(part.moments) == 2 and "3 intervals, of which 2 are kept" in part.notes[0] and not as_json.notes


def test_it_is_told_where_no_paper_fits_the_model(video_path: Path) -> None:
    with chat_server(lambda request, number: "2.0 to 4.0") as (address, _):
        [prediction] = ask(video_path, address, "x", model="gpt-9")
        [known] = ask(video_path, address, "x", model="qwen2.5vl:7b")
    assert "no paper is known to fit the model, so it was asked as Qwen2-VL is" in prediction.notes
    assert not known.notes


def test_a_rough_answer_without_times_falls_back_to_all_windows(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    compose(path, [Still(np.full((96, 128, 3), 90, np.uint8), 300.0, 1.0)], size=(128, 96), rate=1)
    with chat_server(lambda request, number: "I see nothing of it.") as (address, got):
        [prediction] = ask(path, address, "x", model="UniTime", frames=10)
    assert len(got) == 5 and prediction.moments == () and prediction.failure


def test_a_shortlist_asks_only_where_the_video_looks_like_the_query(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    dark, red = np.full((96, 128, 3), 20, np.uint8), np.zeros((96, 128, 3), np.uint8)
    red[..., 0] = 230
    stills = [Still(dark, 190.0, 1.0), Still(red, 20.0, 1.0), Still(dark, 190.0, 1.0)]
    compose(path, stills, size=(128, 96), rate=1)
    with chat_server(lambda request, number: "From 10.0 seconds to 20.0 seconds") as (address, got):
        ask(path, address, "a plain red picture", model="UniTime", frames=8, long="shortlist")
        few = len(got)
        ask(path, address, "a plain red picture", model="UniTime", frames=8, long="windows")
    assert 1 <= few <= 3 and len(got) - few == 6
    with pytest.raises(ModelError, match="unknown plan 'sideways'"):
        ask(path, address, "x", model="UniTime", long="sideways")


def test_a_server_may_be_sent_a_video_with_its_rate(video_path: Path) -> None:
    with chat_server(lambda request, number: "The event happens in 3.0 - 5.0 seconds.") as (address, got):
        engine = OpenAIEngine(address, "Qwen2.5-VL-7B", send="video")
        with Video(video_path) as video:
            [prediction] = VideoLLM(engine).ground(video, ["it gets lighter"])
    assert prediction.best is not None
    [request] = got
    first, question = request["messages"][0]["content"]
    assert question["type"] == "text" and first["type"] == "video_url"
    assert request["mm_processor_kwargs"] == {"fps": 2.0, "do_sample_frames": False}
    clip = video_path.with_name("sent.mp4")
    clip.write_bytes(base64.b64decode(first["video_url"]["url"].removeprefix("data:video/mp4;base64,")))
    with Video(clip) as sent, Video(video_path) as video:
        times = list(dict.fromkeys(frame.time for frame in sent.sample(1000.0)))
        true = shown(video, PAPERS["qwen2.5-vl"].sampling).times
    assert times == pytest.approx(true, abs=1 / 8), "a frame of the video"


def test_a_server_tells_how_sure_it_is_or_is_asked_without(video_path: Path) -> None:
    said = "The event happens in 3.0 - 5.0 seconds."
    pieces = ["The event happens in ", "3", ".", "0", " - ", "5", ".", "0", " seconds."]
    told = [{"token": piece, "logprob": -0.2 if piece.isdigit() else -4.0} for piece in pieces]
    choice = {"message": {"role": "assistant", "content": said}, "logprobs": {"content": told}}
    with chat_server(lambda request, number: json.dumps({"choices": [choice]}).encode()) as (address, _):
        [prediction] = ask(video_path, address, "x")
    assert prediction.best is not None and prediction.best.score == pytest.approx(np.exp(-0.2))

    with chat_server(lambda request, number: 400 if "logprobs" in request else said) as (address, got):
        [prediction] = ask(video_path, address, "x")
    assert prediction.best is not None and prediction.best.score == 1.0
    assert ["logprobs" in request for request in got] == [True, False]


def test_what_was_repaired_is_told(video_path: Path) -> None:
    for said, note in [
        ("20% to 40%", "percentages were read as parts of the duration"),
        ("frames 4 to 8", "frame numbers were read as times"),
        ("The event happens in 2.0 - 40.0 seconds.", "an end after the end of what was shown was cut: 2 to 40"),
    ]:
        with chat_server(lambda request, number, said=said: said) as (address, _):
            [prediction] = ask(video_path, address, "x")
        assert prediction.notes == (note,) and prediction.best is not None and prediction.best.start == 2.0


def test_error_bars_are_told_with_several_answers(video_path: Path) -> None:
    script = ["2.0 to 4.0", "2.4 to 4.0", "2.0 to 5.0", "2.4 to 5.0"]
    with chat_server(lambda request, number: script[number % 4]) as (address, _):
        [prediction] = ask(video_path, address, "x", samples=4)
    assert prediction.best is not None and prediction.best.spread == pytest.approx((0.2, 0.5), abs=0.11)
    assert prediction.presence == 1.0


@pytest.mark.parametrize("name", ["videomind", "meco", "trace"])
def test_a_paper_without_words_is_not_asked(video_path: Path, name: str) -> None:
    with Video(video_path) as video, pytest.raises(ModelError, match="does not answer in words"):
        load("openai:http://127.0.0.1:9#x", prompting=name).ground(video, ["x"])


def test_top_and_threshold_may_change_between_questions(video_path: Path) -> None:
    script = ["2.0 to 4.0", "2.2 to 4.0", "7.0 to 9.0", "7.0 to 9.0", "7.0 to 9.0"]
    with chat_server(lambda request, number: script[number % 5]) as (address, _), Video(video_path) as video:
        grounder = VideoLLM(f"openai:{address}#x", samples=5)
        engine = grounder.engine
        starts = [[m.start for m in grounder.ground(video, ["x"])[0].moments]]
        grounder.top = 1
        starts.append([m.start for m in grounder.ground(video, ["x"])[0].moments])
        grounder.threshold = 0.7
        [prediction] = grounder.ground(video, ["x"])
    assert starts == [[7.0, pytest.approx(2.1)], [7.0]] and prediction.moments == ()
    assert prediction.failure is None and grounder.engine is engine
    assert prediction.receipt is not None and prediction.receipt.settings["threshold"] == 0.7
    assert grounder.usage is not None and grounder.usage.requests == 15


def test_a_server_that_recovers_is_asked_again(video_path: Path) -> None:
    with chat_server(lambda request, number: 503 if number < 2 else "1.0 to 2.0") as (address, got):
        [prediction] = ask(video_path, address, "x")
    assert len(got) == 3 and prediction.best is not None


@pytest.mark.parametrize(
    ("answer", "told"), [(404, "404"), (503, "does not answer: 503"), (b"<html>no</html>", "up to")]
)
def test_a_server_that_does_not_answer_is_told(video_path: Path, answer: int | bytes, told: str) -> None:
    with chat_server(lambda request, number: answer) as (address, got), pytest.raises(ModelError, match=told):
        ask(video_path, address, "x")
    assert len(got) == (3 if answer == 503 else 2), "with and without /v1"


def test_an_odd_message_is_a_failed_answer(video_path: Path) -> None:
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": None}}]}).encode()
    with chat_server(lambda request, number: body) as (address, _):
        [prediction] = ask(video_path, address, "x")
    assert prediction.failure == "the answer is empty"


def test_addresses_are_checked_before_anything_is_sent(video_path: Path) -> None:
    for name, told in (
        ("openai:file:///etc#x", "not a server URL"),
        ("openai:http://h", "is not named"),
        ("openai:#x", "not a server URL"),
    ):
        with Video(video_path) as video, pytest.raises(ModelError, match=told):
            load(name).ground(video, ["x"])
    with pytest.raises(ModelError, match="does not answer"):
        ask(video_path, "http://127.0.0.1:9", "x")


def test_the_command_line_ends_with_one_where_no_query_was_answered(video_path: Path) -> None:
    def script(request: dict[str, Any], number: int) -> str | Raw:
        return "3.0 to 5.0" if "zebra" in str(request["messages"]) and good else refused(400, "this is not wanted")

    for good, code in ((False, 1), (True, 0)):
        with chat_server(script) as (address, _):
            command = [sys.executable, "-m", "whenabouts", "find", "--model", f"openai:{address}#Qwen2.5-VL-7B"]
            done = subprocess.run(
                [*command, str(video_path), "a horse", "a zebra", "--json"],
                capture_output=True,
                text=True,
                check=False,
                timeout=LIMIT,
            )
        assert done.returncode == code, done.stderr
        failures = [row["failure"] for row in json.loads(done.stdout)]
        assert "this is not wanted" in failures[0] and bool(failures[1]) == (not good)


def test_the_command_line_asks_a_server(video_path: Path) -> None:
    with chat_server(lambda request, number: "The event happens in 3.0 - 5.0 seconds.") as (address, _):
        command = [
            sys.executable,
            "-m",
            "whenabouts",
            "find",
            "--model",
            f"openai:{address}#Qwen2.5-VL-7B",
            str(video_path),
        ]
        done = subprocess.run(
            [*command, "it gets lighter", "--json"], capture_output=True, text=True, check=False, timeout=LIMIT
        )
    assert done.returncode == 0, done.stderr
    [prediction] = [Prediction.from_dict(row) for row in json.loads(done.stdout)]
    assert prediction.best is not None and (prediction.best.start, prediction.best.end) == (3.0, 5.0)
    assert prediction.receipt is not None and prediction.receipt.settings["prompting"] == "qwen2.5-vl"


def test_the_command_line_lists_what_can_answer() -> None:
    command = [sys.executable, "-m", "whenabouts", "models", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert {"similarity", "univtg", "time-r1", "qwen3-vl", "unitime"} <= rows.keys()
    assert all(row["needs"] and row["status"] for row in rows.values())
