"""Lines of speech or text that answer standing queries, judged as soon as each is complete.

The offline matching (`evidence.retrieve`) over the last lines only. What it learns from later lines is not known: an
answer to a question, which comes after it, is found; that something is said again is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.e5 import PassageEncoder, QueryEncoder, available
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.encoders.usem import MultilingualEncoder
from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.evidence.phrasing import sought
from whenabouts.evidence.retrieve import Match, retrieve
from whenabouts.evidence.timed_text import MAX_LINE_CHARS, TimedText

__all__ = ["Lines"]

RECENT = 20  # lines with which a new one is compared
KNOWN = 2_000  # texts whose vectors are kept in memory, by each encoder


class Lines:
    """The newest lines, and until when each query was answered.

    least:   probability from which a line answers
    meaning: compare meanings as well as words, which loads models and takes some hundredths of a second a line
    """

    def __init__(self, least: float = 0.5, *, meaning: bool = True) -> None:
        self.least, self.meaning = least, meaning
        self._models = _Remembering()
        self._recent: deque[TimedText] = deque(maxlen=RECENT)
        self._answered: dict[str, float] = {}

    def hear(self, line: TimedText, queries: Sequence[str]) -> list[tuple[str, Match]]:
        """The queries that a line answers, alone or as the end of a sentence, each with what answers it."""
        text = " ".join(line.text.split())[:MAX_LINE_CHARS]
        if not text or not 0 <= line.start < line.end:
            return []
        self._recent.append(TimedText(line.start, line.end, text, line.kind, line.source))
        parsed = [sought(query) for query in queries]
        about = [i for i, query in enumerate(parsed) if not query.negated]
        asked = [parsed[i] for i in about]
        matches = retrieve(tuple(self._recent), asked, self._models, meaning=self.meaning, cache=False)
        found = []
        for i, of_query in zip(about, matches, strict=True):
            query = queries[i]
            new = [match for match in of_query if match.end >= line.end and match.lines[0].text.endswith(text)]
            best = max(new, key=lambda match: match.probability, default=None)
            if best and best.probability >= self.least and best.start >= self._answered.get(query, -1.0):
                self._answered[query] = best.end
                found.append((query, best))
        return found

    def forget(self, query: str) -> None:
        """A query is asked no longer."""
        self._answered.pop(query, None)

    def interrupt(self) -> None:
        """What comes next does not go on from what was."""
        self._recent.clear()

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, for `restore`."""
        return {"recent": [asdict(line) for line in self._recent], "answered": dict(self._answered)}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._recent = deque((TimedText(**row) for row in kept["recent"]), maxlen=RECENT)
        self._answered = {str(query): float(end) for query, end in kept["answered"].items()}

    @property
    def models(self) -> dict[str, str]:
        """The sha256 of what compared lines with queries last, by its name."""
        return self._models.text_identities


class _Memory:
    """Before an encoder: vectors of the newest texts, so that no line is encoded twice."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known: dict[str, NDArray[np.float32]] = self.__dict__.setdefault("_known", {})
        new = [text for text in dict.fromkeys(texts) if text not in known]
        vectors: NDArray[np.float32] = super().encode(new)  # type: ignore[misc]
        known |= dict(zip(new, vectors, strict=True))
        found = np.stack([known[text] for text in texts]) if texts else vectors
        for text in list(known)[: max(0, len(known) - KNOWN)]:
            del known[text]
        return found


class _Multilingual(_Memory, MultilingualEncoder): ...


class _English(_Memory, SentenceEncoder): ...


class _Passages(_Memory, PassageEncoder): ...


class _Queries(_Memory, QueryEncoder): ...


class _Remembering(EvidenceModels):
    """Encoders of texts that remember."""

    @cached_property
    def multilingual_encoder(self) -> MultilingualEncoder:
        return _Multilingual()

    @cached_property
    def sentence_encoder(self) -> SentenceEncoder:
        return _English()

    @cached_property
    def passage_encoder(self) -> PassageEncoder | None:
        return _Passages() if available() else None

    @cached_property
    def query_encoder(self) -> QueryEncoder | None:
        return _Queries() if available() else None
