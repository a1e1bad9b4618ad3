"""A video read as a stream: nothing is known before its time, and everything that was told is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from media import make_video
from numbers_online import Numbers

from whenabouts.commands import Find, Predict
from whenabouts.errors import ModelError, QueryError
from whenabouts.grounders import load
from whenabouts.grounders.stream import ONLINE, Event
from whenabouts.grounders.stream.causal import Causal
from whenabouts.video import Video


@pytest.fixture(autouse=True)
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ONLINE.own, "numbers", Numbers)


@pytest.fixture
def video(tmp_path: Path) -> Video:
    make_video(tmp_path / "numbers.mp4", fps=25, seconds=4.0)
    return Video(tmp_path / "numbers.mp4")


def told(trace: tuple[dict[str, Any], ...]) -> list[tuple[Any, ...]]:
    return [(step["step"], step["start"], step["end"], pytest.approx(step["emitted"])) for step in trace[:-1]]


def test_moments_are_told_while_the_video_plays(video: Video) -> None:
    [answer, absent] = load("stream:numbers").ground(video, ["25 to 50", "300 to 400"])
    [moment] = answer.moments
    assert (moment.start, moment.end, moment.score) == (pytest.approx(1.0), pytest.approx(2.0), 0.9)
    steps = [step["step"] for step in answer.trace]
    assert steps == ["started", "updated", "updated", "updated", "updated", "ended", "played"]
    assert answer.trace[0]["emitted"] == pytest.approx(1.0) and answer.trace[5]["emitted"] == pytest.approx(2.0)
    assert all(step["latency"] > 0 for step in answer.trace[:-1])
    played = answer.trace[-1]
    assert played["frames"] == 20 and played["duration"] == video.duration and played["seconds"] > 0
    assert played["resident_bytes"] == 20 * 16 and 0 < played["latency"] <= played["seconds"]
    assert not absent.moments and [step["step"] for step in absent.trace] == ["played"]
    assert answer.presence is None, "nothing estimates it"
    assert answer.receipt is not None and answer.receipt.settings["stream"] == {
        "name": "numbers",
        "fps": 5.0,
        "model": "exact",
        "threshold": 0.4,
    }


def test_a_trace_is_made_of_events(video: Video) -> None:
    [answer] = load("stream:numbers").ground(video, ["25 to 50"])
    for step in json.loads(json.dumps(answer.to_dict()))["trace"][:-1]:
        event = Event.from_dict({name: value for name, value in step.items() if name != "step"})
        assert event.state == step["step"] and event.query == "25 to 50"


def test_what_goes_on_at_the_end_of_the_video_ends_with_it_unseen(video: Video) -> None:
    [answer] = load("stream:numbers").ground(video, ["75 to 500"])
    [moment] = answer.moments
    assert moment.end == video.duration
    assert answer.trace[-2]["step"] == "ended" and answer.trace[-2]["seen_end"] is False
    assert answer.trace[-2]["emitted"] == video.duration


def test_a_picture_that_begins_late_is_not_seen_before(tmp_path: Path) -> None:
    make_video(tmp_path / "late.mp4", fps=25, seconds=2.0, offset=1.0, audio=(0.0, 3.0))
    with Video(tmp_path / "late.mp4") as video:
        [answer] = load("stream:numbers").ground(video, ["0 to 10"])
    [moment] = answer.moments
    assert moment.start == pytest.approx(1.0) and answer.trace[0]["emitted"] == pytest.approx(1.0)
    assert answer.trace[-1]["frames"] in (10, 11), "the sound lasts a little longer than was asked"


def test_answers_do_not_change_when_all_that_follows_is_cut_off(video: Video, tmp_path: Path) -> None:
    [whole] = load("stream:numbers").ground(video, ["25 to 80"])
    with Video(video.cut(0.0, 2.0, tmp_path / "first.mp4")) as first:
        [half] = load("stream:numbers").ground(first, ["25 to 80"])
    before = len(half.trace) - 2  # without what the end of the shorter stream led to
    assert before > 3 and told(half.trace)[:before] == told(whole.trace)[:before]


def test_every_video_is_a_stream_of_its_own(video: Video) -> None:
    grounder = load("stream:numbers")
    first, second = (grounder.ground(video, ["25 to 50"])[0] for _ in range(2))
    assert first.moments == second.moments and told(first.trace) == told(second.trace)


def test_best_moments_come_first_and_a_query_may_be_asked_twice(video: Video) -> None:
    one, other = load("stream:numbers", top=1).ground(video, ["10 to 20", "10 to 20"])
    assert one.moments == other.moments and len(one.moments) == 1


def test_settings_go_to_the_method(video: Video) -> None:
    grounder = load("stream:numbers:late", fps=2.0)
    assert isinstance(grounder, Causal) and grounder.model == "numbers:late"
    assert grounder.ground(video, ["25 to 50"])[0].trace[-1]["frames"] == 8
    for given, message in [
        (load("stream:numbers", device="cpu"), "the online model numbers has no setting device; leave it out"),
        (load("stream:nothing"), "unknown online model 'nothing'"),
    ]:
        with pytest.raises(ModelError, match=message):
            given.ground(video, ["25 to 50"])
    with pytest.raises(ModelError, match="the model stream needs a model"):
        load("stream")
    with pytest.raises(QueryError, match="is not two numbers"):
        load("stream:numbers").ground(video, ["a dog"])


def test_more_settings_and_a_threshold_go_to_the_method(video: Video) -> None:
    late = Find.of(queries=["25 to 50"], model="stream:numbers").answer(video, ["25 to 50"])
    [answer] = load("stream:numbers", settings={"late": 2}).ground(video, ["25 to 50"])
    assert answer.trace[0]["emitted"] == pytest.approx(late[0].trace[0]["emitted"] + 0.4)
    with pytest.raises(ModelError, match="numbers has no setting threshold; leave it out"):
        load("stream:numbers", threshold=0.5).ground(video, ["25 to 50"])
    [answer] = Find.of(queries=["a dog"], model="stream:similarity", threshold=0.7).answer(video, ["a dog"])
    assert answer.receipt is not None and answer.receipt.settings["stream"]["least"] == 0.7
    [said] = load("stream:similarity").ground(video, ["they say the budget was approved"])
    assert "nobody listens" in said.notes[0] and not said.moments


def test_a_stream_is_not_searched_first(video: Video) -> None:
    with pytest.raises(ModelError, match="a stream cannot be searched before it is watched; leave search out"):
        Find.of(queries=["25 to 50"], model="stream:numbers", search=True).answer(video, ["25 to 50"])


def test_predict_writes_what_was_told(video: Video, tmp_path: Path) -> None:
    (tmp_path / "my.jsonl").write_text(
        json.dumps({"vid": "numbers", "query": "25 to 50", "duration": 4.0, "relevant_windows": [[1, 2]]}) + "\n"
    )
    out = tmp_path / "answers.jsonl"
    fields = {"benchmark": str(tmp_path / "my.jsonl"), "videos": tmp_path, "out": out, "model": "stream:numbers"}
    assert not Predict.of(**fields).run().failures
    [row] = [json.loads(line) for line in out.read_text("utf-8").splitlines() if '"qid"' in line]
    assert row["pred_relevant_windows"] == [[1.0, 2.0, 0.9]] and "shortlist" not in row
    assert [step["step"] for step in row["trace"]][::5] == ["started", "ended"] and row["trace"][-1]["step"] == "played"


class Failing(Numbers):
    """Fails at every picture, and says so."""

    def failures(self) -> list[str]:
        """The same sentence again and again."""
        return ["the model did not answer"]

    def notes(self, query: str) -> tuple[str, ...]:
        """What is not applied."""
        return (f"{query} is read as numbers",)


def test_what_went_wrong_is_noted_once(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ONLINE.own, "failing", Failing)
    [answer] = load("stream:failing").ground(video, ["25 to 50"])
    assert answer.notes == ("25 to 50 is read as numbers", "the model did not answer")
