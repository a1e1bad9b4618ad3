"""Checks of the installation, and of models on servers that keep time or lose it."""

from __future__ import annotations

from typing import Any

import pytest
from chat_server import Script, chat_server, refused, silent_server, spoken, streamed

from whenabouts.commands.check import Check
from whenabouts.commands.doctor import Doctor


def answering(length: str, moment: str) -> Script:
    """A server that gives these answers about any video."""

    def script(request: dict[str, Any], number: int) -> Any:
        if request.get("stream"):
            return streamed("yes")
        return length if "How long" in str(request["messages"][-1]["content"]) else moment

    return script


def examined(script: Script, model: str = "Qwen2.5-VL-7B", **settings: Any) -> dict[str, Check]:
    """The checks of a model on a server, by name."""
    pytest.importorskip("httpx", reason="the extra llm is not installed")
    with chat_server(script) as (address, _):
        found = list(Doctor.of(**settings).examined(f"openai:{address}#{model}"))
    assert all("\n" not in check.told for check in found)
    return {check.name: check for check in found}


@pytest.mark.parametrize(
    ("length", "moment", "state", "told"),
    [
        ("26 seconds", "The event happens in 8.0 - 14.0 seconds.", "ok", "it knows how long the video is"),
        ("52", "The event happens in 16.0 - 28.0 seconds.", "broken", "it takes frames for one second apart"),
        ("52 frames", "frames 16 to 28", "broken", "it answers in numbers of frames"),
        ("2.17 seconds", "0.7 to 1.2 seconds", "broken", "it takes frames for 24 a second"),
        ("I cannot help with that.", "Sorry, I can't.", "broken", "it refuses to answer"),
        ("Bananas.", "The moon is made of cheese.", "broken", "its answers name no times"),
        ("7", "From 20.0 to 25.0 seconds.", "broken", "its times have nothing to do with the video"),
    ],
)
def test_servers_that_keep_time_are_told_from_those_that_lose_it(
    length: str, moment: str, state: str, told: str
) -> None:
    found = examined(answering(length, moment))
    assert found["time"].state == state and found["time"].told.startswith(told)
    assert moment in found["moment"].told and found["frames"].told == "52 or more at once"
    assert found["streams"].state == "ok" and found["probabilities"].state == "absent"


def test_what_a_server_takes_is_told() -> None:
    said = answering("26 seconds", "The event happens in 8.0 - 14.0 seconds.")

    def script(request: dict[str, Any], number: int) -> Any:
        content = request["messages"][-1]["content"]
        if isinstance(content, list) and sum(part["type"] == "image_url" for part in content) > 10:
            return refused(400, "At most 10 image(s) may be provided in one prompt.")
        if "temperature" in request:
            return refused(
                400, "Unsupported value: 'temperature' does not support 0 with this model.", param="temperature"
            )
        if request.get("stream"):
            return "yes"
        return spoken(said(request, number)) | {"usage": None}

    found = examined(script)
    assert found["time"].state == "ok" and found["frames"].told == "at most 10 at once, as the server says"
    assert found["parameters"].told == "the server takes no temperature, so greedy answers could not be asked for"
    assert found["streams"].state == "absent"


def test_it_is_told_where_no_video_was_tried() -> None:
    right = answering("26 seconds", "From 8.0 to 14.0 seconds.")
    time = examined(right, "my-model", send="video", frames=16)["time"]
    assert time.state == "doubtful" and "no video was tried: this prompt writes times between its frames" in time.told
    tried = examined(right, send="video", frames=16)["time"]
    assert tried.state == "ok" and "tried" not in tried.told

    def script(request: dict[str, Any], number: int) -> Any:
        refuses = "video_url" in str(request["messages"][-1]["content"])
        return refused(400, "Unknown part type: video_url") if refuses else right(request, number)

    found = examined(script, send="video", frames=16)
    assert found["time"].state == "doubtful" and "the server takes no video" in found["time"].told


def test_a_number_of_frames_that_the_server_did_not_say_is_not_called_its_limit() -> None:
    def script(request: dict[str, Any], number: int) -> Any:
        images = sum(part["type"] == "image_url" for part in request["messages"][-1]["content"])
        return refused(400, "too many images") if images > 6 else "26 seconds"

    assert examined(script)["frames"].told in {"6 at once are taken, 12 are not", "6 at once are taken, 13 are not"}


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (lambda request, number: 401, "wants a key"),
        (lambda request, number: refused(404, "The model does not exist"), "does not have this model"),
        (lambda request, number: refused(400, "not a multimodal model"), "takes no pictures"),
    ],
)
def test_a_model_that_cannot_be_asked_is_one_broken_check(script: Script, told: str) -> None:
    found = examined(script)
    assert list(found) == ["model"] and found["model"].state == "broken" and told in found["model"].told


def test_a_filter_that_refuses_says_so() -> None:
    found = examined(lambda request, number: refused(400, "content_filter"))
    assert found["time"].state == "broken" and "content_filter" in found["time"].told


def test_a_silent_server_and_models_without_words_are_broken() -> None:
    pytest.importorskip("httpx", reason="the extra llm is not installed")
    with silent_server() as (address, _):
        [check] = Doctor(timeout=0.3).examined(f"openai:{address}#x")
    assert check.state == "broken" and "no answer within 0.3 s" in check.told
    for name in ("similarity", "no-such-model", "openai:nowhere"):
        [check] = Doctor().examined(name)
        assert check.state == "broken" and name.removeprefix("openai:") in check.told
