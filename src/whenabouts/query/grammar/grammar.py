"""What a language says of order, relations, questions and speech: a value that the one parser applies.

All patterns are regular expressions without case. Those that are *cut* vanish from the text except for their group
`keep`. A pattern has no unbounded repetition of another, so that reading stays linear in the length of a query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from whenabouts.query.parsed import Relation

__all__ = ["Grammar", "Question", "any_of", "compiled"]

_NEVER = r"(?!)"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled when it is first needed."""
    return re.compile(pattern, re.IGNORECASE)


def any_of(words: str) -> str:
    """An alternation of words, longest first, so that `no longer` is met before `no`; `_` stands for a space."""
    return "|".join(sorted((word.replace("_", " ") for word in words.split()), key=len, reverse=True))


@dataclass(frozen=True)
class Question:
    """How something is asked for.

    pattern: what is cut                asks: what the answer holds; None if the moment itself is asked for
    then:    (pattern, replacement) pairs that make a statement of the rest; the first that fits is applied
    """

    pattern: str
    asks: str | None = None
    then: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Grammar:
    """One language.

    code:           ISO 639-1                 function_words: which tell it from others in its script
    numbers:        ordinal words and their places, negative from the end; digits need none
    count, every:   cut: the number of occurrences is asked for; all are meant
    order:          cut, with the ordinal in the group `n`
    adverbs:        the same, where only a question, an anchor or a verb of speech beside it makes it an occurrence
    unread:         constraints that are recognised and not understood; a group `cut` is taken out of the event
    relations:      markers between an event and its anchor, those with `right` first
    join:           between the two anchors of `between`
    anchor_first:   whether an anchor stands before its marker
    idioms:         in which a marker or an ordinal is none
    opening:        of an anchor that stands before its marker, which divides it from the event's subject
    conjunctions:   markers (whole) that only a clause follows
    front:          an anchor without a verb, right behind its marker, where more of the event follows
    inversion:      as `Question.then`, for an event that follows its anchor
    events:         nouns that name a moment of a video by themselves
    bare_anchor:    what an anchor must be, beside `events`
    clause:         sign of a clause in an anchor
    pronouns:       subjects that begin a clause
    no_event:       what stands beside a marker and is no event (whole)
    nothing:        events that say nothing, as "what happens"
    questions:      cut, the first that fits
    negation:       makes an event one that does not happen, where it stands near the beginning
    clause_ends:    what a negation does not reach over
    acts, nouns:    names of speech acts with their verbs and nouns
    split:          names of speech acts with a verb and its particle at the end of the clause
    said, mention:  verbs and nouns of speech that are no act
    subject:        what may stand before a verb of speech (whole)
    articles:       what may stand before a noun of speech (whole)
    actor:          who speaks, before words that stand before their verb
    passive:        the end of what stands before a verb in the passive voice
    passive_end:    the beginning of what stands behind one, with the particles of its subject in `passive_particles`
    links:          between a verb of speech and the words, at their beginning
    particles:      the same at the end of words that stand before their verb
    reported:       what follows a verb of speech as a clause of its own
    indefinite:     words that name nothing, as "something" (whole)
    tail:           what may follow a verb that stands behind its words (whole)
    verb_first, verb_last: whether a verb of speech can stand before its words, and behind them
    written, heard, seen: whole events of that kind of evidence, with the sought `words` in a group, if they name them
    """

    code: str
    function_words: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    count: tuple[Question, ...] = ()
    every: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    adverbs: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    relations: tuple[tuple[Relation, str], ...] = ()
    join: str = _NEVER
    anchor_first: bool = False
    idioms: str = _NEVER
    opening: str = _NEVER
    conjunctions: str = _NEVER
    front: str = _NEVER
    inversion: tuple[tuple[str, str], ...] = ()
    events: str = _NEVER
    bare_anchor: str = _NEVER
    clause: str = _NEVER
    pronouns: str = _NEVER
    no_event: str = _NEVER
    nothing: str = _NEVER
    questions: tuple[Question, ...] = ()
    negation: str = _NEVER
    clause_ends: str = _NEVER
    acts: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, str] = field(default_factory=dict)
    split: tuple[tuple[str, str, str], ...] = ()
    said: str = _NEVER
    mention: str = _NEVER
    subject: str = ""
    articles: str = ""
    actor: str = ""
    passive: str = _NEVER
    passive_end: str = _NEVER
    passive_particles: str = ""
    links: str = ""
    particles: str = ""
    reported: str = _NEVER
    indefinite: str = _NEVER
    tail: str = ""
    verb_first: bool = True
    verb_last: bool = False
    written: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    word_ends: bool = True  # whether a verb of speech is a whole word, without endings
    latin: bool = True  # the script
    spaced: bool = True  # whether words are divided by spaces

    @cached_property
    def markers(self) -> re.Pattern[str]:
        """Every marker of a relation, in a group `r` with the relation's place in `relations`."""
        edge = r"\b" if self.word_ends else ""
        return compiled(
            f"{edge}(?:{'|'.join(f'(?P<r{i}>{form})' for i, (_, form) in enumerate(self.relations))}){edge}"
        )

    @cached_property
    def verbs(self) -> re.Pattern[str]:
        """Every verb of speech, in a group with the name of its act, or `said`."""
        return self._named({**self.acts, "said": self.said})

    @cached_property
    def noun_forms(self) -> re.Pattern[str]:
        """Every noun of speech, in the same way."""
        return self._named({**self.nouns, "said": self.mention})

    def _named(self, forms: Mapping[str, str]) -> re.Pattern[str]:
        edge = r"\b" if self.word_ends else ""
        return compiled(f"{edge}(?:{'|'.join(f'(?P<{name}>{form})' for name, form in forms.items())}){edge}")
