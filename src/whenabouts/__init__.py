"""Say when, in a video, a sentence happens.

    >>> import whenabouts                                                  # doctest: +SKIP
    >>> [answer] = whenabouts.find("video.mp4", "a man opens the fridge")   # doctest: +SKIP
    >>> answer.best                                                        # doctest: +SKIP
    Moment(start=12.4, end=18.0, score=0.83, ...)

Importing the package loads numpy and nothing heavier; video, models and the web load where they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from whenabouts.errors import WhenaboutsError
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction, Receipt, Saliency
from whenabouts.telemetry import switch_off

if TYPE_CHECKING:
    from whenabouts.video import Video

__version__ = "0.1.0"
__all__ = [
    "Evidence",
    "Moment",
    "Prediction",
    "Receipt",
    "Saliency",
    "WhenaboutsError",
    "__version__",
    "find",
    "open_video",
]

switch_off()  # before anything below this package imports a library that would report home


def open_video(path: str | PathLike[str]) -> Video:
    """Open a local media file; see `whenabouts.video.Video`. Raises VideoError."""
    from whenabouts.video import Video

    return Video(path)


def find(
    video: str | PathLike[str] | Video, queries: str | Sequence[str], *, model: str = "similarity", **settings: Any
) -> list[Prediction]:
    """Find every query in a video: one `Prediction` per query, in order. A string is one query.

    `model` names a grounder (see `whenabouts.grounders.GROUNDERS`); `settings` are that grounder's fields.
    Raises VideoError, QueryError, ModelError, MissingExtra.
    """
    from whenabouts.grounders import load
    from whenabouts.query import queries_of
    from whenabouts.video import Video

    asked = queries_of(queries)
    grounder = load(model, **settings)
    if isinstance(video, Video):
        return grounder.ground(video, asked)
    with open_video(video) as opened:
        return grounder.ground(opened, asked)
