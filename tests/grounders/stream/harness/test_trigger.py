"""The harness asks a real server on the loopback about every second, and its answers become events."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from processes import LIMIT

pytest.importorskip("httpx", reason="the extra llm is not installed")
Image = pytest.importorskip("PIL.Image", reason="the extra llm is not installed")

from chat_server import chat_server, refused, spoken  # noqa: E402

from whenabouts.errors import InputError, ModelError  # noqa: E402
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply  # noqa: E402
from whenabouts.grounders.llm.engines.openai import OpenAIEngine  # noqa: E402
from whenabouts.grounders.stream import load_online  # noqa: E402
from whenabouts.grounders.stream.event import Event  # noqa: E402
from whenabouts.grounders.stream.harness.trigger import Harness  # noqa: E402

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "grey": (120, 120, 120)}
Requests = list[dict[str, Any]]


def at_once(job: Callable[[], str]) -> Future[str]:
    done: Future[str] = Future()
    try:
        done.set_result(job())
    except Exception as error:
        done.set_exception(error)
    return done


def seen(request: dict[str, Any]) -> list[str]:
    """The colours that a request shows, in order."""
    found = []
    for message in request["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else []:
            if part["type"] == "image_url":
                data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
                rgb = np.asarray(Image.open(io.BytesIO(data))).reshape(-1, 3).mean(axis=0)
                found.append(min(COLOURS, key=lambda name: float(np.abs(rgb - COLOURS[name]).sum())))
    return found


def words(request: dict[str, Any]) -> str:
    """All text of a request."""
    return "\n".join(
        message["content"]
        if isinstance(message["content"], str)
        else "".join(part.get("text", "<picture>") for part in message["content"])
        for message in request["messages"]
    )


class Watcher:
    """A model that does as it is told: it looks for the colours of events, and says what changes."""

    def __init__(self) -> None:
        self.on: set[int] = set()

    def __call__(self, request: dict[str, Any], number: int) -> str:
        text = words(request)
        if "Sum up" in text[-400:]:
            return f"{len(seen(request))} seconds were summed up."
        if "notes say" in text:
            return "A longer note."
        asked = {int(n): query for n, query in re.findall(r"^(\d+): (.*)$", text, re.MULTILINE)}
        gone = {int(n) for n in re.findall(r"^(\d+) is not asked", text, re.MULTILINE)}
        now = seen(request)[-1]
        is_on = {n for n, query in asked.items() if n not in gone and now in query}
        said = [f"{n} starts" for n in sorted(is_on - self.on)] + [f"{n} ends" for n in sorted(self.on - is_on - gone)]
        self.on = is_on
        return "</response> " + "\n".join(said) if said else "</silence>"


def picture(colour: str) -> NDArray[np.uint8]:
    return np.full((36, 64, 3), COLOURS[colour], np.uint8)


def show(harness: Harness, colours: str, start: float = 0.0, fps: float = 1.0) -> list[Event]:
    """Push a picture for each letter: r, g, or . for grey."""
    names = {"r": "red", "g": "green", ".": "grey"}
    return [
        event for k, letter in enumerate(colours) for event in harness.push(picture(names[letter]), start + k / fps)
    ]


def harness(address: str, **settings: Any) -> Harness:
    engine = OpenAIEngine(address, "some-model", wait=0.0, retries=0, timeout=LIMIT)
    return Harness(engine, **{"run": at_once, "timeout": LIMIT} | settings)


def told(events: list[Event]) -> list[tuple[str, int, str, float, float | None]]:
    return [(event.query, event.number, event.state, event.start, event.end) for event in events]


def test_standing_queries_are_answered_in_the_second_in_which_they_happen() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address)
        watching.add("something red")
        watching.add("something green")
        events = show(watching, "..rrr.ggr.")
    red, green = "something red", "something green"
    assert told(events) == [
        (red, 1, "started", 2.0, None), (red, 1, "ended", 2.0, 5.0), (green, 1, "started", 6.0, None),
        (red, 2, "started", 8.0, None), (green, 1, "ended", 6.0, 8.0), (red, 2, "ended", 8.0, 9.0),
    ]  # fmt: skip
    assert [event.emitted for event in events] == [2, 5, 6, 8, 8, 9]
    assert len(got) == 10 and watching.failures() == [] and watching.unreadable == 0
    assert watching.models == {f"openai:{address}#some-model": "on a server"}


def test_within_a_chunk_every_request_begins_byte_for_byte_with_the_one_before() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address, short=6, lead=1)
        watching.add("something red")
        show(watching, "..r.")
        watching.add("something green")
        show(watching, "ggrr....", start=4.0)
    asked = [request["messages"] for request in got if "Sum up" not in words(request)]
    assert [len(messages) for messages in asked] == [2, 4, 6, 8, 10, 12] * 2
    for before, after in pairwise(asked):
        if len(after) > len(before):
            bytes_before, bytes_after = json.dumps(before)[:-1], json.dumps(after)
            assert bytes_after.startswith(bytes_before + ", ")
            added = after[len(before) :]
            assert [message["role"] for message in added] == ["assistant", "user"]
            assert [part["type"] for part in added[1]["content"]][:2] == ["text", "image_url"]
    marks = [part["text"] for message in asked[5][1::2] for part in message["content"] if part["type"] == "text"]
    assert [each for each in marks if each.startswith("<ts")] == [f"<ts-{k}s>" for k in range(1, 7)]
    assert "\n2: something green" in marks
    summed = next(request["messages"] for request in got if "Sum up" in words(request))
    assert json.dumps(summed).startswith(json.dumps(asked[4])[:-1] + ", ")


def test_a_new_chunk_begins_with_what_is_remembered_and_what_goes_on() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address, short=4, mid=2, long=2, lead=1)
        watching.add("something red")
        events = show(watching, "..rrrrrr" + "." * 20)
    assert told(events) == [
        ("something red", 1, "started", 2.0, None), ("something red", 1, "ended", 2.0, 8.0)
    ]  # fmt: skip
    second = next(words(r) for r in got if "<ts-5s>" in words(r))
    assert "[0 s to 4 s] 3 seconds were summed up." in second and "<ts-4s>" not in second
    assert "1: something red (goes on since 2 s)" in second
    last = words(got[-1])
    assert "[0 s to 8 s] A longer note." in last and "[16 s to 20 s] 3 seconds" in last
    assert max(len(seen(request)) for request in got) == 4


def test_more_pictures_a_second_are_shown_together() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address, fps=2.0)
        watching.add("something red")
        events = show(watching, "." * 30 + "r" * 30 + "." * 30, fps=10.0)
    assert told(events)[0][2:] == ("started", 3.0, None) and told(events)[1][2:] == ("ended", 3.0, 6.0)
    assert len(got) == 9 and [len(seen(request)) for request in got] == [2 * k for k in range(1, 10)]


def test_seconds_without_pictures_are_not_shown_and_a_slow_source_is_asked_when_the_second_is_over() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address, fps=2.0)
        watching.add("something red")
        events = [event for t in (0.0, 1.0, 7.3, 9.0) for event in watching.push(picture("red"), t)]
        events += watching.finish(9.5)
    assert re.findall(r"<ts-\d+s>", words(got[-1])[-400:]) == ["<ts-1s>", "<ts-2s>", "<ts-8s>", "<ts-10s>"]
    assert told(events) == [("something red", 1, "started", 0.0, None), ("something red", 1, "ended", 0.0, 9.5)]
    assert not events[-1].seen_end


@pytest.mark.parametrize(
    "answer", ["I see a wall.", "", "</response> 9 starts", "</response> it starts", "</response>"]
)
def test_what_cannot_be_read_is_silence_and_counted(answer: str) -> None:
    with chat_server(lambda request, number: answer) as (address, got):
        watching = harness(address)
        watching.add("something red")
        assert show(watching, "rrr") == []
    assert watching.unreadable == 3 and len(watching.failures()) == 1
    assert [m["content"] for m in got[-1]["messages"] if m["role"] == "assistant"] == ["</silence>"] * 2


def test_a_start_or_end_that_is_said_again_is_not_told_again() -> None:
    answers = ["</response> 1 ends", "</response> 1 starts", "</response> 1 starts", "</response> 1 ends, 1 starts"]
    with chat_server(lambda request, number: answers[number]) as (address, _):
        watching = harness(address)
        watching.add("something red")
        events = show(watching, "rrrr")
    assert [(event.number, event.state, event.emitted) for event in events] == [
        (1, "started", 1), (1, "ended", 3), (2, "started", 3),
    ]  # fmt: skip


def test_the_score_is_the_probability_of_the_control_word() -> None:
    tokens = [("</", -0.1), ("response", -0.2), (">", -0.3), (" 1", -2.0), (" starts", -2.0)]
    logprobs = {"content": [{"token": token, "logprob": value} for token, value in tokens]}

    def script(request: dict[str, Any], number: int) -> dict[str, Any]:
        body = spoken("</response> 1 starts")
        body["choices"][0]["logprobs"] = logprobs
        return body

    with chat_server(script) as (address, _):
        watching = harness(address)
        watching.add("something red")
        [event] = show(watching, "r")
    assert event.score == pytest.approx(np.exp(-0.6))


def test_a_server_that_fails_ends_nothing_and_the_stream_goes_on() -> None:
    watcher = Watcher()

    def script(request: dict[str, Any], number: int) -> Any:
        return 500 if 3 <= number < 6 else watcher(request, number)

    with chat_server(script) as (address, _):
        watching = harness(address)
        watching.add("something red")
        events = show(watching, ".rrrrrrr.")
    assert told(events) == [("something red", 1, "started", 1.0, None), ("something red", 1, "ended", 1.0, 8.0)]
    assert watching.failures() and watching.failures() == []


def test_a_server_that_was_never_there_is_told_at_once() -> None:
    watching = harness("http://127.0.0.1:9")
    watching.add("something red")
    with pytest.raises(ModelError, match="does not answer"):
        show(watching, "r")


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_cannot_answer_is_not_told_as_one_that_took_too_long(status: int) -> None:
    with chat_server(lambda request, number: (status, "out of memory")) as (address, _):
        engine = OpenAIEngine(address, "some-model", wait=100.0)
        watching = Harness(engine, run=at_once, timeout=30.0)
        watching.add("something red")
        with pytest.raises(ModelError, match=r"does not answer: .*out of memory"):
            show(watching, "r")
        assert not watching.answered


def test_a_refused_connection_is_told_as_such_however_short_the_time() -> None:
    watching = Harness(OpenAIEngine("http://127.0.0.1:9", "some-model", wait=100.0), timeout=30.0)
    watching.add("something red")
    with pytest.raises(ModelError, match=r"does not answer: .*refused"):
        show(watching, "r")


def test_a_server_that_takes_few_pictures_makes_chunks_short() -> None:
    watcher = Watcher()

    def script(request: dict[str, Any], number: int) -> Any:
        if len(seen(request)) > 3:
            return refused(400, "At most 3 image(s) may be provided in one prompt.")
        return watcher(request, number)

    with chat_server(script) as (address, got):
        watching = harness(address)
        watching.add("something red")
        events = show(watching, "..rrrrr..")
    assert [(event.state, event.start, event.end) for event in events] == [("started", 2, None), ("ended", 2, 7)]
    assert any("fewer pictures" in note for note in watching.failures())
    assert max(len(seen(request)) for request in got[4:]) <= 3
    spans = [(each.start, each.end) for each in watching.memory.mid]
    assert all(before[1] <= after[0] for before, after in pairwise(spans)), spans


def test_summaries_that_fail_lose_nothing_that_was_told() -> None:
    watcher = Watcher()

    def script(request: dict[str, Any], number: int) -> Any:
        return 400 if "Sum up" in words(request) or "notes say" in words(request) else watcher(request, number)

    with chat_server(script) as (address, got):
        watching = harness(address, short=3, mid=2, long=1, lead=1)
        watching.add("something red")
        show(watching, ".rr.......")
    assert (
        "[0 s to 6 s] at 1 s 'something red' starts at 3 s 'something red' ends\n[6 s to 9 s] nothing was told"
        in words(got[-1])
    )
    assert any("a summary was not written" in note for note in watching.failures())


@pytest.mark.parametrize("nothing", ["</silence>", "  ", "<summary></summary>", "</response> 1 starts", "<think>what"])
def test_a_summary_without_words_does_not_take_the_place_of_what_was_told(nothing: str) -> None:
    watcher = Watcher()

    def script(request: dict[str, Any], number: int) -> Any:
        return nothing if "Sum up" in words(request) or "notes say" in words(request) else watcher(request, number)

    with chat_server(script) as (address, got):
        watching = harness(address, short=3, mid=2, long=1, lead=1)
        watching.add("something red")
        show(watching, ".rr.......")
    assert "[0 s to 6 s] at 1 s 'something red' starts at 3 s 'something red' ends" in words(got[-1])
    assert "[6 s to 9 s] nothing was told" in words(got[-1])
    assert any("a summary was not written" in note for note in watching.failures())


def test_what_is_lost_ends_unseen_and_is_remembered() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address)
        watching.add("something red")
        show(watching, ".rr")
        [ended] = watching.lost(3.0, 60.0)
        assert (ended.end, ended.seen_end) == (3.0, False)
        show(watching, ".", start=60.0)
    text = words(got[-1])
    assert "[0 s to 3 s] 3 seconds were summed up." in text and "<ts-61s>" in text and len(seen(got[-1])) == 1


def test_another_run_goes_on_with_numbers_and_memory() -> None:
    with chat_server(Watcher()) as (address, got):
        one, other = harness(address, short=3, lead=1), harness(address, short=3, lead=1)
        for query in ("something blue", "something red"):
            one.add(query)
        one.remove("something blue")
        show(one, "....rr")
        other.restore(json.loads(json.dumps(one.snapshot())))
        events = show(other, "r.", start=8.0)
        assert told(events) == [("something red", 1, "ended", 4.0, 9.0)]
    text = words(got[-1])
    assert "2: something red (goes on since 4 s)" in text and "something blue" not in text
    assert "[0 s to 3 s] 2 seconds were summed up.\n[3 s to 6 s] at 4 s 'something red' starts" in text


def test_queries_come_and_go_within_a_chunk() -> None:
    with chat_server(Watcher()) as (address, got):
        watching = harness(address)
        assert show(watching, "rr") == [] and not got, "nothing is asked while nobody asks"
        watching.add("something red")
        show(watching, "r.", start=2.0)
        watching.remove("something red")
        watching.add("something green")
        events = show(watching, "rg", start=4.0)
    assert told(events) == [("something green", 1, "started", 5.0, None)]
    assert "1 is not asked for any more.\n2: something green" in words(got[-1])


class Talker:
    """A model that needs no server: it says something now and then, and sums up at length."""

    stamped, name, identity = True, "talker", "none"

    def __init__(self) -> None:
        self.asked = 0

    def answer(self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding) -> list[list[Reply]]:
        self.asked += 1
        if decoding.tokens != 64:
            return [[Reply("what happened " * 50)]]
        return [[Reply("</silence>" if self.asked % 40 else "</response> 1 starts, 1 ends")]]


def test_memory_stays_bounded_over_hours() -> None:
    engine = Talker()
    watching = Harness(engine, short=20, mid=2, long=3, pixels=64, run=at_once)
    watching.add("something red")
    sizes = []
    for second in range(3600):
        watching.push(picture("grey"), float(second))
        sizes.append(watching.resident_bytes)
    assert max(sizes[2000:]) <= max(sizes[:2000]) and engine.asked > 3600
    assert watching.memory.characters <= watching.memory.most_characters


def test_settings_and_pictures_that_make_no_sense_are_refused() -> None:
    for wrong in ({"short": 0}, {"fps": 0.5}, {"pixels": 0}, {"timeout": 0}, {"tokens": 0}):
        with pytest.raises(InputError, match="needs"):
            Harness("openai:http://127.0.0.1:9#m", **wrong)
    watching = load_online("harness:openai:http://127.0.0.1:9#m")
    with pytest.raises(InputError, match="a picture is needed"):
        watching.push(np.zeros(3, np.float32), 0.0)
    with pytest.raises(ModelError, match="write harness:MODEL"):
        load_online("harness")


@pytest.mark.slow
def test_a_model_on_this_machine_watches(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra hub is not installed")
    from tiny_checkpoints import make_checkpoint

    folder = make_checkpoint("qwen2_5_vl", tmp_path / "base")
    watching = Harness(str(folder), short=2, mid=1, long=1, characters=40, pixels=3136, tokens=4, run=at_once)
    watching.add("something red")
    show(watching, "..rr..")
    assert watching.models and watching.unreadable == 6, "random weights say nothing that can be read"
    assert len(watching.memory.text.splitlines()) == 2 and not watching.memory.failures
