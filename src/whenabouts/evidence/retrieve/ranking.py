"""Every sentence of a video, ranked by the probability that it answers a query."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.evidence.phrasing import OTHER_KIND
from whenabouts.evidence.retrieve.calibration import MODELS
from whenabouts.evidence.retrieve.features import Meaning, Sought, Transcript, features, sought_of
from whenabouts.evidence.retrieve.match import Match
from whenabouts.evidence.retrieve.meaning import meanings
from whenabouts.evidence.retrieve.sentences import sentences
from whenabouts.evidence.timed_text import TimedText
from whenabouts.progress import Fraction
from whenabouts.query import ParsedQuery, parse_query

__all__ = ["retrieve"]

LITERAL = 0.9  # minimum probability of a line that contains the quoted words of the query
SOUND = re.compile(r"[\[(（【♪][^\])）】]*[\])）】♪]")  # "[Applause]" in subtitles
HEARD = "heard"
NO_SOUND = 0.3  # of the probability of a line that describes no sound, where a sound is sought


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

    meaning:  compare meanings too: models are loaded, and an hour of speech that is new takes some seconds; else only
              words are compared, at once
    cache:    keep the vectors of lines on disk, by content
    progress: receives the fraction done

    What else a query says, which occurrence and where it stands to other events, is not applied. Raises ModelError.
    """
    known = sentences(lines)
    sought = [sought_of(parse_query(query) if isinstance(query, str) else query) for query in queries]
    if not known or not sought:
        return [[] for _ in sought]
    transcript = Transcript(known)
    compared: Sequence[Meaning | None] = [None] * len(sought)
    if meaning:
        compared = meanings(transcript, sought, models, cache=cache, progress=progress)
    elif progress:
        progress(1.0)
    return [_ranked(known, _probability(transcript, each, alike)) for each, alike in zip(sought, compared, strict=True)]


def _probability(transcript: Transcript, sought: Sought, meaning: Meaning | None) -> NDArray[np.float64]:
    level = "words" if meaning is None else "quick" if meaning.answers is None else "full"
    probability = MODELS[level].probability(features(transcript, sought, meaning))
    if sought.quoted:
        literal = transcript.wording(sought.language).literal(sought.words)
        probability = np.where(literal, LITERAL + (1 - LITERAL) * probability, LITERAL * probability)
    probability *= [_weight(sought, line) for line in transcript.lines]
    clipped: NDArray[np.float64] = np.clip(probability, 0.0, 1.0)
    return clipped


def _weight(sought: Sought, line: TimedText) -> float:
    """What a line counts where the query asks for one kind of evidence."""
    if sought.kind == HEARD:
        return 1.0 if SOUND.search(line.text) else NO_SOUND
    return 1.0 if sought.kind in {None, line.kind} else OTHER_KIND


def _ranked(lines: Sequence[TimedText], probability: NDArray[np.float64]) -> list[Match]:
    order = np.argsort(-probability, kind="stable")
    return [Match(lines[i].start, lines[i].end, (lines[i],), float(probability[i])) for i in order]
