"""Which answers are about a video: a file of answers may be about several, and files move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from whenabouts.errors import InputError
from whenabouts.prediction import Prediction
from whenabouts.video.source import shown

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["answers_about", "refuse_beyond"]

MAX_NAMES = 3  # of videos in a sentence


def answers_about(answers: Sequence[Prediction], video: Video) -> tuple[list[Prediction], list[str]]:
    """The answers that are about a video, and a note on those that are not.

    An answer is about the video that it names: the same file, a file that is gone and had the same name, or one with
    the content that its receipt states. One that names none is about this video.

    Raises InputError if all are about others, or one has a moment after the end of the video.
    """
    kept: list[Prediction] = []
    others: list[Prediction] = []
    for each in answers:
        (kept if _is_about(each, video) else others).append(each)
    refuse_beyond(kept, video.path, video.duration)
    if not others:
        return kept, []
    names = sorted({shown(Path(each.video or "")) for each in others})
    named = ", ".join(names[:MAX_NAMES]) + (", …" if len(names) > MAX_NAMES else "")
    if not kept:
        raise InputError(
            f"no answer is about {shown(video.path)}: they name {named}; give the answers on this video, and where its "
            "file was renamed, write its name into their field video"
        )
    return kept, [f"answers about other videos are left out: {len(others)} ({named})"]


def refuse_beyond(answers: Sequence[Prediction], path: Path, duration: float) -> None:
    """Raise InputError if a moment begins after the end of a video of `duration` seconds."""
    latest = max((moment.start for each in answers for moment in each.moments), default=0.0)
    if latest > duration:
        raise InputError(
            f"the predictions have a moment at {latest:g} s, but {shown(path)} ends at {duration:g} s; "
            "name the video of these predictions (--video)"
        )


def _is_about(answer: Prediction, video: Video) -> bool:
    if answer.video is None:
        return True
    try:
        named = Path(answer.video).resolve(strict=True)
    except (OSError, ValueError):  # gone, or not a path
        named = None
    if named == video.path.resolve():
        return True
    if named is None and _ends_in_name(answer.video, video.path):
        return True
    content = answer.receipt.video_sha256 if answer.receipt else None
    return content is not None and content == video.sha256


def _ends_in_name(where: str, path: Path) -> bool:
    r"""Whether a path of any system or a URL ends in the name of a file; uploads to Label Studio have one before it.

    >>> paths = r"C:\talks\a b.mp4", "https://x.org/a%20b.mp4?t=1", "/data/upload/1/0a1b2c3d-a b.mp4", "a b", "aa b.mp4"
    >>> [_ends_in_name(where, Path("/videos/a b.mp4")) for where in paths]
    [True, True, True, True, False]
    """
    names = f"{re.escape(path.name)}|{re.escape(path.stem)}"
    name = re.compile(rf"(?:^|[/\\=])(?:[0-9a-f]{{8}}-)?(?:{names})(?:[?#].*)?\Z")
    return any(name.search(each) for each in (where, unquote(where)))
