"""Whatever is asked and however it fails, MCP tells no path of this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import make_video, malformed

pytest.importorskip("mcp", reason="mcp is not installed")

import mcp

from whenabouts.server.hiding import Hiding
from whenabouts.server.mcp.folders import Folders
from whenabouts.server.mcp.protocol import make_server
from whenabouts.server.mcp.toolbox import Toolbox


def talk(toolbox: Toolbox, program: Callable[[Any], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with mcp.Client(make_server(toolbox)) as client:
            return await program(client)

    return asyncio.run(main())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders of one name, the second with files that are broken in some forty ways."""
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "a" / "videos").mkdir(parents=True)
    (tmp_path / "b" / "videos").mkdir(parents=True)
    make_video(tmp_path / "a" / "videos" / "talk.mp4", seconds=1)
    return tmp_path


def test_no_error_of_any_tool_tells_a_path(home: Path) -> None:
    broken = malformed(home / "b" / "videos")
    (home / "file").write_text("no folder")
    library = home / "library"
    library.mkdir()
    (library / "encoder.txt").write_text("builtin 0000")
    toolbox = Toolbox(
        Folders([home / "a" / "videos", home / "b" / "videos"]),
        models=("similarity", str(home / "file")),
        library=library,
        clips=home / "file" / "clips",
    )
    names = ["videos/talk.mp4", *(f"videos-2/{path.name}" for path in broken[::3]), "videos-2/none.mp4", "../../file"]
    asked: list[tuple[str, dict[str, Any]]] = [("videos", {}), ("search", {"query": "a dog"}), ("index", {})]
    for name in names:
        asked += [
            ("frame", {"video": name, "time": 0.5}),
            ("frame", {"video": name, "time": 1e9}),
            ("frames", {"video": name, "count": 2}),
            ("listen", {"video": name, "start": 0}),
            ("transcript", {"video": name}),
            ("transcript", {"video": name, "time": 1e9}),
            ("clip", {"video": name, "start": 0, "end": 1}),
            ("find", {"video": name, "queries": ["a dog"], "evidence": ["said"]}),
            ("find", {"video": name, "queries": ["a dog"], "model": "file"}),
            ("find", {"video": name, "queries": ["a dog"], "model": str(home / "file")}),
            ("find", {"video": name, "queries": ["a dog"], "rate": 12}),
        ]

    async def program(client: Any) -> list[tuple[Any, str]]:
        tools = json.dumps([tool.model_dump(mode="json") for tool in (await client.list_tools()).tools])
        told: list[tuple[Any, str]] = [("the tools themselves", tools)]
        for tool, arguments in asked:
            answer = await client.call_tool(tool, arguments)
            texts = [part.text for part in answer.content if part.type == "text"]
            told.append(((tool, arguments, answer.is_error), "\n".join(texts)))
        return told

    told = talk(toolbox, program)
    assert sum(1 for which, _ in told if which[-1] is True) > 60
    for which, text in told:
        given = json.dumps(which[1]) if isinstance(which, tuple) else ""
        assert str(home) not in text.replace(str(home / "file"), "" if str(home) in given else str(home)), (which, text)
        assert "because of an error in whenabouts" not in text, (which, text)


def test_videos_of_several_folders_have_names_that_lead_back(home: Path) -> None:
    make_video(home / "b" / "videos" / "talk.mp4", seconds=1)
    folders = Folders([home / "a" / "videos", home / "b" / "videos"])
    for label, place in (("videos", "a"), ("videos-2", "b")):
        path = home / place / "videos" / "talk.mp4"
        assert folders.name(path) == f"{label}/talk.mp4" and folders.video(f"{label}/talk.mp4") == path


def test_nobody_learns_by_trying_where_the_folders_lie(home: Path) -> None:
    real, none = (str(home / folder / "videos" / "talk.mp4") for folder in ("a", "x"))
    tried = [real, none, str(home / "a" / "videos"), "videos/../../../a/videos/talk.mp4", "~/talk.mp4"]
    toolbox = Toolbox(Folders([home / "a" / "videos"]), whole=Folders([home / "a" / "videos", home / "b"]))

    async def program(client: Any) -> list[tuple[str, str]]:
        named = [await client.call_tool("frame", {"video": name, "time": 0}) for name in tried]
        echoed = [
            await client.call_tool("find", {"video": "talk.mp4", "queries": [name], "evidence": ["said"]})
            for name in (real, none)
        ]
        assert [each.structured_content["predictions"][0]["query"] for each in echoed] == [real, none]
        return [each.content[0].text for each in named]

    assert talk(toolbox, program) == [
        f"{name!r} is not a video in the allowed folders; the tool `videos` lists them" for name in tried
    ]


@given(st.text(max_size=60), st.text(alphabet="ab/ '.,:\\", max_size=60))
def test_hiding_removes_every_known_path_and_keeps_other_words(words: str, path: str) -> None:
    hiding = Hiding([("/srv/videos/", ""), ("/srv/videos", "videos")])
    assert "/srv/videos" not in hiding.text(f"{words}/srv/videos/{path}".replace("/srv/videos/srv", ""))
    told = hiding.sentence(f"cannot read /home/me/{path.strip() or 'x'} for {words.replace('/', '')}")
    assert "/home/me" not in told and told.startswith("cannot read ")
