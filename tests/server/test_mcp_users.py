"""The users of a server at the tools of agents: their scopes, folders and quota count there too."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import subtitled
from processes import LIMIT, in_turn

pytest.importorskip("mcp")
pytest.importorskip("fastapi")

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from whenabouts.server.audit import AuditLog
from whenabouts.server.users import Quota, open_users

LINES = "1\n00:00:01,000 --> 00:00:02,000\nwelcome to the harbour\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("members")
    for name in ("videos/bob/boat.mp4", "videos/others/zebrafish.mp4"):
        (home / name).parent.mkdir(parents=True)
        subtitled.video(home / name, seconds=3)
        (home / name).with_suffix(".srt").write_text(LINES)
    return home


@pytest.fixture(scope="module")
def ask(home: Path) -> Iterator[Callable[[str, Callable[[Client], Awaitable[Any]]], Any]]:
    """Runs a program with the client of a user."""
    tokens = {}
    with open_users(home / "data") as users:
        users.add("ann", ("read",), None, Quota())
        users.add("bob", ("read", "ask"), [home / "videos" / "bob"], Quota(jobs_a_day=1))
        users.add("cut", ("read", "ask"), None, Quota())
        users.add("too", ("read", "ask"), [home / "videos" / "bob"], Quota())
        users.add("gone", ("read",), None, Quota())
        tokens = {name: users.issue(name, days=1) for name in ("ann", "bob", "cut", "too", "gone")}
        users.remove("gone")
    command = [sys.executable, "-m", "whenabouts", "mcp", str(home / "videos"), "--http", "--port", "0"]
    command += ["--users", str(home / "data")]
    environment = {**os.environ, "WHENABOUTS_CACHE": str(home / "cache")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/mcp", first)
        assert found, first + process.stderr.read()

        def run(name: str, program: Callable[[Client], Awaitable[Any]]) -> Any:
            async def main() -> Any:
                headers = {"Authorization": f"Bearer {tokens[name]}"}
                async with (
                    httpx2.AsyncClient(headers=headers, timeout=LIMIT) as http,
                    Client(streamable_http_client(found[0], http_client=http)) as client,
                ):
                    return await program(client)

            return asyncio.run(main())

        try:
            yield run
        finally:
            process.terminate()
            process.wait(LIMIT)


Ask = Callable[[str, Callable[[Client], Awaitable[Any]]], Any]


def test_each_has_the_tools_of_their_scopes_in_their_folders(ask: Ask) -> None:
    def tools(name: str) -> set[str]:
        return {tool.name for tool in ask(name, lambda client: client.list_tools()).tools}

    assert tools("ann") == {"videos", "frame", "frames", "listen", "transcript"}
    assert tools("bob") == {"videos", "frame", "frames", "listen", "transcript", "find", "search", "clip", "export"}
    seen = {name: ask(name, lambda client: client.call_tool("videos", {})) for name in ("ann", "bob")}
    names = {name: [each["video"] for each in of.structured_content["videos"]] for name, of in seen.items()}
    assert names == {"ann": ["bob/boat.mp4", "others/zebrafish.mp4"], "bob": ["boat.mp4"]}
    for name in ("zebrafish.mp4", "others/zebrafish.mp4", "../others/zebrafish.mp4"):
        quoted = ask("bob", lambda client, name=name: client.call_tool("transcript", {"video": name, "time": 1}))
        assert quoted.is_error and "not a video in the allowed folders" in quoted.content[0].text, name


def test_finds_are_counted_and_written_down_and_answers_are_ones_own(ask: Ask, home: Path) -> None:
    find = {"video": "boat.mp4", "queries": ["the harbour"], "evidence": ["said"]}

    async def twice(client: Client) -> Any:
        answers = [await client.call_tool("find", find) for _ in "ab"]
        return *answers, await client.list_resources()

    first, second, kept = ask("bob", twice)
    assert not first.is_error and len(kept.resources) == 1
    told = "this takes 1 jobs, and of your quota in 24 hours, 1, 0 are left"
    assert second.is_error and second.content[0].text == told
    assert ask("ann", lambda client: client.list_resources()).resources == []
    log = AuditLog(home / "data" / "audit.sqlite")
    rows = [(row.user, row.action, row.request, row.detail) for row in log.newest() if row.user == "bob"]
    log.close()
    detail = {"video": "boat.mp4", "queries": ["the harbour"]}
    assert rows == [("bob", "refused", "MCP find", detail), ("bob", "asked", "MCP find", detail)]


def test_clips_are_ones_own_and_fall_into_no_folder_of_videos(ask: Ask, home: Path) -> None:
    def cut(name: str, video: str, end: float = 2.0) -> Any:
        asked = {"video": video, "start": 0.0, "end": end, "label": "the kiss"}
        return ask(name, lambda client: client.call_tool("clip", asked)).structured_content

    before = sorted((home / "videos").rglob("*"))
    assert cut("cut", "others/zebrafish.mp4", 1.0)["written"]
    assert cut("cut", "bob/boat.mp4")["written"]
    assert cut("too", "boat.mp4")["written"], "another user's clip is not theirs"
    assert not cut("too", "boat.mp4")["written"]
    assert sorted((home / "videos").rglob("*")) == before
    clips = {each.name: len(list(each.iterdir())) for each in (home / "data" / "mcp-clips").iterdir()}
    assert clips == {"cut": 2, "too": 1}


def test_a_user_who_was_removed_is_refused(ask: Ask) -> None:
    with pytest.raises(BaseException, match=r"401|unhandled errors") as refused:
        ask("gone", lambda client: client.list_tools())
    assert refused.type is not AssertionError


def test_there_must_be_users(home: Path, tmp_path: Path) -> None:
    mistakes = [
        (["--http", "--users", tmp_path], "has no users yet"),
        (["--users", home / "data"], "needs --http"),
        (["--http", "--token", "x", "--users", home / "data"], "leave out --token"),
        (["--http", "--users", home / "data", "--clips", home / "videos" / "clips"], "is among the videos"),
    ]
    told = in_turn([["mcp", home / "videos", *more] for more, _ in mistakes])
    for (code, _, said), (_, why) in zip(told, mistakes, strict=True):
        assert code == 1 and why in said.decode(), said
