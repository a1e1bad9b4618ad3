"""One self-contained page for the answers on one video: player, saliency lanes, moments, thumbnails, receipt.

The page works offline and asks nobody for anything: pictures, script and style are inside, and its content policy
forbids the rest. Whatever comes from outside (file names, queries, quoted speech) travels as JSON and is shown as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from whenabouts.atomic import replacing
from whenabouts.errors import InputError
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video
from whenabouts.video.compose import Excerpt, compose

__all__ = ["write_report"]

EMBED = 24_000_000  # bytes of a film that still goes into the page as it is
PROXY = 600.0  # seconds of a film that still goes into the page as a small copy
BROWSERS_PLAY = {"h264", "vp8", "vp9", "av1"}
CONTAINERS = {"mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm"}
THUMBNAIL = 200  # pixels of height
LANE_POINTS = 800  # of a saliency curve, so that a page for ten hours stays light


def write_report(
    predictions: Sequence[Prediction],
    video: Video,
    out: Path,
    *,
    title: str | None = None,
    truth: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> Path:
    """Write the page at `out`, whole or not at all, and return its path.

    `truth` maps queries to true (start, end) windows in seconds, drawn as outlines. A film of up to 24 MB that browsers
    play is embedded as it is; a longer or foreign one up to 10 minutes as a small silent copy; any other is linked by
    its path, so that page and film must stay together. Raises InputError when `out` cannot be written.
    """
    source, note = _player(video, out)
    content = {
        "title": title or video.path.name,
        "file": video.path.name,
        "duration": video.duration,
        "frame": float(1 / (video.probe.average_rate or 25)),
        "source": source,
        "note": note,
        "queries": [_query(prediction, video, (truth or {}).get(prediction.query)) for prediction in predictions],
        "predictions": [prediction.to_dict() for prediction in predictions],
    }
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as part:
            part.write_text(_page(content), encoding="utf-8")
    except OSError as error:
        raise InputError(f"the page cannot be written to {out}: {error.strerror}") from error
    return out


def _page(content: dict[str, Any]) -> str:
    room = files("whenabouts.interchange").joinpath("page")
    markup, style, script = (room.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = json.dumps(content, ensure_ascii=False).replace("&", "\\u0026").replace("<", "\\u003c")
    data = data.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    parts = {"/*style*/": style, "/*script*/": script, "script-digest": digest, "/*data*/": data}
    for place, part in parts.items():  # data comes last: what it holds is never searched for a place
        markup = markup.replace(place, part, 1)
    return markup


def _query(prediction: Prediction, video: Video, truth: Sequence[tuple[float, float]] | None) -> dict[str, Any]:
    return {
        "query": prediction.query,
        "presence": prediction.presence,
        "absent": prediction.absent,
        "truth": None if truth is None else [list(window) for window in truth],
        "lane": _lane(prediction),
        "moments": [
            {
                "start": moment.start,
                "end": moment.end,
                "score": moment.score,
                "evidence": [{"kind": e.kind, "text": e.text} for e in moment.evidence],
                "thumbnail": _thumbnail(video, moment),
            }
            for moment in prediction.moments
        ],
    }


def _lane(prediction: Prediction) -> list[list[float]]:
    """The saliency curve as [time, height in 0..1], at most `LANE_POINTS` of them, keeping peaks."""
    if prediction.saliency is None or not prediction.saliency.values:
        return []
    times, values = np.array(prediction.saliency.times), np.array(prediction.saliency.values)
    low, high = float(values.min()), float(values.max())
    heights = (values - low) / max(high - low, 1e-9)
    step = -(-len(times) // LANE_POINTS)
    peaks = [(float(times[i]), float(heights[i : i + step].max())) for i in range(0, len(times), step)]
    return [[round(time, 2), round(height, 3)] for time, height in peaks]


def _thumbnail(video: Video, moment: Moment) -> str | None:
    """The picture in the middle of a moment, as a JPEG data address."""
    height = THUMBNAIL
    width = max(2, round(height * video.probe.width / max(1, video.probe.height)))
    middle = (moment.start + moment.end) / 2
    frame = next(iter(video.around(middle, 0.0, size=(width, height))), None)
    return None if frame is None else "data:image/jpeg;base64," + base64.b64encode(_jpeg(frame.image)).decode()


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    height, width = image.shape[:2]
    encoder = av.CodecContext.create("mjpeg", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError("mjpeg is a video codec")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qscale": "4"}
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def _player(video: Video, out: Path) -> tuple[str | None, str | None]:
    """An address for the player, and what to tell about it."""
    kind = CONTAINERS.get(video.path.suffix.lower().removeprefix("."))
    playable = kind is not None and video.probe.codec in BROWSERS_PLAY and video.probe.start_time == 0
    if playable and video.path.stat().st_size <= EMBED:
        return f"data:{kind};base64," + base64.b64encode(video.path.read_bytes()).decode(), None
    if video.duration <= PROXY:
        return _proxy(video), "The player shows a small silent copy; times are those of the original."
    if playable:
        address = Path(os.path.relpath(video.path.resolve(), out.resolve().parent)).as_posix()
        return address, "The film is not inside this page: keep the two together."
    return None, "Browsers cannot play this film and it is too long to embed; times and pictures are right."


def _proxy(video: Video) -> str:
    aspect = video.probe.width / max(1, video.probe.height)
    height = min(360, video.probe.height // 2 * 2)
    size = max(2, round(height * aspect / 2) * 2), max(2, height)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.mp4"
        compose(copy, [Excerpt(video.path, 0.0, video.duration)], size=size)
        return "data:video/mp4;base64," + base64.b64encode(copy.read_bytes()).decode()
