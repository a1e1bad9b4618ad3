"""`whenabouts mcp`: tools for assistants and agents, over the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.errors import InputError, MissingExtra

SKILL = "SKILL.md"


def mcp(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER...", help="Where videos may be.", show_default="the current folder"),
    ] = None,
    library: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A library to search.", show_default="FOLDER/.whenabouts")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model that may be asked for, the first by default: repeat.", show_default="similarity"),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Frame and text encoder, as for find.", show_default=False)
    ] = None,
    speech_model: Annotated[
        str | None, typer.Option(help="Recognises speech, as for find.", show_default=False)
    ] = None,
    clips: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where clips go.", show_default="FOLDER/clips")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Offer no tool that writes files.")] = False,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP instead of stdin and stdout.")] = False,
    host: Annotated[str, typer.Option(help="With --http: the address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --http; 0 takes a free one.")] = 8766,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="With --http: a host name clients may use: repeat.", show_default=False),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="WHENABOUTS_TOKEN",
            help="With --http: what clients send as bearer; needed off loopback.",
            show_default=False,
        ),
    ] = None,
    skill: Annotated[bool, typer.Option("--skill", help="Print the skill file for agents, and end.")] = False,
) -> None:
    """Serve find, search, transcript, videos and clip to MCP clients.

    Only videos in the FOLDERs can be named, and only the folder of clips is written to.
    """
    if skill:
        print(_skill(), end="")
        return
    try:
        from whenabouts.server.mcp.serve import serve_http, serve_stdio
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in {"mcp", "mcp_types", "anyio"}:
            raise
        raise MissingExtra("mcp", "the MCP server") from None
    from whenabouts.server.mcp.folders import Folders
    from whenabouts.server.mcp.tools import Desk

    if read_only and clips:
        raise InputError("--read-only and --clips contradict each other; give one of them")
    allowed = Folders(folders or [Path()])
    given = {"encoder": encoder, "speech_model": speech_model}
    out = None if read_only else (clips or allowed.roots[0] / "clips").resolve()
    desk = Desk(
        allowed,
        tuple(model or ["similarity"]),
        {field: value for field, value in given.items() if value is not None},
        library.resolve() if library else None,
        out,
    )
    if http:
        serve_http(desk, host, port, names=name or [], token=token)
    else:
        serve_stdio(desk)


def _skill() -> str:
    from importlib.resources import files

    return (files("whenabouts.server.mcp") / SKILL).read_text("utf-8")
