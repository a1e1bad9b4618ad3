"""A note on pictures that could not be decoded; also where what was seen is remembered and not looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import not_kept
from whenabouts.prediction import Prediction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["with_damage"]


def with_damage(answers: Sequence[Prediction], video: Video, *, cache: bool) -> list[Prediction]:
    """The answers, with a note if pictures of the video failed now, or when what is cached was made from it."""
    damaged = video.decode_failures > 0
    if cache:
        known = cache_folder() / "damaged" / video.sha256
        if damaged:
            try:
                known.parent.mkdir(parents=True, exist_ok=True)
                known.touch()
            except OSError as error:  # it costs only the note of the next question
                not_kept(known.parent, error)
        damaged = damaged or known.exists()
    if not damaged:
        return list(answers)
    notes = ["parts of the video are damaged and could not be decoded: what they show was not looked at"]
    return [replace(answer, notes=(*answer.notes, *notes)) for answer in answers]
