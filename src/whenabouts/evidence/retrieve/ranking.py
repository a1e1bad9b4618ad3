"""Every sentence of a video, ranked by the probability that it answers a query."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.asking import thing_asked
from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.evidence.phrasing import OTHER_KIND
from whenabouts.evidence.retrieve.calibration import MODELS
from whenabouts.evidence.retrieve.called import of_somebody_else
from whenabouts.evidence.retrieve.features import Meaning, Sought, Transcript, features, sought_of
from whenabouts.evidence.retrieve.match import Match
from whenabouts.evidence.retrieve.meaning import meanings
from whenabouts.evidence.retrieve.sentences import sentences
from whenabouts.evidence.signals import SIGNALS
from whenabouts.evidence.sound.names import EVENTS, HEARD
from whenabouts.evidence.timed_text import TimedText
from whenabouts.progress import Fraction
from whenabouts.query import ParsedQuery, parse_query

__all__ = ["retrieve"]

LITERAL = 0.9  # minimum probability of a line that contains the words of the query as they stand
LONG_QUOTE = 3  # words without quotation marks that may be a quotation
MENTION = 0.6  # minimum probability of speech that has all words of what is spoken about
SOUND = re.compile(r"[\[(（【♪][^\])）】]*[\])）】♪]")  # "[Applause]" in subtitles
BRACKETS = "[]()（）【】♪ "
SAME_SOUND = 0.9  # minimum probability of "[Applause]" where applause is sought, in whatever language
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
    models.text_identities = {}
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
    columns = features(transcript, sought, meaning)
    probability = MODELS[level].probability(columns)
    if "english" in columns:
        probability = np.where(transcript.standing, MODELS["described"].probability(columns), probability)
    mention = MENTION + (1 - MENTION) * probability
    probability = np.where((columns["mention"] > 0) & ~transcript.standing, mention, probability)
    if sought.quoted or (sought.plain and len(sought.words.split()) >= LONG_QUOTE):
        literal = transcript.wording(sought.language).literal(sought.words, quoted=sought.quoted)
        elsewhere = probability * (LITERAL if sought.quoted else 1.0)
        probability = np.where(literal, LITERAL + (1 - LITERAL) * probability, elsewhere)
    probability = probability * of_somebody_else(transcript, sought)
    if sound := sound_named(sought.event):
        same = np.array(
            [sound_named(cue[0]) == sound if (cue := SOUND.search(text)) else False for text in transcript.texts]
        )
        probability = np.where(same, SAME_SOUND + (1 - SAME_SOUND) * probability, probability)
    probability *= [_weight(sought, line) for line in transcript.lines]
    clipped: NDArray[np.float64] = np.clip(probability, 0.0, 1.0)
    return clipped


def sound_named(text: str) -> str | None:
    """The sound, or the interruption, that a query or a cue names and nothing else, in any language.

    >>> sound_named("[Applause]") == sound_named("박수 소리")
    True
    """
    thing = thing_asked(text.strip(BRACKETS), (*HEARD, *EVENTS, *SIGNALS))
    return thing.name if thing else None


def _weight(sought: Sought, line: TimedText) -> float:
    """What a line counts where the query asks for one kind of evidence."""
    if sought.kind == "heard":
        return 1.0 if SOUND.search(line.text) else NO_SOUND
    return 1.0 if sought.kind in {None, line.kind} else OTHER_KIND


def _ranked(lines: Sequence[TimedText], probability: NDArray[np.float64]) -> list[Match]:
    order = np.argsort(-probability, kind="stable")
    return [Match(lines[i].start, lines[i].end, (lines[i],), float(probability[i])) for i in order]
