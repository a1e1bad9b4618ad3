"""What the commands that hand answers on share: the answers they read, and what they tell of the files they made."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.prediction import Prediction

__all__ = ["Answers", "OfVideo", "answers_in", "tell"]

Answers = Annotated[
    list[Path],
    typer.Argument(
        metavar="ANSWERS…",
        help="Output of `find --json` or `search --json`, or a file in another format that can be read.",
        show_default=False,
    ),
]
OfVideo = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Path of the video, where the answers name none.", show_default=False),
]


def answers_in(paths: Sequence[Path], video: Path | None) -> list[Prediction]:
    """The answers of several files. Raises InputError, AnnotationError, VideoError, MissingExtra."""
    from whenabouts.interchange.selects import read_answers

    return [each for path in paths for each in read_answers(path, video=video)]


def tell(paths: Iterable[Path], notes: Iterable[str] = ()) -> None:
    """Say on stderr which files were written, and what somebody should know who gets them."""
    for path in paths:
        print(translate(f"wrote {path}"), file=sys.stderr)
    for note in notes:
        print(f"{translate('note')}: {translate(note)}", file=sys.stderr)
