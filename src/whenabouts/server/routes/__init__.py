"""Routes: the addresses of the HTTP API, one file per noun. They work with `State` and never import the application."""

from whenabouts.server.routes import about, annotations, jobs, library, page, pictures, videos, watches

__all__ = ["ROUTERS"]

ROUTERS = tuple(module.router for module in (about, videos, pictures, jobs, annotations, library, watches, page))
