"""Options of the commands that read files of strangers: the limits of the process that does it, or none at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer

__all__ = ["Limits", "Trusted", "reading"]

Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=NUMBER",
        help="What reading one video may take, in a process of its own: memory in GiB, cpu and wall in seconds without "
        "progress. Repeatable.",
        show_default="memory=0.625, cpu=20, wall=300",
    ),
]
Trusted = Annotated[
    bool, typer.Option("--trusted", help="Read the video in this process, without limits: it is not from a stranger.")
]


def reading(limits: Sequence[str] | None, *, trusted: bool = False) -> AbstractContextManager[None]:
    """Where videos are read while the context lasts. Raises QueryError."""
    from whenabouts.isolation import ChildLimits
    from whenabouts.video.isolated import isolated

    bounds = ChildLimits.parse(limits or ())
    return nullcontext() if trusted else isolated(bounds)
