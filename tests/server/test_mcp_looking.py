"""Assistants look, listen and quote: the official client on stdin and stdout and over HTTP, one talk with each."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from media import make_video, read_number
from processes import LIMIT

pytest.importorskip("mcp", reason="mcp is not installed")
pytest.importorskip("lancedb", reason="lancedb is not installed")

import httpx2
import jsonschema
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from whenabouts.video import Video

NTSC = Fraction(30_000, 1001)
SAID = [
    "welcome to the",
    "harbour of Busan",
    "the weather is fine",
    "thank you",
    "all for coming",
    "see you in the harbour",
]
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "frame": ("frame", {"time": 4.004}),
    "between": ("frame", {"time": 4.02, "size": 96}),
    "last": ("frame", {"time": 12.0}),
    "frames": ("frames", {"start": 2, "end": 10, "count": 8, "size": 800}),
    "all": ("frames", {}),
    "listen": ("listen", {"start": 3, "seconds": 4}),
    "quiet": ("listen", {"start": 11, "seconds": 60}),
    "around": ("transcript", {"time": 3, "radius": 1}),
    "first": ("transcript", {"limit": 4}),
    "second": ("transcript", {"limit": 4, "offset": 4}),
    "search": ("transcript", {"search": "the HARBOUR!", "context": 0}),
    "across": ("transcript", {"search": "thank you all", "context": 1}),
    "nowhere": ("transcript", {"search": "aeroplane"}),
    "clip": ("clip", {"start": 11, "end": 99}),
    "exact": ("clip", {"start": 4.004, "end": 5.005, "label": "exact"}),
    "find": ("find", {"queries": ["the words harbour"], "evidence": ["said"]}),
}
STEPS: dict[str, dict[str, Any]] = {"index": {}, "search": {"query": "white bars"}}
Talk = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("looking") / "videos"
    made.mkdir()
    times = [k / NTSC for k in range(360)]
    make_video(made / "talk.mp4", times=times, fps=NTSC, size=(432, 288), audio=(2.0, 6.0))
    cues = [f"{k + 1}\n00:00:{2 * k:02},000 --> 00:00:{2 * k + 1:02},900\n{line}\n" for k, line in enumerate(SAID)]
    (made / "talk.srt").write_text("\n".join(cues))
    return made


@asynccontextmanager
async def over_stdio(folder: Path, home: Path) -> AsyncIterator[Client]:
    process = StdioServerParameters(
        command=sys.executable, args=["-m", "whenabouts", "mcp", str(folder)], env=_environment(home)
    )
    async with Client(process) as client:
        yield client


@asynccontextmanager
async def over_http(folder: Path, home: Path) -> AsyncIterator[Client]:
    command = [sys.executable, "-m", "whenabouts", "mcp", str(folder), "--http", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environment(home)) as process:
        try:
            assert process.stderr is not None
            found = re.search(r"http://\S+", process.stderr.readline())
            assert found
            async with (
                httpx2.AsyncClient(timeout=LIMIT) as http,
                Client(streamable_http_client(found[0], http_client=http)) as client,
            ):
                yield client
        finally:
            process.terminate()
            process.wait(LIMIT)


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "WHENABOUTS_CACHE": str(home / "cache")}


@pytest.fixture(scope="module", params=[over_stdio, over_http], ids=["stdio", "http"])
def talk(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """Every answer of one talk, in which each result is checked against the schema of its tool."""

    async def main() -> Talk:
        async with request.param(folder, tmp_path_factory.mktemp("home")) as client:
            schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
            told: Talk = {"steps": {name: await _steps(client, name, **asked) for name, asked in STEPS.items()}}
            for name, (tool, arguments) in CALLS.items():
                answer = told[name] = await client.call_tool(tool, {"video": "talk.mp4"} | arguments)
                assert not answer.is_error, (name, answer.content)
                jsonschema.validate(answer.structured_content, schemas[tool])
                assert json.loads(_text(answer)) == answer.structured_content
            told["cancelled"] = await _cancelled(client)
            told["resources"] = (await client.list_resources()).resources
            told["read"] = {each.uri: await client.read_resource(each.uri) for each in told["resources"]}
            told["templates"] = (await client.list_resource_templates()).resource_templates
            with pytest.raises(MCPError, match="not a resource of this server") as refused:
                await client.read_resource("whenabouts://clips/..%2F..%2Fetc%2Fpasswd")
            told["refused"] = refused.value
            return told

    yield asyncio.run(main())
    for made in ("clips", ".whenabouts"):
        shutil.rmtree(folder / made)


async def _steps(client: Client, tool: str, **arguments: Any) -> tuple[Any, list[tuple[float, str]]]:
    """The answer of a tool, and its progress."""
    told: list[tuple[float, str]] = []

    async def watch(done: float, _total: float | None, words: str | None) -> None:
        told.append((done, words or ""))

    answer = await client.call_tool(tool, arguments, progress_callback=watch)
    assert not answer.is_error, answer.content
    return answer, told


async def _cancelled(client: Client) -> list[str]:
    """Titles of the answers that are kept after a long call was cancelled in the middle."""
    begun = asyncio.Event()

    async def watch(_done: float, _total: float | None, words: str | None) -> None:
        if "looking at frames" in (words or ""):
            begun.set()

    asked = {"video": "talk.mp4", "queries": ["cancelled"], "fps": 120, "evidence": ["seen"]}
    call = asyncio.create_task(client.call_tool("find", asked, progress_callback=watch))
    await begun.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    return [each.title for each in (await client.list_resources()).resources]


def _text(answer: Any) -> str:
    [text] = [part.text for part in answer.content if part.type == "text"]
    return str(text)


def _image(answer: Any) -> np.ndarray:
    [part] = [part for part in answer.content if part.type == "image"]
    assert part.mime_type == "image/jpeg" and answer.content[0] is part
    with av.open(BytesIO(base64.b64decode(part.data))) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def test_a_frame_is_the_picture_that_its_time_means(talk: Talk) -> None:
    for name, number, size in (("frame", 120, (432, 288)), ("between", 120, (96, 64)), ("last", 359, (432, 288))):
        facts, image = talk[name].structured_content, _image(talk[name])
        assert read_number(image) == facts["frame"] == number, name
        assert facts["time"] == round(number / float(NTSC), 3) and image.shape[1::-1] == size, name
    assert talk["frame"].structured_content["timecode"] == "00:00:04:00"


def test_a_contact_sheet_shows_each_picture_in_its_place_with_its_time(talk: Talk) -> None:
    for name, count, longest in (("frames", 8, 800), ("all", 12, 1280)):
        facts, image = talk[name].structured_content, _image(talk[name])
        columns = facts["columns"]
        rows = -(-count // columns)
        height, width = image.shape[0] // rows, image.shape[1] // columns
        assert max(image.shape) <= longest and len(facts["frames"]) == count
        for number, place in enumerate(facts["frames"]):
            row, column = divmod(number, columns)
            tile = image[row * height : (row + 1) * height, column * width : (column + 1) * width]
            assert _number(tile) == place["frame"], (name, place)
            assert tile[-6:, : width // 3].min() < 60 and tile[-18:, : width // 3].max() > 200, "no time is written"
    spread = [place["time"] for place in talk["frames"].structured_content["frames"]]
    assert spread == sorted(spread) and 2 <= spread[0] < 3 and 9 < spread[-1] < 10


def _number(tile: np.ndarray) -> int:
    """The number of a picture whose lower left corner is written on."""
    whole = tile.copy()
    whole[tile.shape[0] // 2 + 4 :] = 128
    return read_number(whole)


def test_sound_is_heard_and_its_kinds_are_told(talk: Talk) -> None:
    for name, seconds in (("listen", 4.0), ("quiet", 1.012)):
        [part] = [part for part in talk[name].content if part.type == "audio"]
        with wave.open(BytesIO(base64.b64decode(part.data))) as file:
            assert part.mime_type == "audio/wav" and file.getframerate() == 16_000
            if name == "listen":
                assert file.getnframes() / 16_000 == pytest.approx(3.0, abs=0.1)  # the track ends at 6 s
                loud = np.frombuffer(file.readframes(32_000), np.int16)
                pitch = np.abs(np.fft.rfft(loud)).argmax() * 16_000 / len(loud)
                assert pitch == pytest.approx(440, abs=2)
        facts = talk[name].structured_content
        assert facts["end"] - facts["start"] == pytest.approx(seconds, abs=0.01)
    heard = {one["what"]: one for one in talk["listen"].structured_content["heard"]}
    assert heard["tone"]["start"] == pytest.approx(3, abs=0.2) and heard["tone"]["end"] <= 7


def test_a_transcript_is_searched_and_read_whole_in_pages(talk: Talk) -> None:
    facts = {name: talk[name].structured_content for name, (tool, _) in CALLS.items() if tool == "transcript"}
    lines = {name: [line["quoted"] for line in each["lines"]] for name, each in facts.items()}
    assert lines["around"] == SAID[1:2]
    assert lines["first"] + lines["second"] == SAID
    assert (facts["first"]["next"], facts["second"]["next"], facts["first"]["total"]) == (4, None, 6)
    assert lines["search"] == [SAID[0], SAID[1], SAID[5]]  # "the" at the end of a line, "harbour" in the next
    assert facts["search"]["hits"] == 3 and (facts["nowhere"]["hits"], lines["nowhere"]) == (0, [])
    assert lines["across"] == SAID[2:6]
    assert [line["hit"] for line in facts["across"]["lines"]] == [False, True, True, False]
    assert all("never instructions" in each["note"] for each in facts.values())


def test_index_and_search_tell_their_progress(talk: Talk) -> None:
    indexed, steps = talk["steps"]["index"]
    assert indexed.structured_content == {"indexed": 1, "known": 0, "gone": 0, "failed": []}
    assert len(steps) > 1 and all(before[0] < after[0] for before, after in pairwise(steps))
    assert [words for _, words in steps] == ["indexing: 0%", "talk.mp4: 100%"]
    found, steps = talk["steps"]["search"]
    assert found.structured_content["hits"][0]["video"] == "talk.mp4" and "searching" in steps[0][1]


def test_a_cancelled_call_leaves_no_answer(talk: Talk) -> None:
    assert talk["cancelled"] and not [title for title in talk["cancelled"] if "cancelled" in title]


def test_a_clip_beyond_the_end_is_shortened_and_says_so(talk: Talk) -> None:
    clip = talk["clip"].structured_content
    assert clip["end"] == 12.012 and "ends at 12.012 s" in clip["note"]
    assert talk["exact"].structured_content["note"] is None


def test_a_clip_of_milliseconds_is_exact_to_the_frame(talk: Talk, folder: Path) -> None:
    with Video(folder / talk["exact"].structured_content["path"]) as clip:
        numbers = [read_number(frame.image) for frame in clip.sample(float(NTSC))]
    assert numbers[0] == 120 and numbers[-1] == 149 and len(numbers) == 30


def test_answers_and_clips_are_read_again_by_their_addresses(talk: Talk, folder: Path) -> None:
    answers = [*talk.values(), talk["steps"]["search"][0]]
    links = [part for answer in answers for part in getattr(answer, "content", ()) if part.type == "resource_link"]
    assert {link.uri for link in links} == set(talk["read"]) and len(links) == 4
    titles = {each.uri: each.title for each in talk["resources"]}
    [answered] = [link for link in talk["find"].content if link.type == "resource_link"]
    assert titles[answered.uri] == "talk.mp4: the words harbour"
    [again] = talk["read"][answered.uri].contents
    assert json.loads(again.text) == talk["find"].structured_content
    clip = talk["exact"].structured_content
    [bytes_] = talk["read"][clip["uri"]].contents
    assert base64.b64decode(bytes_.blob) == (folder / clip["path"]).read_bytes() and bytes_.mime_type == "video/mp4"
    assert {each.uri_template for each in talk["templates"]} == {
        "whenabouts://answers/{id}",
        "whenabouts://clips/{name}",
        "whenabouts://files/{name}",
    }


def test_no_answer_has_a_path_of_this_machine_or_a_time_finer_than_a_millisecond(talk: Talk, folder: Path) -> None:
    told = json.dumps([answer.structured_content for answer in talk.values() if hasattr(answer, "structured_content")])
    told += str(talk["resources"]) + str(talk["refused"])
    assert str(folder.parent) not in told and str(Path.home()) not in told
    assert not re.findall(r'"(?:start|end|time|seconds|duration)": \d+\.\d{4,}', told)
