"""FFmpeg metadata files: moments as chapters, in microseconds.

ffmpeg -i video.mp4 -i chapters.ffmetadata -map_metadata 1 -codec copy video-with-chapters.mp4
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from whenabouts.interchange.formats.cues import cues
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction

__all__ = ["FORMAT", "write"]

SPECIAL = re.compile(r"([=;#\\])")


def write(predictions: Sequence[Prediction], _timeline: Timeline) -> str:
    """Chapters in order of time; they overlap where moments do."""
    lines = [";FFMETADATA1"]
    for cue in cues(predictions):
        start, end = (round(time * 1_000_000) for time in (cue.moment.start, cue.moment.end))
        title = SPECIAL.sub(r"\\\1", cue.query)
        title += " " if title.endswith("\\") else ""  # FFmpeg joins such a line with the next, escaped or not
        lines += ["[CHAPTER]", "TIMEBASE=1/1000000", f"START={start}", f"END={max(start + 1, end)}", f"title={title}"]
        lines.append(f"comment={cue.remark}")
    return "\n".join(lines) + "\n"


FORMAT = Format(".ffmetadata", "`ffmpeg -map_metadata`: chapters", "microseconds", write, group="watching")
