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
from whenabouts.evidence.retrieve.naming import named_act
from whenabouts.evidence.retrieve.sentences import continuous
from whenabouts.evidence.retrieve.wording import Wording, words_of
from whenabouts.evidence.timed_text import TimedText
from whenabouts.query import ParsedQuery

__all__ = ["Meaning", "Sought", "Transcript", "features", "is_foreign", "sought_of"]

Column = NDArray[np.float64]
SPEAKER = re.compile(r"^\s*(?:>>+\s*|[-–—]\s*)?(?P<name>[^\W\d_][\w .'’-]{0,30}?)\s*[:：]\s+(?=\S)")
TURN = re.compile(r"^\s*(?:>>+|[-–—])\s*")
ANNOUNCE, CORRECT, PAUSE = "announce", "correct", "pause"
CORRECTION = "she corrects an earlier statement"
SAYING = re.compile(  # "what she said earlier"
    r"\bsa(?:id|ys?)\b|\btold\b|\bstatement|\bwords\b|\baussage|\bgesagt|\bworte?\b|\bdij|\bdicho|\bpalabras|\bdit\b|\bpropos\b"
    r"|한 말|했던 말|발언|말한|말을|说的|说过|話|言った|発言",
    re.IGNORECASE,
)
BREAK = re.compile(  # what people announce otherwise: "shall we stop for ten minutes?"
    r"(?:(?:the|a|an|short|coffee|lunch|commercial|die|der|eine|kurze|la|el|una|un|le|l['’]) ?)*"
    r"(?:break|recess|intermission|interval|commercials?|pause|unterbrechung|werbung|pausa|descanso|receso|entracte"
    r"|publicité|쉬는 ?시간|휴식|정회|광고|休息|休憩|コマーシャル|广告)[은는이가을를の]?(?: ?(?:시간|时间))?",
    re.IGNORECASE,
)
FIRST = {"greet", "introduce", "open"}  # acts with which recordings begin
LAST = {"farewell", "close"}  # and end
EXACT = {"number", "money", "time", "name", "duration", "people"}  # answers whose words tell them plainly
EDGE = 0.02  # of all lines, or at least `EDGE_LINES`, are near the beginning or the end
EDGE_LINES = 3
UNRELATED, RELATED = 0.1, 0.35  # likeness of the object of an act with lines that are not, or are, about it
TRANSLATED = 0.95  # of the sought words; from there a line in another language has all of them
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

    @property
    def described(self) -> bool:
        """Whether the query describes something in English: no act, and no question."""
        return self.plain and self.language in {"en", None}


def sought_of(query: ParsedQuery) -> Sought:
    """What a query seeks; one that was not taken apart is read by the phrases of the kinds of evidence."""
    language = query.language or language_of([query.event])
    event = query.event or query.words or ""
    if query.words is None and query.kind is query.act is query.asks is None:
        phrasing = parse_phrasing(event)
        words, kind, quoted = phrasing.text, phrasing.kind, phrasing.quoted
    else:
        words, kind, quoted = query.words or event, query.kind, query.quoted
    act = None if query.act == ANNOUNCE and query.asks else query.act  # "reveals how much": the answer decides
    if act == CORRECT and SAYING.search(words):
        words = event = CORRECTION  # what was said before is what every correction is about
    if act is None and BREAK.fullmatch(words):
        act = PAUSE
    elif kind in {None, "said"} and not quoted and not query.asks and (named := named_act(event, act)) != act:
        act, words = named, event
    return Sought(event, words, kind, quoted, act, asks_of(query.asks, event), language)


