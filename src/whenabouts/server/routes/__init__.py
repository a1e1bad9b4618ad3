"""Routes: the addresses of the HTTP API, one file per noun. They work with `State` and never import the application."""

from whenabouts.server.routes import about, annotations, audit, jobs, library, page, session, videos, watches
from whenabouts.server.scopes import declare_scopes

__all__ = ["ROUTERS"]

ROUTERS = tuple(module.router for module in (about, session, videos, jobs, annotations, library, watches, audit, page))

for _router in ROUTERS:
    declare_scopes(_router)
