"""One self-contained HTML page for the predictions on one video: player, timeline, moments, thumbnails, receipt.

The page works offline: images, script and style are embedded, and its content security policy forbids all requests.
Untrusted text (file names, queries, quoted speech) is embedded as JSON and shown as plain text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.evidence import KINDS
from whenabouts.files.atomic import replacing
from whenabouts.files.outputs import check_outputs
from whenabouts.interchange.assembled import page
from whenabouts.interchange.player import player
from whenabouts.interchange.thumbnails import filmstrip, thumbnail
from whenabouts.interchange.timeline import Timeline
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["write_report"]

STRIP = 14  # thumbnails along the timeline
LANE_POINTS = 800  # of a saliency curve, which limits the size of the page
STYLES = ("base", "stage", "timeline", "answers", "report")
MODULES = (
    "elements",
    "language",
    "icons",
    "timecode",
    "kinds",
    "video",
    "words",
    "moments",
    "targets",
    "timeline",
    "playhead",
    "answers",
    "keys",
    "transport",
    "readout",
    "theme",
)


def write_report(
    predictions: Sequence[Prediction],
    video: Video,
    out: Path,
    *,
    title: str | None = None,
    truth: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    embed: bool = True,
) -> Path:
    """Write the page at `out`, completely or not at all, and return its path.

    truth: true (start, end) windows in seconds by query, drawn as outlines
    embed: embed a video of up to 24 MB that browsers can play unchanged, and any other of up to 10 minutes as a copy
           of at most 360 lines; other videos are linked, or left out if browsers cannot play them

    Raises InputError if `out` cannot be written or is the video itself.
    """
    check_outputs([out], [video.path])
    source, note = player(video, out, embed=embed)
    content = {
        "title": title or video.path.name,
        "file": video.path.name,
        "duration": video.duration,
        "frame": float(1 / (video.probe.average_rate or 25)),
        "sound": video.probe.has_audio,
        "labels": Timeline.of(video).labels,
        "source": source,
        "note": note,
        "strip": filmstrip(video, STRIP),
        "kinds": [{"name": name, "label": kind.label} for name, kind in KINDS.items()],
        "queries": [_query(prediction, video, (truth or {}).get(prediction.query)) for prediction in predictions],
        "predictions": [prediction.to_dict() for prediction in predictions],
    }
    with replacing(out, folders=True) as part:
        part.write_text(page("report", STYLES, MODULES, content, _said(content)), encoding="utf-8")
    return out


def _said(content: dict[str, Any]) -> list[str]:
    """The sentences of an answer that a reader's language may have."""
    said = [content["note"], *(kind["label"] for kind in content["kinds"])]
    return said + [sentence for query in content["queries"] for sentence in (query["failure"], *query["notes"])]


def _query(prediction: Prediction, video: Video, truth: Sequence[tuple[float, float]] | None) -> dict[str, Any]:
    return {
        "query": prediction.query,
        "presence": prediction.presence,
        "absent": prediction.absent,
        "failure": prediction.failure,
        "notes": list(prediction.notes),
        "truth": [list(window) for window in truth or ()],
        "lane": _lane(prediction),
        "moments": [
            {
                "start": moment.start,
                "end": moment.end,
                "score": moment.score,
                "spread": moment.spread,
                "evidence": [{"kind": e.kind, "text": e.text} for e in moment.evidence],
                "thumbnail": thumbnail(video, (moment.start + moment.end) / 2),
            }
            for moment in prediction.moments
        ],
    }


def _lane(prediction: Prediction) -> list[list[float]]:
    """The saliency curve as at most `LANE_POINTS` points [time, height in 0..1]; subsampling keeps peaks."""
    if prediction.saliency is None:
        return []
    times, values = np.array(prediction.saliency.times), np.array(prediction.saliency.values)
    known = np.isfinite(values)
    if not known.any():
        return []
    times, values = times[known], values[known]
    heights = (values - values.min()) / max(float(np.ptp(values)), 1e-9)
    step = -(-len(times) // LANE_POINTS)
    peaks = [(float(times[i]), float(heights[i : i + step].max())) for i in range(0, len(times), step)]
    return [[round(time, 2), round(height, 3)] for time, height in peaks]
