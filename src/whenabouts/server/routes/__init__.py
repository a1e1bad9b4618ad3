"""Routes: the addresses of the HTTP API, one file per noun. They work with `State` and never import the application."""

from whenabouts.server.routes import (
    about,
    annotations,
    audit,
    batches,
    files,
    jobs,
    library,
    looking,
    page,
    pictures,
    questions,
    session,
    videos,
    watches,
)
from whenabouts.server.scopes import declare_scopes

__all__ = ["ROUTERS"]

_NOUNS = (
    about,
    session,
    videos,
    files,
    looking,
    pictures,
    jobs,
    annotations,
    questions,
    batches,
    library,
    watches,
    audit,
    page,
)
ROUTERS = tuple(noun.router for noun in _NOUNS)

for _router in ROUTERS:
    declare_scopes(_router)
