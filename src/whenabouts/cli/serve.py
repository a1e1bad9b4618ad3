"""`whenabouts serve [FOLDER…]`: the page and the HTTP API."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

GIB = 1 << 30
EXTRA = {"fastapi", "starlette", "uvicorn", "prometheus_client"}


def serve(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER]...", help="Folders of videos to show.", show_default=False)
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on; this machine alone by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    token: Annotated[
        list[str] | None,
        typer.Option(
            envvar="WHENABOUTS_TOKEN",
            help="Who has it may ask; repeat for several. Made and printed where it is needed and none is given.",
            show_default=False,
        ),
    ] = None,
    host_name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name that this server goes by; repeat for several.", show_default=False),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[ALIAS=]NAME",
            help="A model that may be asked, as for `find --model`; repeat for several. Default: similarity.",
            show_default=False,
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(help="Where the library is.", show_default="FOLDER/.whenabouts, else in the data folder"),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where jobs, annotations, uploads and clips are kept.",
            show_default="your folder for data of programs",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    upload_limit: Annotated[float, typer.Option(min=0, metavar="GIB", help="Size of one upload; 0 takes none.")] = 8.0,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = False,
) -> None:
    """Show videos, find moments and correct them in the browser, or over HTTP.

    Prints one line with the address; Ctrl-C ends it. Jobs that were running go on at the next start.
    """
    from whenabouts.errors import MissingExtra

    try:
        from whenabouts.server.listen import loopback, run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise MissingExtra("serve", "the server") from error
    from whenabouts.server.settings import Settings, data_folder, named_models

    tokens = tuple(each for each in token or () if each)
    if not tokens and not loopback(host):
        tokens = (secrets.token_urlsafe(24),)
    settings = Settings(
        data=data or data_folder(),
        folders=tuple(folders or ()),
        library=library,
        models=named_models(tuple(model or ())),
        tokens=tokens,
        host=host,
        host_names=tuple(host_name or ()),
        workers=workers,
        upload_limit=int(upload_limit * GIB),
    )
    run(settings, port, open_page=open_page)
