"""Every query as a row: what was asked, what is true, what was answered, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts
from whenabouts.auditing.diagnosis.several import missed
from whenabouts.auditing.judged import Judged
from whenabouts.files.json import finite

__all__ = ["rows"]


def rows(
    judged: Judged, facts: Facts, outcome: NDArray[np.str_], absent: Sequence[str], chosen: str | None = None
) -> list[dict[str, Any]]:
    """All queries in the order of the annotations, those that do not happen last; or of one outcome, the worst first.

    The worst has the lowest IoU; of equals, the one whose ends are farther off. Times are seconds, None where there is
    no answer, and `missed` has the true moments that none of the first five answers hits.
    """
    numbers = np.arange(len(facts)) if chosen is None else _worst_first(facts, np.flatnonzero(outcome == chosen))
    lost = missed(facts) if len(numbers) else []
    made = []
    for i in numbers.tolist():
        e, given = facts.examples[i], bool(facts.given[i])
        early, late = facts.errors[i].tolist()
        made.append(
            {
                "qid": e.qid,
                "video": e.video,
                "query": e.query,
                "outcome": str(outcome[i]),
                "iou": float(facts.iou[i]),
                "truth": facts.truth[i].tolist(),
                "answer": facts.first[i].tolist() if given else None,
                "start_error": early if given else None,
                "end_error": late if given else None,
                "rank": int(facts.rank[i]) or None,
                "moments": int(facts.moments[i]),
                "missed": lost[i],
            }
        )
    return [dict(finite(row)) for row in made] + [
        _absent_row(judged, number, name) for number, name in enumerate(absent) if chosen in (None, name)
    ]


def _worst_first(facts: Facts, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    off = np.nan_to_num(np.abs(facts.errors[numbers]).sum(axis=1))
    return numbers[np.lexsort((-off, facts.iou[numbers]))]


def _absent_row(judged: Judged, number: int, name: str) -> dict[str, Any]:
    e = judged.absent[number]
    windows = judged.windows.get(e.qid)
    answer = windows[0].tolist() if windows is not None and len(windows) else None
    said = {"qid": e.qid, "video": e.video, "query": e.query, "outcome": name, "iou": None, "truth": None}
    nothing: dict[str, Any] = {"start_error": None, "end_error": None, "rank": None, "moments": 0, "missed": []}
    return said | {"answer": answer} | nothing
