"""Every sentence of a video, ranked by the probability that it answers a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.kept import TextEncoder, kept_vectors
from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.evidence.phrasing import Phrasing, parse_phrasing
from whenabouts.evidence.retrieve.match import Match
from whenabouts.evidence.retrieve.sentences import sentences
from whenabouts.evidence.retrieve.stopwords import language_of
from whenabouts.evidence.retrieve.wording import Wording
from whenabouts.evidence.timed_text import TimedText
from whenabouts.progress import Fraction, part
from whenabouts.query import ParsedQuery, parse_query

__all__ = ["retrieve"]

BIAS, MULTILINGUAL, ENGLISH, WORDING = -5.5, 7.0, 4.0, 3.0
LITERAL = 0.9  # minimum score of a line that contains the words of the query literally


def retrieve(
    lines: Sequence[TimedText],
    queries: Sequence[ParsedQuery | str],
    models: EvidenceModels,
    *,
    meaning: bool = True,
    cache: bool = True,
    progress: Fraction | None = None,
) -> list[list[Match]]:
    """For each query its matches, best first; equally good ones in order of time.

    meaning:  compare meanings too, with models that need about a second to load and one or two for an hour of speech
              that is new; else only words, at once
    cache:    keep the vectors of lines on disk, by content
    progress: receives the fraction done

    Raises ModelError.
    """
    known = sentences(lines)
    parsed = [parse_query(query) if isinstance(query, str) else query for query in queries]
    if not known or not parsed:
        return [[] for _ in parsed]
    texts = [line.text for line in known]
    english = language_of(texts) == "en"
    sought = [_phrasing(query) for query in parsed]
    multilingual = english_likeness = None
    if meaning:
        wanted = [phrasing.text for phrasing in sought]
        encoder = models.multilingual_encoder
        multilingual = _likeness(encoder, texts, wanted, cache, part(progress, 0.0, 0.3))
        if english:
            english_likeness = _likeness(models.sentence_encoder, texts, wanted, cache, part(progress, 0.3, 1.0))
    answers = []
    for number, (query, phrasing) in enumerate(zip(parsed, sought, strict=True)):
        language = query.language or language_of([query.event])
        wording = Wording(texts, language)
        score = np.full(len(texts), BIAS) + WORDING * wording.shared(phrasing.text)
        if multilingual is not None:
            score += MULTILINGUAL * multilingual[number]
            reads = english_likeness is not None and language in {"en", None}
            score += ENGLISH * (english_likeness if reads and english_likeness is not None else multilingual)[number]
        else:
            score += 4.0 * wording.shared(phrasing.text)
        answers.append(_ranked(known, _calibrated(score, phrasing, wording, known)))
    if progress:
        progress(1.0)
    return answers


def _likeness(
    encoder: TextEncoder, texts: list[str], wanted: list[str], cache: bool, progress: Fraction | None
) -> NDArray[np.float64]:
    """Dot products (Q, N) of queries and lines."""
    both = kept_vectors(encoder, texts + wanted, cache=cache, progress=progress)
    products: NDArray[np.float64] = both[len(texts) :].astype(np.float64) @ both[: len(texts)].T
    return products


def _phrasing(query: ParsedQuery) -> Phrasing:
    if query.words is not None or query.kind is not None:
        return Phrasing(query.words or query.event, query.kind, query.quoted)
    return parse_phrasing(query.event)


def _calibrated(
    score: NDArray[np.float64], phrasing: Phrasing, wording: Wording, lines: list[TimedText]
) -> NDArray[np.float64]:
    probability = 1 / (1 + np.exp(-score))
    literal = wording.literal(phrasing.text)
    probability = np.where(
        literal, LITERAL + (1 - LITERAL) * probability, probability * (LITERAL if phrasing.quoted else 1.0)
    )
    probability *= [phrasing.weight(line.kind) for line in lines]
    return np.clip(probability, 0.0, 1.0)


def _ranked(lines: list[TimedText], probability: NDArray[np.float64]) -> list[Match]:
    order = np.argsort(-probability, kind="stable")
    return [Match(lines[i].start, lines[i].end, (lines[i],), float(probability[i])) for i in order]
