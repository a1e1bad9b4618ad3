"""What is damaged of a video, told with every answer, also where what was seen is kept and not looked at again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import keep, kept
from whenabouts.prediction import Prediction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["recalled", "with_damage"]


def with_damage(answers: Sequence[Prediction], video: Video, *, cache: bool) -> list[Prediction]:
    """The answers, with a note on whatever is known to be damaged or missing of the video."""
    if cache:
        recalled(video)
    notes = video.notes
    if not notes:
        return list(answers)
    return [replace(answer, notes=tuple(dict.fromkeys([*answer.notes, *notes]))) for answer in answers]


def recalled(video: Video) -> None:
    """Add the damage that was met before, in passes whose results are kept, to what a video has met; and keep both."""
    for file in video.files:
        known = cache_folder() / "damage" / f"{file.sha256}.json"
        before = json.loads(kept(known) or b"{}")
        file.failures.recall(before)
        if (both := file.failures.to_dict()) != before:
            keep(known, json.dumps(both).encode())
