"""Messages of agents: lines of JSON-RPC on stdin of an MCP server, after a greeting."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target

GREETING = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
PING = 99
PATIENCE = 800  # hundredths of a second for an answer that perhaps never comes
CALLS: dict[str, Any] = {
    "videos": {"containing": "a", "limit": 3},
    "find": {"video": "a.mp4", "queries": ["a red square"], "top": 2, "fps": 1.0},
    "transcript": {"video": "a.mp4", "time": 0.5, "radius": 2.0, "kinds": ["said"]},
    "text": {"video": "a.mp4", "search": "thank you", "context": 2, "offset": 0, "limit": 5},
    "frame": {"video": "a.mp4", "time": 0.25, "size": 64},
    "frames": {"video": "a.mp4", "start": 0.1, "end": 0.9, "count": 3, "size": 512},
    "listen": {"video": "a.mp4", "start": 0.25, "seconds": 0.5},
    "clip": {"video": "a.mp4", "start": 0.0, "end": 0.5},
    "search": {"query": "a dog", "top": 2},
}


def _message(method: str, params: Any, number: int | None = 2) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params} | ({} if number is None else {"id": number})


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """A call of every tool, and the other messages of the protocol."""
    calls = {
        name: _message("tools/call", {"name": "transcript" if name == "text" else name, "arguments": given})
        for name, given in CALLS.items()
    }
    more = {
        "list": _message("tools/list", {}),
        "ping": _message("ping", {}),
        "resources": _message("resources/list", {}),
        "read": _message("resources/read", {"uri": "whenabouts://answers/0"}),
        "cancel": _message("notifications/cancelled", {"requestId": 2, "reason": "x"}, None),
    }
    return {f"{name}.json": json.dumps(said).encode() for name, said in (calls | more).items()}


@cache
def _folder() -> Path:
    from media import make_video

    folder = Path(tempfile.mkdtemp(prefix="mcp-"))
    make_video(folder / "a.mp4", seconds=1.0, size=(64, 48), audio=(0.0, 1.0))
    return folder


class _Stdin:
    """Lines, and the end of the input once all that can be answered is answered, or nothing comes any more."""

    def __init__(self, lines: list[str], answers: io.StringIO) -> None:
        self.lines, self.answers = lines, answers

    async def __aiter__(self) -> AsyncIterator[str]:
        import anyio

        for line in self.lines:
            yield line + "\n"
        yield json.dumps(_message("ping", {}, PING)) + "\n"
        awaited = {PING, *(_id(line) for line in self.lines if '"tools/call"' in line)} - {None}
        for _ in range(PATIENCE):
            if awaited <= {_id(line) for line in self.answers.getvalue().splitlines()}:
                return
            await anyio.sleep(0.01)


def _id(line: str) -> int | None:
    """The number of a request or an answer."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(said, dict) and said.get("jsonrpc") == "2.0" and said.keys() & {"method", "result", "error"}
    return said.get("id") if whole and type(said.get("id")) is int else None


def run(path: Path) -> None:
    """What the server says to a greeting and to this."""
    import anyio
    from mcp.server.stdio import stdio_server

    from whenabouts.server.mcp.folders import Folders
    from whenabouts.server.mcp.protocol import make_server
    from whenabouts.server.mcp.toolbox import Toolbox

    server = make_server(Toolbox(Folders([_folder()]), defaults={"cache": False}, clips=_folder() / "clips"))
    hello = [_message("initialize", GREETING, 1), _message("notifications/initialized", {}, None)]
    said = [json.dumps(message) for message in hello] + path.read_bytes().decode("utf-8", "replace").splitlines()
    outgoing = io.StringIO()

    async def serve() -> None:
        streams = stdio_server(stdin=_Stdin(said, outgoing), stdout=anyio.wrap_file(outgoing))  # type: ignore[arg-type]
        async with streams as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    anyio.run(serve)
    for line in outgoing.getvalue().splitlines():
        answer = json.loads(line)
        sound.require(answer.get("jsonrpc") == "2.0", line[:500])
        sound.require("error in whenabouts" not in line, line[:1000])
        sound.require(answer.get("error", {}).get("code") != -32603, line[:1000])
        sound.all_finite(answer)


TARGET = Target(seeds, run, tokens=(b'"id":null', b'"method":"tools/call"', b"\n", b'"arguments":', b"a.mp4", b"../"))