@dataclass
class Transcript:
    """Lines with what is known about them whatever is asked.

    texts:    without the name of who speaks, which is in `speakers`
    standing: whether each line stands alone, as a title or a caption does
    """

    lines: Sequence[TimedText]
    texts: list[str] = field(init=False)
    speakers: list[str] = field(init=False)
    language: str | None = field(init=False)
    questions: NDArray[np.bool_] = field(init=False)
    short: Column = field(init=False)
    standing: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        names = [SPEAKER.match(line.text) for line in self.lines]
        self.speakers = [name["name"] if name else "" for name in names]
        bare = [line.text[name.end() if name else 0 :] for line, name in zip(self.lines, names, strict=True)]
        self.texts = [" ".join(TURN.sub("", text).split()) for text in bare]
        self.language = language_of(self.texts)
        self.questions = is_question(self.texts)
        self.short = np.array([float(_length(text) < FEW_WORDS) for text in self.texts])
        self.standing = np.array([not continuous(line.kind) for line in self.lines], dtype=bool)
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

    answers: with the event, by the encoder of questions and answers
    acts:    with what the act says, by the same
    english: with the words, by the encoder of English; of lines that stand alone
    translated: the share of the sought words whose translation a line has, where query and lines differ in language
    """

    words: Column
    event: Column
    act: Column
    hub: Column
    answers: Column | None = None
    acts: Column | None = None
    english: Column | None = None
    translated: Column | None = None


def features(transcript: Transcript, sought: Sought, meaning: Meaning | None) -> dict[str, Column]:
    """Named columns (N,); without `meaning` only what words tell. A column that is not there counts as zeros."""
    texts, question = transcript.texts, transcript.questions.astype(float)
    wording = transcript.wording(sought.language)
    shared = wording.shared(sought.words)
    foreign = is_foreign(sought, transcript)
    mention = wording.mentions(sought.words)
    if meaning is not None and meaning.translated is not None:
        shared = np.maximum(shared, meaning.translated)
        mention |= meaning.translated >= TRANSLATED
    columns = {
        "wording": shared,
        "short": transcript.short,
        "speaker": _speaks(transcript.speakers, sought),
        "mention": mention.astype(float) if sought.plain else np.zeros(len(texts)),
        "question": np.zeros(len(texts)) if sought.act == "ask" else question,
    }
    if meaning is not None:
        columns |= {"words": meaning.words, "event": meaning.event, "hub": meaning.hub}
        if meaning.answers is not None:
            columns["answers"] = meaning.answers
        if foreign:
            columns |= {"is_foreign": np.ones(len(texts)), "foreign_words": meaning.words}
        if meaning.english is not None:
            columns["english"] = meaning.english
    if sought.act is not None:
        cue = cue_scores(sought.act, sought.words if sought.words != sought.event else "", texts)
        object_ = np.maximum(shared, _near(shared))
        lacks = np.zeros(len(texts)) if sought.words == sought.event else 1 - object_
        columns |= {"is_act": np.ones(len(texts)), "cue": cue, "near_cue": _near(cue), "cue_wording": cue * object_}
        place = np.arange(len(texts)) / max(EDGE_LINES, EDGE * len(texts))
        if sought.act in FIRST:
            columns["early"] = np.exp(-place)
        if sought.act in LAST:
            columns["late"] = np.exp(-place)[::-1]
        if meaning is not None:
            if meaning.acts is not None:
                columns["acts"] = meaning.acts
            columns["act_after"] = _after(np.maximum(meaning.event, meaning.words), question)
            alike = np.maximum(meaning.words, _near(meaning.words))
            lacks *= np.clip((RELATED - alike) / (RELATED - UNRELATED), 0.0, 1.0)
            columns |= {"act": meaning.act, "cue_words": cue * alike}
        columns["lacks_object"] = lacks
        if sought.act == "ask":  # every question asks: what it is about decides
            columns |= {name: columns[name] * (1 - lacks) for name in ("cue", "act", "acts") if name in columns}
    elif sought.asks is not None:
        answer = holds(sought.asks, texts).astype(float)
        columns |= {
            "is_asked": np.ones(len(texts)),
            "answer": answer,
            "exact_answer": answer if sought.asks in EXACT else np.zeros(len(texts)),
            "answer_wording": answer * shared,
            "after_wording": _after(shared, question),
        }
        if meaning is not None:
            best = np.maximum(meaning.words, meaning.event)
            after = _after(best, question)
            columns |= {"answer_words": answer * best, "answer_after": answer * after, "after": after}
    return columns


def is_foreign(sought: Sought, transcript: Transcript) -> bool:
    """Whether query and transcript are known to be in different languages."""
    return None not in {sought.language, transcript.language} and sought.language != transcript.language


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
