"""`whenabouts mcp`: tools for assistants and agents, over the Model Context Protocol (MCP)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.isolation import Limits, reading
from whenabouts.errors import InputError, MissingExtra
from whenabouts.video.source import shown

if TYPE_CHECKING:
    from whenabouts.server.mcp.members import Members
    from whenabouts.server.mcp.toolbox import Toolbox

SKILL = "SKILL.md"


def mcp(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOLDER", help="Folders whose videos clients may use.", show_default="the current folder"
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Library for the tool search.", show_default="FOLDER/.whenabouts"),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Model that clients may choose, as for find --model; the first is the default. Repeatable.",
            show_default="similarity",
        ),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Frame and text encoder, as for find --encoder.", show_default=False)
    ] = None,
    speech_model: Annotated[
        str | None, typer.Option(help="Model that recognises speech, as for find --speech-model.", show_default=False)
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(help="Language model that reads transcripts, as for find --reader.", show_default=False),
    ] = None,
    clips: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for new clips; with --users, each has a folder in it.",
            show_default="FOLDER/clips, with --users DIR/mcp-clips",
        ),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Leave out the tools index and clip, which write files.")
    ] = False,
    http: Annotated[bool, typer.Option("--http", help="Serve streamable HTTP instead of stdin and stdout.")] = False,
    host: Annotated[str, typer.Option(help="With --http: address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --http: port to listen on; 0 picks a free one.")
    ] = 8766,
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="With --http: host name that clients may use, or https://HOST of a proxy with TLS. Repeatable.",
            show_default=False,
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="WHENABOUTS_TOKEN",
            help="With --http: bearer token of clients; required unless --host is reachable from this machine only.",
            show_default=False,
        ),
    ] = None,
    users: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --http: data folder of a server whose users call the tools, each with a token of their own.",
            show_default=False,
        ),
    ] = None,
    limits: Limits = None,
    skill: Annotated[bool, typer.Option("--skill", help="Print the skill file for agents and exit.")] = False,
) -> None:
    """Serve tools that find, show, play and quote moments of videos to MCP clients.

    Clients can use only videos in the FOLDERs; files are written only to the folder of --clips, and the library.
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
    from whenabouts.server.mcp.toolbox import Toolbox

    if read_only and clips:
        raise InputError("--read-only and --clips cannot be combined; leave one of them out")
    if users and (token or not http):
        raise InputError("--users needs --http, and its users have tokens of their own; leave out --token")
    allowed = Folders(folders or [Path()])
    defaults = {"encoder": encoder, "speech_model": speech_model, "reader": reader}
    out = None if read_only else (clips or (users / "mcp-clips" if users else allowed.roots[0] / "clips")).resolve()
    if users and out is not None and allowed.contain(out):
        raise InputError(
            f"{shown(out)} is among the videos, where other users see it; give another folder with --clips"
        )
    toolbox = Toolbox(
        allowed,
        tuple(model or ["similarity"]),
        {field: value for field, value in defaults.items() if value is not None},
        library.resolve() if library else None,
        out,
    )
    with reading(limits):
        if http and users:
            with _members(toolbox, users) as members:
                serve_http(toolbox, host, port, names=name or [], members=members)
        elif http:
            serve_http(toolbox, host, port, names=name or [], token=token)
        else:
            serve_stdio(toolbox)


@contextmanager
def _members(toolbox: Toolbox, data: Path) -> Iterator[Members]:
    try:
        from whenabouts.server.mcp.members import Members
    except ModuleNotFoundError as error:
        raise MissingExtra("serve", "letting users call the tools") from error
    from whenabouts.server.audit import AuditLog
    from whenabouts.server.users import open_users

    with open_users(data) as store:
        if not store.exist:
            raise InputError(f"the server of {data} has no users yet; make one with `whenabouts users add`")
        audit = AuditLog(data / "audit.sqlite")
        try:
            yield Members(toolbox, store, audit)
        finally:
            audit.close()


def _skill() -> str:
    from importlib.resources import files

    return (files("whenabouts.server.mcp") / SKILL).read_text("utf-8")
