"""JSON-LD of schema.org for the page of a video: a `Clip` for each moment and how to seek (`SeekToAction`).

Search engines show such clips as key moments. Addresses are relative to the page, which plays from `?t=` seconds on;
what only the page knows, such as `thumbnailUrl` and `uploadDate`, is added there.
"""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.interchange.formats.cues import Cue, cues
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.printable import json_text

__all__ = ["FORMAT", "write"]

SEEK = "seek_to_second_number"


def write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    """One VideoObject, which may also stand in a `script` element."""
    action = {"@type": "SeekToAction", "target": f"?t={{{SEEK}}}", "startOffset-input": f"required name={SEEK}"}
    content = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": timeline.name,
        "duration": f"PT{round(timeline.duration, 3)}S",
        "hasPart": [_clip(cue) for cue in cues(predictions)],
        "potentialAction": action,
    }
    text = json_text(content, indent=2)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "\n"


def _clip(cue: Cue) -> dict[str, object]:
    start, end = (round(time, 3) for time in (cue.moment.start, cue.moment.end))
    return {"@type": "Clip", "name": cue.query, "startOffset": start, "endOffset": end, "url": f"?t={int(start)}"}


FORMAT = Format(".jsonld", "web pages: Clip and SeekToAction of schema.org", "milliseconds", write, group="watching")
