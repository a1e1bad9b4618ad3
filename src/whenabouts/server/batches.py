"""Batches: the same questions asked of many videos, one job a video, and what is shown of their answers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from whenabouts.prediction import ABSENT
from whenabouts.server.jobs.store import JobRow, JobStore
from whenabouts.server.schema import BatchAnswer

__all__ = ["Batches"]

KEPT = 4000  # jobs of which the answers are kept in memory


class Batches:
    """The short answers of jobs that are done, each read once: a table is asked for again and again while it fills."""

    def __init__(self, store: JobStore) -> None:
        self.store = store
        self._answers: OrderedDict[str, list[BatchAnswer]] = OrderedDict()

    def answers(self, row: JobRow) -> list[BatchAnswer]:
        """What a find that is done says to each query; nothing before. Raises KeyError where it was deleted."""
        if row.state != "done" or row.kind != "find":
            return []
        if row.id not in self._answers:
            self._answers[row.id] = [_answer(each) for each in self.predictions(row)]
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return self._answers[row.id]

    def predictions(self, row: JobRow) -> list[dict[str, Any]]:
        """The predictions of a find that is done."""
        result = self.store.get(row.id).result
        return list(result["predictions"]) if result else []


def _answer(prediction: dict[str, Any]) -> BatchAnswer:
    moments, presence = prediction["moments"], prediction["presence"]
    earliest = min(moments, key=lambda moment: moment["start"], default=None)
    return BatchAnswer(
        query=prediction["query"],
        presence=presence,
        absent=presence is not None and presence < ABSENT,
        moments=len(moments),
        first=None if earliest is None else (earliest["start"], earliest["end"]),
        failure=prediction["failure"],
    )
