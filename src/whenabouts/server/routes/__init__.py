"""Routes: the addresses of the HTTP API, one file per noun. They work with `State` and never import the application."""

from whenabouts.server.routes import about, annotations, batches, jobs, library, page, questions, videos, watches

__all__ = ["ROUTERS"]

ROUTERS = tuple(
    module.router for module in (about, videos, jobs, annotations, questions, batches, library, watches, page)
)
