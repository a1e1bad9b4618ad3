"""How the engine gets on with servers of every kind: each test is a real server on the loopback that behaves so."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx", reason="the extra llm is not installed")
pytest.importorskip("PIL", reason="the extra llm is not installed")

from chat_server import Raw, Script, chat_server, refused, silent_server, spoken, streamed
from processes import LIMIT

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply, TooManyFrames, Turn
from whenabouts.grounders.llm.engines.openai import OpenAIEngine
from whenabouts.grounders.llm.engines.openai.learned import PATIENCE

IMAGE = np.zeros((32, 32, 3), np.uint8)
FOUR = Frames((0.0, 0.5, 1.0, 1.5), (IMAGE,) * 4, 2.0)
GREEDY = Decoding(64)


def question(words: str) -> Conversation:
    return (Turn("user", (0, 1, 2, 3, words)),)


def engine(address: str, **settings: Any) -> OpenAIEngine:
    return OpenAIEngine(address, "some-model", **{"wait": 0.0, "retries": 2, "timeout": LIMIT} | settings)


def ask(
    script: Script, *words: str, decoding: Decoding = GREEDY, frames: Frames = FOUR, **settings: Any
) -> tuple[list[Reply], list[dict[str, Any]]]:
    """The replies to questions, and the requests for them."""
    with chat_server(script) as (address, got):
        asked = [question(each) for each in words or ("x",)]
        return [reply for [reply] in engine(address, **settings).answer(asked, frames, decoding)], got


def words(request: dict[str, Any]) -> str:
    return str(request["messages"][-1]["content"][-1]["text"])


def unless(name: str, message: str, status: int = 400, **more: Any) -> Script:
    """A server that refuses a parameter."""
    return lambda request, number: refused(status, message, **more) if name in request else "yes"


# What costs one query its answer.


def test_one_refused_query_of_four_does_not_cost_the_others_theirs() -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        if words(request) == "b":
            return refused(400, "The response was filtered due to Azure's content policy", code="content_filter")
        return words(request).upper()

    replies, got = ask(script, "a", "b", "c", "d")
    assert [reply.text for reply in replies] == ["A", "", "C", "D"] and len(got) == 4
    assert "content policy" in replies[1].failure and not any(replies[i].failure for i in (0, 2, 3))


def test_moderation_with_a_status_of_forbidden_is_about_the_query() -> None:
    [reply], _ = ask(lambda request, number: refused(403, "Your input was flagged by moderation"))
    assert "flagged" in reply.failure


@pytest.mark.parametrize("body", [b'{"choices": [{"message": {"content": "ye', b"", b"{}", b'{"choices": []}', b"[]"])
def test_a_broken_body_is_asked_for_again_and_then_costs_that_query(body: bytes) -> None:
    [reply], got = ask(lambda request, number: body if number == 0 else "yes")
    assert (reply.text, reply.failure, len(got)) == ("yes", "", 2)
    [reply], got = ask(lambda request, number: body)
    assert reply.text == "" and reply.failure.startswith("an answer") and len(got) == 3


def test_silence_costs_one_timeout_and_leaves_the_other_answers() -> None:
    over = threading.Event()

    def script(request: dict[str, Any], number: int) -> str:
        if words(request) == "b":
            over.wait(LIMIT)
        return "yes"

    replies, got = ask(script, "a", "b", "c", "d", timeout=3.0, retries=3)
    over.set()
    assert len(got) == 4
    assert [reply.failure for reply in replies] == ["", "no answer within 3 s", "", ""]


def test_a_silent_server_costs_one_timeout_however_many_questions_wait() -> None:
    with silent_server() as (address, reached):
        with pytest.raises(ModelError, match=r"does not answer: no answer within 0\.3 s"):
            engine(address, timeout=0.3).answer([question(str(i)) for i in range(40)], FOUR, GREEDY)
        assert reached() <= 4


def test_a_server_that_leaves_too_many_questions_in_a_row_unanswered_ends_the_run() -> None:
    with chat_server(lambda request, number: "yes" if number == 0 else 503) as (address, _):
        asking = engine(address, retries=0)
        asking.answer([question("x")], FOUR, GREEDY)
        for _ in range(PATIENCE - 1):
            [[reply]] = asking.answer([question("x")], FOUR, GREEDY)
            assert "503" in reply.failure
        with pytest.raises(ModelError, match="does not answer any more"):
            asking.answer([question("x")], FOUR, GREEDY)


@pytest.mark.parametrize("later", [(500, "broken"), 401, (402, "Insufficient credits")])
def test_answers_that_were_received_are_kept_whatever_comes_later(later: Any) -> None:
    replies, got = ask(lambda request, number: later if number else "yes", *"abcdefghijkl", parallel=1, retries=0)
    assert replies[0].text == "yes" and not replies[0].failure
    assert all(reply.failure for reply in replies[1:]) and len(got) <= 1 + PATIENCE


def test_a_server_that_speaks_something_else_ends_the_run_too() -> None:
    questions = [question(str(i)) for i in range(PATIENCE)]
    with chat_server(lambda request, number: {"hello": "there"}) as (address, _):
        replies = engine(address, retries=0).answer(questions[1:], FOUR, GREEDY)
        assert all("another form than OpenAI's" in reply.failure for [reply] in replies)
        with pytest.raises(ModelError, match="another form than OpenAI's"):
            engine(address, retries=0).answer(questions, FOUR, GREEDY)


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        (spoken(None, refusal="I cannot look at people."), "the model refuses: I cannot look at people."),
        (
            spoken("", "length", {"completion_tokens": 64}),
            "the answer was cut off at 64 tokens, before it said anything",
        ),
        (
            spoken("", "length", {}, reasoning_content="hm"),
            "the answer was cut off at 64 tokens, before it said anything",
        ),
        (spoken("<think>hm", "length"), "the answer was cut off at 7 tokens, before it said anything"),
        (spoken("", "content_filter"), "the server's content filter held the answer back"),
        (spoken("x" * 200_000), "an answer of more than 100,000 characters"),
    ],
)
def test_an_answer_that_says_nothing_tells_why(message: dict[str, Any], failure: str) -> None:
    [reply], got = ask(lambda request, number: message)
    assert reply.failure == failure and len(got) == 1


# Answers of every form.


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (spoken("yes", reasoning_content="hm", reasoning="hm"), "yes"),
        (spoken("<think>hm</think>yes"), "<think>hm</think>yes"),
        (
            spoken(
                [{"type": "text", "text": "y"}, {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "es"}]
            ),
            "yes",
        ),
        (spoken(None), ""),
        (spoken(["odd", 7, None]), ""),
    ],
)
def test_contents_of_every_form_are_read(message: dict[str, Any], text: str) -> None:
    [reply], _ = ask(lambda request, number: message)
    assert (reply.text, reply.failure) == (text, "")


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": "12", "completion_tokens": 3.0}, (12, 3)),
        ({"prompt_tokens": None, "completion_tokens": "many"}, (0, 0)),
        ([], (0, 0)),
        ({"prompt_tokens": -4, "completion_tokens": float("inf")}, (0, 0)),
    ],
)
def test_usage_is_counted_whatever_its_form(usage: Any, counted: tuple[int, int]) -> None:
    with chat_server(lambda request, number: spoken("yes", usage=usage)) as (address, _):
        asking = engine(address)
        asking.answer([question("x")], FOUR, GREEDY)
    assert (asking.usage.requests, asking.usage.prompt_tokens, asking.usage.completion_tokens) == (1, *counted)


def test_packed_and_chunked_answers_are_read() -> None:
    packed = gzip.compress(json.dumps(spoken("yes")).encode())
    parts = [packed[:20], packed[20:]]
    [reply], _ = ask(lambda request, number: Raw(parts, headers={"Content-Encoding": "gzip"}, chunked=True))
    assert reply.text == "yes"


# Streams.


def test_a_server_that_only_streams_is_asked_for_streams_from_then_on() -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        if not request.get("stream"):
            return refused(400, "This model only support stream mode, please enable the stream parameter")
        return streamed("From 1.0 ", "to 2.0", chunked=True)

    with chat_server(script) as (address, got):
        asking = engine(address)
        first, second = (asking.answer([question("x")], FOUR, GREEDY)[0][0] for _ in range(2))
    assert [bool(request.get("stream")) for request in got] == [False, True, True]
    assert first.text == second.text == "From 1.0 to 2.0"
    assert first.notes == ("the server answers only in a stream",) and second.notes == (), "told once"
    assert (asking.usage.requests, asking.usage.completion_tokens) == (2, 14)


def test_a_stream_that_nobody_asked_for_is_read_and_its_end_is_enough() -> None:
    over = threading.Event()

    def endless() -> Iterator[bytes]:
        yield b": keep-alive\n\n"
        yield from streamed("ye", "s").parts
        over.wait(LIMIT)

    [reply], _ = ask(lambda request, number: Raw(endless(), chunked=True))
    assert not over.is_set() and (reply.text, reply.failure) == ("yes", "")
    over.set()


def test_a_line_separator_within_a_stream_ends_no_line() -> None:
    event = json.dumps(
        {"choices": [{"delta": {"content": "a\u2028b\x85c"}, "finish_reason": "stop"}]}, ensure_ascii=False
    )
    [reply], got = ask(lambda request, number: Raw([f"data: {event}\n\ndata: [DONE]\n\n".encode()]))
    assert reply.text == "a\u2028b\x85c" and len(got) == 1


@pytest.mark.parametrize("reset", [False, True])
def test_a_stream_that_breaks_is_asked_for_again(reset: bool) -> None:
    broken = streamed("ye", finish=None, done=False, reset=reset)
    [reply], got = ask(lambda request, number: streamed("yes") if number else broken)
    assert reply.text == "yes" and len(got) == 2


def test_an_error_in_a_stream_is_an_error() -> None:
    event = {"error": {"code": 502, "message": "Provider disconnected"}, "choices": [{"delta": {"content": ""}}]}
    events = [*streamed("From 1", finish=None, done=False).parts, f"data: {json.dumps(event)}\n\n".encode()]
    [reply], got = ask(lambda request, number: streamed("yes") if number else Raw(events))
    assert reply.text == "yes" and len(got) == 2


# What a server does not take.


@pytest.mark.parametrize(
    ("name", "decoding", "note"),
    [
        ("max_tokens", GREEDY, "the server takes max_completion_tokens, not max_tokens"),
        ("temperature", GREEDY, "the server takes no temperature, so greedy answers could not be asked for"),
        ("temperature", Decoding(temperature=0.7), "the server takes no temperature, so 0.7 could not be asked for"),
        ("logprobs", GREEDY, "the server does not take logprobs, so it was left out"),
        ("top_p", Decoding(temperature=1.0, top_p=0.9), "the server does not take top_p, so it was left out"),
        ("top_k", Decoding(temperature=1.0, top_k=1), "the server does not take top_k, so it was left out"),
        ("repetition_penalty", GREEDY, "the server does not take repetition_penalty, so it was left out"),
        (
            "add_generation_prompt",
            Decoding(opens_turn=False),
            "the server does not take add_generation_prompt, so it was left out",
        ),
    ],
)
def test_what_a_server_does_not_take_is_left_out_told_and_remembered(name: str, decoding: Decoding, note: str) -> None:
    sentences = [
        (400, f"Unsupported parameter: '{name}' is not supported with this model."),
        (400, f"Unrecognized request argument supplied: {name}"),
        (
            422,
            json.dumps([{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]),
        ),
        (500, f"got an unexpected keyword argument '{name}'"),
    ]
    for status, sentence in sentences:
        with chat_server(unless(name, sentence, status)) as (address, got):
            asking = engine(address)
            replies = [asking.answer([question("x")], FOUR, decoding)[0][0] for _ in range(2)]
        assert [reply.text for reply in replies] == ["yes", "yes"], sentence
        assert [name in request for request in got] == [True, False, False], "asked otherwise at once, and remembered"
        assert note in replies[0].notes
        changes = (name, decoding) not in [("logprobs", GREEDY), ("max_tokens", GREEDY), ("repetition_penalty", GREEDY)]
        assert (note in replies[1].notes) == changes, "what changes an answer is told of each"
    if name == "max_tokens":
        assert got[1]["max_completion_tokens"] == decoding.tokens


@pytest.mark.parametrize(
    "body",
    [
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {
                    "raw": '{"error": {"message": "'
                    "Unsupported value: 'temperature' does not support 0 with this model.\"}}",
                    "provider_name": "Azure",
                },
            }
        },
        [
            {
                "error": {
                    "code": 400,
                    "message": 'Unknown name "temperature": Cannot find field.',
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", "temperature"], "msg": "Extra inputs", "input": "top_p"}
            ]
        },
        {"object": "error", "message": "`temperature` is not supported", "type": "BadRequestError", "code": 400},
        {"error": "litellm.BadRequestError: OpenAIException - {'error': {'param': 'temperature'}}"},
    ],
)
def test_a_refusal_is_understood_however_it_is_wrapped(body: Any) -> None:
    text = json.dumps(body).encode()
    refusal = Raw([text], 400, length=len(text))
    decoding = Decoding(64, 0.7, top_p=0.9)
    [reply], got = ask(lambda request, number: refusal if "temperature" in request else "yes", decoding=decoding)
    assert reply.notes == ("the server takes no temperature, so 0.7 could not be asked for",) and len(got) == 2
    assert got[1]["top_p"] == 0.9, "what a refusal repeats of the request does not count"


def test_a_temperature_of_zero_may_be_refused_alone() -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        positive = request["temperature"] > 0
        return "yes" if positive else refused(422, "Input validation error: `temperature` must be strictly positive")

    [reply], got = ask(script)
    assert reply.notes == ("the server takes no temperature of 0, so answers were drawn at 0.01",) and len(got) == 2


def test_all_that_a_strict_server_does_not_take_is_found_out() -> None:
    taken = {"model", "messages", "max_completion_tokens", "_path", "_key"}

    def script(request: dict[str, Any], number: int) -> Any:
        odd = next((name for name in request if name not in taken), None)
        return "yes" if odd is None else refused(400, "Unsupported", param=odd, code="unsupported_parameter")

    replies, _ = ask(script, *"abcdef", decoding=Decoding(64, 0.7, top_p=0.9, opens_turn=False))
    assert [reply.text for reply in replies] == ["yes"] * 6


# Video.


def test_a_server_without_video_is_sent_pictures_with_their_times() -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        kinds = {part["type"] for part in request["messages"][0]["content"]}
        return refused(400, "Unknown part type: video_url") if "video_url" in kinds else "yes"

    [reply], got = ask(script, send="video")
    content = got[1]["messages"][0]["content"]
    assert [part.get("text") for part in content[::2]] == [
        "<0.0 seconds>",
        "<0.5 seconds>",
        "<1.0 seconds>",
        "<1.5 seconds>",
        "x",
    ]
    assert reply.notes == ("the server takes no video, so pictures with their times were sent",)
    assert "mm_processor_kwargs" in got[0] and "mm_processor_kwargs" not in got[1]


@pytest.mark.parametrize("name", ["mm_processor_kwargs", "media_io_kwargs"])
def test_a_server_that_cannot_be_told_the_rate_is_sent_pictures(name: str) -> None:
    [reply], got = ask(unless(name, f"Extra inputs are not permitted: {name}"), send="video")
    assert reply.text == "yes" and reply.notes and got[1]["messages"][0]["content"][1]["type"] == "image_url"


def test_frames_that_no_rate_keeps_are_sent_as_pictures_with_their_times() -> None:
    uneven = Frames((0.0, 0.5, 4.0, 9.5), (IMAGE,) * 4, 2.0)
    [reply], [request] = ask(lambda request, number: "yes", frames=uneven, send="video")
    stamps = [part["text"] for part in request["messages"][0]["content"] if part["type"] == "text"]
    assert stamps == ["<0.0 seconds>", "<0.5 seconds>", "<4.0 seconds>", "<9.5 seconds>", "x"]
    assert "not evenly spaced" in reply.notes[0] and "mm_processor_kwargs" not in request


def test_times_that_a_server_writes_itself_are_left_out_and_those_of_a_prompt_are_kept() -> None:
    native = (Turn("user", ("<0.2 seconds>", 0, 1, "<1.2 seconds>", 2, 3, "x")),)
    own = (Turn("user", ("timestamp: 0.2 seconds", 0, 1, "timestamp: 1.2 seconds", 2, 3, "x")),)
    moved = (Turn("user", ("<60.2 seconds>", 0, 1, "<61.2 seconds>", 2, 3, "x")),)
    with chat_server(lambda request, number: "yes") as (address, got):
        [[first]] = engine(address, send="video").answer([native], FOUR, GREEDY)
        [[second]] = engine(address, send="video").answer([own], FOUR, GREEDY)
        [[third]] = engine(address, send="video").answer([moved], FOUR, GREEDY)
    kinds = [[part["type"] for part in request["messages"][0]["content"]] for request in got]
    assert kinds[0] == ["video_url", "text"] and first.notes == ()
    assert kinds[1] == ["text", "image_url", "image_url"] * 2 + ["text"] and "writes times" in second.notes[0]
    assert kinds[2] == kinds[1] and third.notes == second.notes, "the server would write times from the first frame on"


# Fewer frames.

TOO_MANY = [
    (400, "At most 2 image(s) may be provided in one prompt.", 2),
    (400, "At most 2 image(s) may be provided in one request.", 2),
    (400, "Too many images in request. Max is 2.", 2),
    (400, "Exceeded maximum number of images (2) allowed in the request.", 2),
    (400, "Too many images in request: 4 images provided, but the model supports a maximum of 2 images.", 2),
    (400, "too many images and documents: 4 + 0 > 2", 2),
    (400, "Too much media: 0 document pages + 4 images > 2", 2),
    (400, "Image count 4 exceeds limit 2 per request.", 2),
    (400, "Too many images provided. This model supports up to 2 images", 2),
    (
        400,
        "the request exceeds the available context size. try increasing the context size or enable context shift",
        None,
    ),
    (400, "request (40000 tokens) exceeds the available context size (8192 tokens), try increasing it", None),
    (500, "the request exceeds the available context size", None),
    (400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens", None),
    (400, "The decoder prompt (length 33000) is longer than the maximum model length of 32768.", None),
    (
        400,
        "'max_tokens' is too large: 64. This model's maximum context length is 4096 tokens and your request has 4090",
        None,
    ),
    (400, "The input (33334 tokens) is longer than the model's context length (32768 tokens).", None),
    (400, "The input token count (1050000) exceeds the maximum number of tokens allowed (1048575).", None),
    (400, "prompt is too long: 203456 tokens > 200000 maximum", None),
    (413, "Payload Too Large", None),
    (400, "Request payload size exceeds the limit: 20971520 bytes.", None),
    (400, "This model accepts up to three", 3),
    (400, "number of images (4) exceeds limit (2)", 2),
    (422, "This model does not support multi-image input", 1),
    (413, "Request Entity Too Large", None),
    (429, "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 50000.", None),
]


@pytest.mark.parametrize(("status", "message", "limit"), TOO_MANY)
def test_fewer_frames_are_asked_for_where_a_server_takes_fewer(status: int, message: str, limit: int | None) -> None:
    for wrapped in (False, True):
        raw = json.dumps({"error": {"message": message, "code": None}})
        answer = (
            refused(status, "Provider returned error", code=status, metadata={"raw": raw})
            if wrapped
            else refused(status, message)
        )
        with pytest.raises(TooManyFrames) as caught:
            ask(lambda request, number, answer=answer: answer)
        assert caught.value.limit == limit and "the 4 shown" in str(caught.value)


def test_a_prompt_without_frames_that_is_too_long_is_one_query() -> None:
    with chat_server(lambda request, number: refused(400, "maximum context length is 4096 tokens")) as (address, _):
        [[reply]] = engine(address).answer([(Turn("user", ("x",)),)], Frames((), (), 1.0), GREEDY)
    assert "4096" in reply.failure


# What ends a run.


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refused(401, "Incorrect API key provided"), "wants a key; set OPENAI_API_KEY: 401 Incorrect"),
        (refused(403, "Project has no access"), "look what the key in OPENAI_API_KEY may use"),
        (refused(402, "Insufficient credits"), "wants to be paid"),
        (refused(429, "You exceeded your current quota", code="insufficient_quota"), "wants to be paid"),
        (refused(404, "The model `some-model` does not exist."), "does not have this model .*it has: some-model"),
        (refused(400, "foo is not a valid model ID"), "does not have this model"),
        (refused(400, "some-model is not a multimodal model"), "takes no pictures"),
        (refused(400, "At most 0 image(s) may be provided in one prompt."), "takes no pictures"),
        (
            refused(500, "image input is not supported - hint: if this is unexpected, provide the mmproj"),
            "takes no pictures",
        ),
        (Raw([b"<!DOCTYPE html><html><body>Welcome"], length=34), "not the address of a chat server"),
        (Raw([b"<html><title>404 Not Found</title>"], 404, length=34), "not the address of a chat server"),
        (Raw([b"{}"], 405, length=2), "not the address of a chat server"),
        (
            Raw([b""], 302, {"Location": "https://elsewhere.example/v1"}, length=0),
            "sends on to https://elsewhere.example/v1",
        ),
    ],
)
def test_what_no_other_question_would_change_ends_the_run(answer: Raw, told: str) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        ask(lambda request, number: answer, "a", "b")
    assert "\n" not in str(caught.value) and not isinstance(caught.value, TooManyFrames)


def test_a_web_page_is_told_with_the_status_that_it_had() -> None:
    page = b"<!DOCTYPE html><html><title>Sign in to Billing</title></html>"
    with pytest.raises(ModelError, match="not the address of a chat server: 200 Sign in to Billing"):
        ask(lambda request, number: Raw([page], headers={"Content-Type": "text/html"}, length=len(page)))


def test_a_key_that_is_not_accepted_is_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " secret\n")
    with pytest.raises(ModelError, match="does not accept the key in OPENAI_API_KEY") as caught:
        ask(lambda request, number: refused(401, "no") if request["_key"] == "Bearer secret" else "yes")
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("OPENAI_API_KEY", "gehe\u00efm")
    with pytest.raises(ModelError, match="holds characters that no key has"):
        ask(lambda request, number: "yes")


def test_a_server_without_a_list_of_models_may_lack_one() -> None:
    with (
        chat_server(lambda request, number: refused(404, "model not found"), models=None) as (address, _),
        pytest.raises(ModelError, match="does not have this model"),
    ):
        engine(address).answer([question("x")], FOUR, GREEDY)


@pytest.mark.parametrize("given", ["", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_end_of_an_address_may_be_left_out(given: str) -> None:
    with chat_server(lambda request, number: "yes", prefix="/v1/") as (address, got):
        [[reply]] = engine(f"{address}{given}").answer([question("x")], FOUR, GREEDY)
    assert reply.text == "yes" and got[0]["_path"] == "/v1/chat/completions"


def test_an_address_with_another_version_is_found_and_remembered() -> None:
    with chat_server(lambda request, number: "yes", prefix="/v1beta/openai/chat") as (address, got):
        asking = engine(f"{address}/v1beta/openai")
        texts = [asking.answer([question("x")], FOUR, GREEDY)[0][0].text for _ in range(2)]
    assert texts == ["yes", "yes"] and asking.learned.base == 1 and len(got) == 2


@pytest.mark.parametrize("url", ["http://[::1", "http://h:99999", "ftp://h", "http://", "h:8000", "http://h:0"])
def test_an_address_that_is_none_is_told_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ModelError, match="is not a server URL"):
        OpenAIEngine(url, "x")


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "http://127.0.0.1:9", "http://xn--\u2603.example"])
def test_a_server_that_cannot_be_reached_ends_the_run(url: str) -> None:
    with pytest.raises(ModelError, match="does not answer"):
        engine(url).answer([question("x")], FOUR, GREEDY)


def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://proxy.example:1")
    with pytest.raises(ModelError, match="proxy"):
        engine("http://model.example").answer([question("x")], FOUR, GREEDY)
    [reply], _ = ask(lambda request, number: "yes")
    assert reply.text == "yes", "this machine is reached without"


def test_an_address_of_the_sixth_version() -> None:
    try:
        with chat_server(lambda request, number: "yes", host="::1") as (address, _):
            asking = engine(address)
            assert asking.name == f"openai:{address}#some-model"
            assert asking.answer([question("x")], FOUR, GREEDY)[0][0].text == "yes"
    except OSError:
        pytest.skip("this machine has no IPv6")


# What passes.


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_server_that_recovers_is_asked_again(status: int) -> None:
    [reply], got = ask(lambda request, number: refused(status, "busy") if number < 2 else "yes")
    assert reply.text == "yes" and len(got) == 3


@pytest.mark.parametrize("after", ["0.3", "3600", "date", "-5", "soon"])
def test_a_server_is_left_alone_as_long_as_it_says_within_bounds(after: str) -> None:
    value = formatdate(time.time() + 3600, usegmt=True) if after == "date" else after
    busy = Raw([b"{}"], 429, {"Retry-After": value}, length=2)
    began = time.monotonic()
    [reply], got = ask(lambda request, number: "yes" if number else busy, longest_wait=0.5)
    waited = time.monotonic() - began
    assert reply.text == "yes" and len(got) == 2
    assert waited >= {"0.3": 0.3, "3600": 0.5, "date": 0.5}.get(after, 0.0)


def test_a_wait_that_is_too_long_is_bounded_by_the_timeout_and_told() -> None:
    busy = Raw([b'{"error": "busy"}'], 429, {"Retry-After": "100000"}, length=17)
    told = "the server wanted to be left alone for 100000 s, and was asked again after 3 s"
    [reply], _ = ask(lambda request, number: "yes" if number else busy, timeout=3.0)
    assert reply.text == "yes" and told in reply.notes
    with chat_server(lambda request, number: busy if number else "yes") as (address, _):
        asking = engine(address, timeout=3.0, retries=1)
        [[_], [reply]] = (asking.answer([question("x")], FOUR, GREEDY)[0] for _ in range(2))
    assert "429" in reply.failure and told in reply.failure


@pytest.mark.parametrize("length", [5000, None])
def test_a_connection_that_breaks_is_asked_again(length: int | None) -> None:
    broken = Raw([b'{"choices": ['], length=length, reset=True)
    [reply], got = ask(lambda request, number: "yes" if number else broken)
    assert reply.text == "yes" and len(got) == 2


@pytest.mark.parametrize(("code", "requests"), [(429, 3), ("503", 3), (400, 1), ("content_filter", 1), (None, 1)])
def test_an_error_in_an_answer_is_an_error(code: Any, requests: int) -> None:
    with chat_server(lambda request, number: {"error": {"message": "no", "code": code}} if number else "yes") as (
        address,
        got,
    ):
        asking = engine(address)
        asking.answer([question("x")], FOUR, GREEDY)
        [[reply]] = asking.answer([question("x")], FOUR, GREEDY)
    assert "no" in reply.failure and len(got) == 1 + requests


# Bounds.


def test_an_endless_answer_is_bounded_by_the_timeout_and_by_its_size() -> None:
    def drops() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b" "

    for chunked, kind in [(True, "application/json"), (False, "application/json"), (False, "text/event-stream")]:
        asked: list[int] = []

        def script(request: dict[str, Any], number: int, chunked: bool = chunked, kind: str = kind) -> Raw:
            asked.append(number)  # noqa: B023
            return Raw(drops(), headers={"Content-Type": kind}, chunked=chunked)

        with pytest.raises(ModelError, match="no answer within 1 s"):
            ask(script, timeout=1.0)
        assert asked == [0]
    [reply], got = ask(lambda request, number: Raw(itertools.repeat(b" " * 2**20), chunked=True))
    assert reply.failure == "an answer of more than 16 MiB" and len(got) == 1


def test_a_stream_that_falls_silent_is_cut_off_by_the_timeout() -> None:
    over = threading.Event()

    def halting() -> Iterator[bytes]:
        yield from streamed("From 1", finish=None, done=False).parts
        while not over.wait(0.2):  # were the time counted from the last word, it would never be over
            yield b": keep-alive\n\n"

    with pytest.raises(ModelError, match="no answer within 1 s"):
        ask(lambda request, number: Raw(halting(), chunked=True), timeout=1.0)
    over.set()


def test_what_is_not_answered_in_the_time_given_fails_and_the_rest_is_kept() -> None:
    over = threading.Event()

    def script(request: dict[str, Any], number: int) -> str:
        if words(request) != "a":
            over.wait(LIMIT)
        return "yes"

    replies, _ = ask(script, "a", "b", "c", decoding=Decoding(64, seconds=3.0))
    over.set()
    assert [reply.failure for reply in replies] == ["", *["no answer before the time was over"] * 2]
