"""Checks of the installation, and of models on servers that keep time or lose it."""

from __future__ import annotations

import sys
import tomllib
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from chat_server import Script, chat_server, refused, silent_server, spoken, streamed

from whenabouts.commands.check import Check
from whenabouts.commands.doctor import Doctor
from whenabouts.commands.installation import EXTRAS, WEIGHTS, cache, decoding, extras, shipped, telemetry

ROOT = Path(__file__).parents[2]
NOT_FOR_USERS = {"test", "lint", "docs", "bench"}


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


# The installation.


def test_videos_are_read_and_shipped_models_load() -> None:
    assert decoding().state == "ok"
    found = {check.name: check for check in shipped()}
    assert {"pictures", "sentences", "sentences of 16 languages"} <= found.keys()
    assert all(check.state == "ok" for check in found.values())


def test_the_hashes_are_those_of_the_files() -> None:
    folder = files("whenabouts.encoders").joinpath("weights")
    assert {each.name: sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()} == WEIGHTS


def test_every_extra_for_users_is_looked_at() -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert EXTRAS.keys() == known.keys() - NOT_FOR_USERS


def test_a_cache_is_measured_and_one_that_cannot_be_written_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))
    (tmp_path / "features").write_bytes(b"x" * 2_500_000)
    assert cache().state == "ok" and "2.5 MB used" in cache().told and len(list(tmp_path.iterdir())) == 1
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "features" / "inside"))
    assert cache().state == "broken" and "WHENABOUTS_CACHE" in cache().told


def test_telemetry_that_was_switched_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert telemetry().state == "ok"
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    assert telemetry().state == "doubtful" and "HF_HUB_DISABLE_TELEMETRY" in telemetry().told


def test_extras_are_told_apart_even_if_one_brings_its_process_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fine_library.py").write_text("print('hello')")
    (tmp_path / "odd_library.py").write_text("raise OSError('libodd.so: cannot open\\nshared object file')")
    (tmp_path / "deadly_library.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    wanted = {
        "fine": ["fine_library"],
        "odd": ["fine_library", "odd_library"],
        "none": ["no_such_library"],
        "deadly": ["deadly_library"],
    }
    found = {check.name: check for check in extras(wanted)}
    assert {name: check.state for name, check in found.items()} == {
        "extra fine": "ok",
        "extra odd": "broken",
        "extra none": "absent",
        "extra deadly": "broken",
    }
    assert "libodd.so: cannot open shared object file" in found["extra odd"].told
    assert "the interpreter ended" in found["extra deadly"].told and "\n" not in found["extra odd"].told
    assert "fine_library" not in sys.modules, "they are imported elsewhere"
