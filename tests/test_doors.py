"""One command, one answer: the same question through every door gives the same JSON, whatever the video's length.

HTTP and MCP tell times in milliseconds.

A door is a function from a command's fields to the JSON that it answers with. Videos go by a name relative to the
working directory, so that every door calls them the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from media import make_video
from serving import Server, serving
from typer.testing import CliRunner

import whenabouts
from whenabouts.cli.app import app
from whenabouts.server.milliseconds import rounded

Answer = list[dict[str, Any]]
Door = Callable[[str, dict[str, Any], pytest.FixtureRequest], Answer]
VIDEOS = {"minute.mp4": [float(k) for k in range(61)], "twenty.mp4": [5.0 * k for k in range(241)]}  # times of frames
COMMANDS: list[dict[str, Any]] = [
    {"queries": ["white bars", "the last time bars appear"], "evidence": ["seen"], "top": 3},
    {"queries": ["white bars"], "evidence": ["seen"], "threshold": 0.01, "fps": 0.5, "encoder": "builtin"},
    {"queries": ["white bars"], "evidence": ["seen"], "search": True, "budget": "9m", "brief": True},
    {"queries": ["white bars"], "evidence": ["seen"], "search": False, "device": "cpu", "frames": 40},
]


def through_python(video: str, fields: dict[str, Any]) -> Answer:
    """`whenabouts.find`."""
    found = whenabouts.find(video, **fields)
    return [prediction.to_dict() for prediction in found]


def through_the_command_line(video: str, fields: dict[str, Any], _: pytest.FixtureRequest) -> Answer:
    """`whenabouts find --json`."""
    arguments = ["find", video, *fields["queries"], "--json"]
    for name, value in fields.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            arguments += [f"--{option}" if value else f"--no-{option}"]
        elif name != "queries":
            for each in value if isinstance(value, list) else [value]:
                arguments += [f"--{option}", str(each)]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answer: Answer = json.loads(done.stdout)
    return answer


def through_http(video: str, fields: dict[str, Any], request: pytest.FixtureRequest) -> Answer:
    """`POST /api/videos/{video}/find` of `whenabouts serve`."""
    server: Server = request.getfixturevalue("server")
    job = server.json("POST", f"/api/videos/{server.video(video)}/find", status=202, json=fields)
    ended = server.ended(job)
    assert ended["state"] == "done", ended
    answer: Answer = ended["result"]["predictions"]
    return answer


def through_mcp(video: str, fields: dict[str, Any], request: pytest.FixtureRequest) -> Answer:
    """The tool `find` of `whenabouts mcp`, whose operator chooses encoder and device."""
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")
    from whenabouts.server.mcp.folders import Folders
    from whenabouts.server.mcp.protocol import make_server
    from whenabouts.server.mcp.toolbox import Toolbox
    from whenabouts.server.settings import OPERATOR_FIELDS

    folders = Folders([request.getfixturevalue("folder")])
    defaults = {name: value for name, value in fields.items() if name in OPERATOR_FIELDS}
    arguments = {"video": video, "brief": False} | {n: v for n, v in fields.items() if n not in defaults}

    async def call() -> Any:
        async with mcp.Client(make_server(Toolbox(folders, defaults=defaults))) as client:
            return await client.call_tool("find", arguments)

    result = asyncio.run(call())
    assert not result.is_error, result.content
    answer: Answer = result.structured_content["predictions"]
    return answer


DOORS: list[Door] = [through_the_command_line, through_http, through_mcp]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of one minute and one of twenty, which differ in how they are searched."""
    made = tmp_path_factory.mktemp("doors")
    for name, times in VIDEOS.items():
        make_video(made / name, times=times, size=(96, 64))
    return made


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that shows the two videos."""
    pytest.importorskip("fastapi", reason="the extra serve is not installed")
    with serving(folder, "--data", tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.mark.parametrize("fields", COMMANDS, ids="-".join)
@pytest.mark.parametrize("video", VIDEOS)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_answers_as_python_does(
    door: Door,
    video: str,
    fields: dict[str, Any],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(folder)
    expected = json.loads(json.dumps(through_python(video, fields)))
    answer = door(video, fields, request)
    assert answer == (expected if door is through_the_command_line else rounded(expected))
    assert all(each["video"] == video and each["receipt"] for each in expected)


@pytest.mark.parametrize(
    ("video", "search", "searched"),
    [("minute.mp4", None, False), ("twenty.mp4", None, False), ("twenty.mp4", True, True), ("minute.mp4", True, True)],
)
def test_what_looks_cheaply_looks_everywhere_unless_it_is_told_to_search(
    video: str, search: bool | None, searched: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    [answer] = through_python(video, {"queries": ["white bars"], "evidence": ["seen"], "search": search})
    assert bool(answer["trace"]) == searched
