"""`whenabouts serve [FOLDER…]`: the page and the HTTP API."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.isolation import Limits

GIB = 1 << 30
EXTRA = {"fastapi", "starlette", "uvicorn", "prometheus_client"}


def serve(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER", help="Folders whose videos clients can see.", show_default=False),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is reachable from this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8000,
    token: Annotated[
        list[str] | None,
        typer.Option(
            envvar="WHENABOUTS_TOKEN",
            help="Access token. Repeatable. Without one, a token is generated and printed if --host needs it.",
            show_default=False,
        ),
    ] = None,
    host_name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Host name that clients may use for this server, or https://NAME of a proxy with TLS. Repeatable.",
            show_default=False,
        ),
    ] = None,
    path_prefix: Annotated[
        str,
        typer.Option(
            metavar="PATH", help="Path below which a proxy shows this server, such as /video.", show_default=False
        ),
    ] = "",
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="IP address or network of a proxy whose X-Forwarded headers are believed. Repeatable. Default: none.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[ALIAS=]NAME",
            help="Model that clients may choose, as for `find --model`. Repeatable. Default: similarity.",
            show_default=False,
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Directory of the library.", show_default="FOLDER/.whenabouts, else in the data folder"
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for jobs, annotations, uploads and clips.",
            show_default="the data folder of your user account",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Number of processes that run jobs.")] = 1,
    upload_limit: Annotated[
        float, typer.Option(min=0, metavar="GIB", help="Largest upload; 0 disables uploads.")
    ] = 8.0,
    warm_limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="GIB",
            help="Memory for models that stay loaded between jobs, shared by the workers; 0 keeps none.",
            show_default="half of the machine's memory",
        ),
    ] = None,
    allow_stream: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Clients may watch addresses that begin so, such as rtsp://camera.lan/. Repeatable. Default: none.",
            show_default=False,
        ),
    ] = None,
    limits: Limits = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve a web page and an HTTP API to watch videos, find moments and correct them.

    Prints one line with the address; Ctrl-C stops the server. Interrupted jobs are restarted by the next server.
    """
    from whenabouts.errors import InputError, MissingExtra

    try:
        from whenabouts.server.listen import loopback, run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise MissingExtra("serve", "the server") from error
    from whenabouts.isolation import ChildLimits
    from whenabouts.server.proxy import path_prefix as checked_prefix
    from whenabouts.server.settings import Settings, data_folder, model_aliases
    from whenabouts.server.users import have_users

    data = data or data_folder()
    has_users = have_users(data)
    tokens = tuple(each for each in token or () if each)
    if tokens and has_users:
        raise InputError("this server has users, each with tokens from `whenabouts users`; leave out --token")
    if not tokens and not has_users and not loopback(host):
        tokens = (secrets.token_urlsafe(24),)
    settings = Settings(
        data=data,
        folders=tuple(folders or ()),
        library=library,
        models=model_aliases(tuple(model or ())),
        tokens=tokens,
        host=host,
        host_names=tuple(host_name or ()),
        path_prefix=checked_prefix(path_prefix),
        proxies=tuple(trusted_proxy or ()),
        workers=workers,
        upload_limit=int(upload_limit * GIB),
        warm_limit=None if warm_limit is None else int(warm_limit * GIB),
        streams=tuple(allow_stream or ()),
        limits=ChildLimits.parse(limits or ()),
    )
    run(settings, port, open_page=open_page)
