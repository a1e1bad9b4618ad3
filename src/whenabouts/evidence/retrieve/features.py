"""What is known about every line of a transcript for one query: numbers that `calibration` weighs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.evidence.retrieve.acts import cue_scores
from whenabouts.evidence.retrieve.answers import asks_of, holds, is_question
from whenabouts.evidence.retrieve.language import language_of
from whenabouts.evidence.retrieve.wording import Wording, words_of
from whenabouts.evidence.timed_text import TimedText
from whenabouts.query import ParsedQuery

__all__ = ["Meaning", "Sought", "Transcript", "features", "sought_of"]

Column = NDArray[np.float64]
SPEAKER = re.compile(r"^\s*(?:>>+\s*|[-–—]\s*)?(?P<name>[^\W\d_][\w .'’-]{0,30}?)\s*[:：]\s+(?=\S)")
TURN = re.compile(r"^\s*(?:>>+|[-–—])\s*")
FEW_WORDS = 3  # a shorter line, such as "Really?", means little by itself


@dataclass(frozen=True)
class Sought:
    """A query as it is matched: the whole `event`, and of it the `words` that are sought."""

    event: str
    words: str
    kind: str | None = None
    quoted: bool = False
    act: str | None = None
    asks: str | None = None
    language: str | None = None

    @property
    def plain(self) -> bool:
        """Whether neither an act nor an answer to a question is sought."""
        return self.act is None and self.asks is None


def sought_of(query: ParsedQuery) -> Sought:
    """What a query seeks; one that was not taken apart is read by the phrases of the kinds of evidence."""
    language = query.language or language_of([query.event])
    event = query.event or query.words or ""
    if query.words is not None or query.kind is not None or query.act is not None or query.asks is not None:
        words = query.words or event
        return Sought(event, words, query.kind, query.quoted, query.act, asks_of(query.asks, event), language)
    phrasing = parse_phrasing(event)
    return Sought(event, phrasing.text, phrasing.kind, phrasing.quoted, None, asks_of(None, event), language)


@dataclass
class Transcript:
    """Lines with what is known about them whatever is asked.

    texts: without the name of who speaks, which is in `speakers`
    """

    lines: Sequence[TimedText]
    texts: list[str] = field(init=False)
    speakers: list[str] = field(init=False)
    language: str | None = field(init=False)
    questions: NDArray[np.bool_] = field(init=False)
    short: Column = field(init=False)

    def __post_init__(self) -> None:
        names = [SPEAKER.match(line.text) for line in self.lines]
        self.speakers = [name["name"] if name else "" for name in names]
        bare = [line.text[name.end() if name else 0 :] for line, name in zip(self.lines, names, strict=True)]
        self.texts = [" ".join(TURN.sub("", text).split()) for text in bare]
        self.language = language_of(self.texts)
        self.questions = is_question(self.texts)
        self.short = np.array([float(_length(text) < FEW_WORDS) for text in self.texts])
        self._wording: dict[str | None, Wording] = {}

    def wording(self, language: str | None) -> Wording:
        """The words of all lines, stemmed as those of a language."""
        if language not in self._wording:
            self._wording[language] = Wording(self.texts, language)
        return self._wording[language]


def _length(text: str) -> int:
    """Words; of Korean more, of unspaced writing about half the characters."""
    return max(len(words_of(text)), len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]", text)) // 3)


@dataclass(frozen=True)
class Meaning:
    """Likeness of every line (N,) with the sought words, with the event, with what an act says, with any query.

    answers: by the encoder of questions and answers, with the words or the event, and with the event alone
    english: with the words, by the encoder of English
    """

    words: Column
    event: Column
    act: Column
    hub: Column
    answers: Column | None = None
    answers_event: Column | None = None
    english: Column | None = None


def features(transcript: Transcript, sought: Sought, meaning: Meaning | None) -> dict[str, Column]:
    """Named columns (N,); without `meaning` only what words tell. A column that is not there counts as zeros."""
    texts, question = transcript.texts, transcript.questions.astype(float)
    shared = transcript.wording(sought.language).shared(sought.words)
    columns = {
        "wording": shared,
        "short": transcript.short,
        "speaker": _speaks(transcript.speakers, sought),
        "question": np.zeros(len(texts)) if sought.act == "ask" else question,
    }
    if meaning is not None:
        columns |= {"words": meaning.words, "event": meaning.event, "hub": meaning.hub}
        if meaning.answers_event is not None:
            columns["answers_event"] = meaning.answers_event
        if meaning.english is not None:
            columns |= {"english": meaning.english, "is_english": np.ones(len(texts))}
    if sought.act is not None:
        cue = cue_scores(sought.act, sought.words if sought.words != sought.event else "", texts)
        object_ = np.maximum(shared, _near(shared))
        columns |= {"is_act": np.ones(len(texts)), "cue": cue, "near_cue": _near(cue), "cue_wording": cue * object_}
        if meaning is not None:
            columns |= {"act": meaning.act, "cue_words": cue * np.maximum(meaning.words, _near(meaning.words))}
    elif sought.asks is not None:
        answer = holds(sought.asks, texts).astype(float)
        columns |= {
            "is_asked": np.ones(len(texts)),
            "answer": answer,
            "answer_wording": answer * shared,
            "after_wording": _after(shared, question),
        }
        if meaning is not None:
            best = np.maximum(meaning.words, meaning.event)
            after = _after(best, question)
            columns |= {"answer_words": answer * best, "answer_after": answer * after, "after": after}
    return columns


def _near(column: Column) -> Column:
    """The larger value of the two neighbours of each line."""
    padded = np.pad(column, 1)
    near: Column = np.maximum(padded[:-2], padded[2:])
    return near


def _after(column: Column, question: Column) -> Column:
    """For each line that is no question, the value of the question before it, or before the line before it."""
    asked = np.pad(column * question, (2, 0))
    after: Column = np.maximum(asked[1:-1], 0.8 * asked[:-2]) * (1 - question)
    return after


def _speaks(speakers: Sequence[str], sought: Sought) -> Column:
    """1 where the query names the speaker of a line."""
    if not any(speakers):
        return np.zeros(len(speakers))
    names = sorted(set(speakers))
    named = dict(zip(names, Wording([*names], sought.language).shared(sought.event), strict=True))
    return np.array([float(named[speaker] > 0) if speaker else 0.0 for speaker in speakers])
