"""`Prediction`: the one answer every grounder gives, and its one JSON form.

A prediction is a plain value that knows nothing of files, players or pages. What `save`, `clips` and notebooks do is
the business of the room `interchange`, which imports this one; so those methods name it as "module:attribute", as every
`plugins.Registry` names its parts, and import it only when they are called.

Command line, HTTP API and files all use `to_dict` / `from_dict`; the JSON schema
is derived from these dataclasses by `json_schema`, so the three cannot drift apart. All times are seconds on the
video's own clock (media time: 0 is the first moment a player shows).
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, isfinite
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from whenabouts.errors import AnnotationError, MomentError
from whenabouts.moment import Moment
from whenabouts.plugins import resolve
from whenabouts.query import ParsedQuery

__all__ = ["LIKE_BEST", "Prediction", "Receipt", "Saliency", "Status", "grid", "json_schema"]

Status = Literal["confirmed", "likely", "unlikely", "absent"]

LIKE_BEST = 0.5  # of the best score: from there a moment counts as an occurrence
CLIP = 2.0  # seconds of a clip that QVHighlights rates
ROUNDED = 0.01  # seconds by which the end of a moment may lie after the video, where a file holds rounded numbers
ABSENT = 0.3  # a presence below this is reported as "probably not in this video"
SAVE = "whenabouts.interchange.exchange:save"
CLIPS = "whenabouts.interchange.clips:clips_of"
HTML = "whenabouts.interchange.notebook:to_html"


@dataclass(frozen=True, slots=True)
class Saliency:
    """How well each sampled instant matches the query.

    `times` (seconds, increasing) and `values` (any real scale, higher is better) have equal length.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.times) != len(self.values):
            raise MomentError(f"saliency has {len(self.times)} times but {len(self.values)} values")

    def over(self, clips: Iterable[tuple[float, float]]) -> tuple[float, ...]:
        """The greatest value in each clip [start, end) in seconds; where none is, the one nearest to its middle.

        >>> Saliency((0.5, 1.5, 2.5), (0.1, 0.9, 0.4)).over([(0, 2), (2, 4), (4, 6)])
        (0.9, 0.4, 0.4)
        """
        if not self.times:
            return ()
        found = []
        for start, end in clips:
            inside = self.values[bisect_left(self.times, start) : bisect_left(self.times, end)]
            found.append(max(inside) if inside else self.values[self._nearest((start + end) / 2)])
        return tuple(found)

    def _nearest(self, instant: float) -> int:
        return min(range(len(self.times)), key=lambda i: abs(self.times[i] - instant))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What made a prediction, enough to make it again.

    `models` maps the name of each model that took part to the sha256 of its weights; `settings` holds every
    setting that changes the answer (sampling rate, thresholds, evidence kinds). `usage` is what servers counted for all
    queries that were answered together: requests, prompt_tokens, completion_tokens.
    """

    version: str
    grounder: str
    video_sha256: str | None = None
    models: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Ranked moments for one query on one video.

    moments:  best first; empty when nothing is found.
    presence: calibrated P(the query happens in this video), or None if the grounder does not estimate it.
    duration: length of the video in seconds.
    failure:  why a model's answer could not be used, in a few words; then there are no moments.
    said:     the answers in words, of models that answer so.
    notes:    what was repaired in an answer, such as an end beyond the video that was cut.
    trace:    the steps of a search in order, each a dict with its `step` and what it gave.
    understood: how the query was read, from a grounder that takes it apart; None from any other.
    annotator: who marked the moments, where a person did; empty for one without a name, None for a model's answer.
    """

    query: str
    moments: tuple[Moment, ...]
    duration: float
    presence: float | None = None
    saliency: Saliency | None = None
    video: str | None = None
    receipt: Receipt | None = None
    failure: str | None = None
    said: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trace: tuple[dict[str, Any], ...] = ()
    understood: ParsedQuery | None = None
    annotator: str | None = None

    @property
    def best(self) -> Moment | None:
        """The top-ranked moment, or None when nothing was found."""
        return self.moments[0] if self.moments else None

    @property
    def absent(self) -> bool:
        """Whether the query probably does not happen at all, according to the grounder."""
        return self.presence is not None and self.presence < ABSENT

    @property
    def status(self) -> Status:
        """What is known of the moments.

        `confirmed`: a person marked them; `likely`: a model found them; `unlikely`: they are the nearest that a model
        found of a query that is probably not in this video; `absent`: there are none.

        >>> Prediction("a dog", (Moment(1, 2),), 9.0, presence=0.1).status
        'unlikely'
        """
        if not self.moments and self.failure is None:
            return "absent"
        if self.annotator is not None:
            return "confirmed"
        return "unlikely" if self.absent else "likely"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: nested plain dicts, lists and numbers."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Prediction:
        """Read `to_dict`'s form, checking every field. Raises AnnotationError naming the first that is wrong.

        >>> Prediction.from_dict({"query": "a dog", "moments": []})
        Traceback (most recent call last):
        whenabouts.errors.AnnotationError: the field duration: field required
        """
        from pydantic import TypeAdapter, ValidationError

        try:
            made = TypeAdapter(cls).validate_python(data)
        except ValidationError as error:
            fault = error.errors()[0]
            field = ".".join(map(str, fault["loc"]))
            message = fault["msg"].removeprefix("Value error, ")
            where = f"the field {field}: " if field else ""
            raise AnnotationError(f"{where}{message[:1].lower()}{message[1:]}") from None
        except RecursionError:
            raise AnnotationError("lists are nested too deeply") from None
        if (untrue := made._fault()) is not None:
            raise AnnotationError(f"the field {untrue}")
        return made

    def _fault(self) -> str | None:
        """What cannot be true of an answer that was read, as the end of a sentence that begins with its field."""
        curve = self.saliency.values if self.saliency else ()
        if not (isfinite(self.duration) and self.duration >= 0):
            return f"duration: must be a finite number from 0 on, not {self.duration:g}"
        if self.presence is not None and not 0 <= self.presence <= 1:
            return f"presence: must be a probability in [0, 1], not {self.presence:g}"
        for number, moment in enumerate(self.moments):
            if moment.end > self.duration + ROUNDED:
                return f"moments.{number}: ends at {moment.end:g} s, after the video, which lasts {self.duration:g} s"
            if not isfinite(moment.score):
                return f"moments.{number}.score: must be finite"
        if not all(map(isfinite, curve)):
            return "saliency.values: must be finite"
        if self.saliency and not all(a < b for a, b in pairwise(self.saliency.times)):
            return "saliency.times: must grow"
        return None

    def save(
        self,
        path: str | PathLike[str],
        *,
        format: str | None = None,
        video: str | PathLike[str] | None = None,
        only: Literal["likely", "confirmed", "all"] | None = None,
    ) -> Path:
        """Write this for another program, in the format that the path's end says or that is named; returns the path.

        video: path of the video, if it differs from that in the prediction
        only:  which moments, as for `whenabouts.write`

            prediction.save("answer.edl")

        Raises InputError, VideoError, MissingExtra. `whenabouts.write` takes several predictions.
        """
        place = None if video is None else Path(video)
        written: Path = resolve(SAVE)([self], Path(path), format=format, video=place, only=only)
        return written

    def clips(
        self,
        folder: str | PathLike[str],
        *,
        pad: float = 0.0,
        smart: bool = False,
        name: str | None = None,
        only: Literal["likely", "confirmed", "all"] = "likely",
    ) -> list[Path]:
        """Cut moments out of the video, each into a file of its own in `folder`; returns their paths.

        pad:   seconds before and after each moment
        smart: copy what is between the edges of a clip, as `Video.cut` does
        name:  template of file names, such as "{video}_{number:03}_{query}" (see docs/export.md)
        only:  which moments, as for `whenabouts.write`

        Raises InputError where no video is named, VideoError.
        """
        written: list[Path] = resolve(CLIPS)(self, Path(folder), pad=pad, smart=smart, name=name, only=only)
        return written

    def _repr_html_(self) -> str:
        html: str = resolve(HTML)(self)
        return html

    def to_qvhighlights(self, qid: int | str, vid: str, *, limit: int = 10) -> dict[str, Any]:
        """One row of a QVHighlights submission: windows as `[start, end, score]` with four decimals.

        Saliency is one value per clip of two seconds, the greatest inside it.
        """
        windows = [[round(m.start, 4), round(m.end, 4), round(m.score, 4)] for m in self.moments[:limit]]
        row: dict[str, Any] = {"qid": qid, "query": self.query, "vid": vid, "pred_relevant_windows": windows}
        if self.saliency is not None:
            row["pred_saliency_scores"] = [round(v, 4) for v in self.saliency.over(grid(self.duration))]
        return row


def grid(duration: float) -> list[tuple[float, float]]:
    """The clips of two seconds that QVHighlights rates: enough to cover `duration` seconds.

    >>> grid(3.5)
    [(0.0, 2.0), (2.0, 4.0)]
    """
    return [(CLIP * i, CLIP * (i + 1)) for i in range(ceil(duration / CLIP))]


def json_schema() -> dict[str, Any]:
    """The JSON schema of `Prediction.to_dict()`."""
    from pydantic import TypeAdapter

    return TypeAdapter(Prediction).json_schema()
