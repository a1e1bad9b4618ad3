"""The line that stands directly before or after something, for "before the break" and "after the applause"."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.evidence import TimedText
from whenabouts.grounders.occurrences import CUE
from whenabouts.moment import Evidence, Moment
from whenabouts.query import ParsedQuery

__all__ = ["line_beside"]

NEAR = 60.0  # seconds; what is said further away does not stand beside it
TOUCHING = 0.1  # seconds by which a line may reach into the anchor


def line_beside(query: ParsedQuery, anchor: Moment, lines: Sequence[TimedText]) -> Moment | None:
    """The last line before an anchor, or the first after it, as the query asks; None where there is none near.

    A cue that describes a sound, such as "[Applause]", is not a line that somebody says.
    """
    relation = query.relation or ""
    spoken = [line for line in lines if not line.text.startswith(CUE)]
    if relation.endswith("before") or relation == "until":
        earlier = [line for line in spoken if line.end <= anchor.start + TOUCHING]
        line = max(earlier, key=lambda line: line.end, default=None)
        near = line is not None and anchor.start - line.end <= NEAR
    elif relation.endswith("after"):
        later = [line for line in spoken if line.start >= anchor.end - TOUCHING]
        line = min(later, key=lambda line: line.start, default=None)
        near = line is not None and line.start - anchor.end <= NEAR
    else:
        return None
    if line is None or not near:
        return None
    return Moment(line.start, line.end, anchor.score, (Evidence(line.kind, line.start, line.end, line.text),))
