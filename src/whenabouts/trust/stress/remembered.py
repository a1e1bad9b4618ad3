"""A grounder that is asked each question once, however many probes ask it, and goes on where a run has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whenabouts.files.journal import Journal
from whenabouts.grounders.grounder import Grounder, ask
from whenabouts.prediction import Prediction
from whenabouts.trust.answers import checked
from whenabouts.video import Video

__all__ = ["Remembered"]


class Remembered:
    """Answers of a grounder by the hash of the video and the query, in memory and in a journal.

    Saliency curves are not kept, so that an answer is a few hundred bytes, whatever the length of the video.
    """

    whole = True  # queries are taken apart inside, once

    def __init__(self, grounder: Grounder, journal: Journal | None = None) -> None:
        self.grounder, self.journal = grounder, journal
        self._known: dict[tuple[str, str], Prediction] = {}
        for row in journal.rows if journal else ():
            self._known[row["video"], row["query"]] = Prediction.from_dict(row["answer"])

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Like that of the grounder, which is asked what is not known yet."""
        sha256 = video.sha256
        if new := list(dict.fromkeys(query for query in queries if (sha256, query) not in self._known)):
            answers = checked(ask(self.grounder, video, new))
            rows = []
            for query, answer in zip(new, answers, strict=True):
                self._known[sha256, query] = kept = replace(answer, saliency=None)
                rows.append({"video": sha256, "query": query, "answer": kept.to_dict()})
            if self.journal is not None:
                self.journal.append(rows)
        return [self._known[sha256, query] for query in queries]
