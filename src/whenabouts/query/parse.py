"""Taking a query apart: quotations, relations, occurrence, question, negation and kind of evidence, in this order.

The parser knows no language; it applies a `Grammar`. What is not understood stays in the event, unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from whenabouts.query.evidence import Sought, sought_in
from whenabouts.query.grammar import Grammar, Question, compiled, grammar_of
from whenabouts.query.language import language_of, likely_languages
from whenabouts.query.parsed import EVERY, ParsedQuery, Relation
from whenabouts.query.quotes import mask
from whenabouts.query.relations import related
from whenabouts.query.text import ENDS, group, rewritten, tidy

__all__ = ["parse_query"]

MAX_QUERY_CHARS = 400  # a longer query is taken as an event, as it stands
MAX_CUTS = 3  # questions and ordinals around each other: "when is the first time that she …"
NEAR = 5  # words before a negation that still belongs to the event as a whole


@lru_cache(maxsize=4096)
def parse_query(query: str) -> ParsedQuery:
    """Take a query apart; what is not understood stays in the event, unchanged.

    >>> parse_query("how many times does she thank the interviewer after the break?")
    ParsedQuery(event='she thanks the interviewer', which=0, relation='after', anchors=('the break',), \
words='the interviewer', act='thank', count=True, language='en')
    """
    text = " ".join(query.split())
    if len(text) > MAX_QUERY_CHARS:
        return ParsedQuery(query, language=language_of(query))
    masked = mask(text)
    language = language_of(masked.text) or language_of(text)
    for code in (language,) if language else likely_languages(masked.text):
        reader = _Reader(grammar_of(code))
        reader.read(masked.text.strip(ENDS))
        parsed = reader.parsed
        if reader.changed or parsed != ParsedQuery(parsed.event):
            language = code  # where it cannot be told: the first in which anything is read
            break
    words = parsed.words and masked.unmask(parsed.words)
    if masked.quotes:
        words = next((quote for sign, quote in masked.quotes.items() if sign in reader.event), None) or words
    changed = reader.changed or parsed.relation is not None
    return replace(
        parsed,
        event=masked.unmask(parsed.event) if changed else query,
        anchors=tuple(masked.unmask(anchor) for anchor in parsed.anchors),
        words=words,
        quoted=parsed.quoted or any(sign in reader.event for sign in masked.quotes),
        unread=tuple(masked.unmask(part) for part in parsed.unread),
        language=language,
    )


@dataclass
class _Reader:
    """One reading of a text by one grammar."""

    grammar: Grammar
    event: str = ""
    which: int | None = None
    relation: Relation | None = None
    anchors: tuple[str, ...] = ()
    count: bool = False
    asks: str | None = None
    negated: bool = False
    unread: list[str] = field(default_factory=list)
    sought: Sought = field(default_factory=Sought)
    changed: bool = False
    whole: str = ""  # the event as a question

    @property
    def parsed(self) -> ParsedQuery:
        found = self.sought
        return ParsedQuery(
            self.event,
            self.which,
            self.relation,
            self.anchors,
            words=found.words,
            kind=found.kind,
            quoted=found.quoted,
            act=found.act,
            asks=self.asks,
            negated=self.negated,
            count=self.count,
            unread=tuple(self.unread),
        )

    def read(self, text: str) -> None:
        self.event = text
        self._note_unread()
        if parts := related(self.event, self.grammar):
            self.event, self.relation, self.anchors = parts.event, parts.relation, parts.anchors
            self.unread += parts.unread
        if self.relation and compiled(self.grammar.nothing).fullmatch(self.event):
            self.event = ""  # "what happens after the break"
        if not self.event:
            return
        if not self.relation:
            self._open_clause()
        question = self._occurrence_and_question()
        self.sought = sought_in(self._understood(), self.grammar)
        self._answer_type(question)
        self._negate()

    def _cut(self, match: re.Match[str], part: str | int = 0) -> bool:
        """Take a match out of the event, except for its group `keep`; not if nothing would be left."""
        kept = match.groupdict().get("keep") or ""
        start, end = match.span(part)
        space = " " if self.grammar.spaced else ""
        rest = tidy(f"{self.event[:start]}{space}{kept}{space}{self.event[end:]}")
        if not rest:
            return False
        self.event, self.changed = rest, True
        return True

    def _open_clause(self) -> None:
        """Of "while he talks about his mother" alone, the clause is the event."""
        grammar = self.grammar
        marker = grammar.markers.match(self.event) if grammar.relations and not grammar.anchor_first else None
        if not marker or grammar.relations[int((marker.lastgroup or "r0")[1:])][0] != "while" or "," in self.event:
            return
        clause = self.event[marker.end() :].strip(ENDS)
        if compiled(rf"{grammar.pronouns}\s").match(clause) or grammar.verbs.match(clause):
            self._cut(marker)

    def _note_unread(self) -> None:
        for pattern in self.grammar.unread:
            if match := compiled(pattern).search(self.event):
                part = match[0].strip(ENDS)
                if any(part in known for known in self.unread):
                    continue
                self.unread.append(part)
                if match.groupdict().get("cut"):
                    self._cut(match, "cut")

    def _understood(self) -> str:
        """The event without what was not understood: "she mentions the budget" without "twice"."""
        event, space = self.event, " " if self.grammar.spaced else ""
        for part in self.unread:
            event = event.replace(part, space)
        return tidy(event) or self.event

    # Occurrence and question.

    def _occurrence_and_question(self) -> Question | None:
        asked: Question | None = None
        for _ in range(MAX_CUTS):
            if self._counted() or self._ordered(asked is not None):
                continue
            if asked or not (asked := self._questioned()):
                break
        if asked:
            self._state(asked)
        return asked

    def _counted(self) -> bool:
        for question in self.grammar.count:
            match = compiled(question.pattern).search(self.event)
            if match and self._cut(match):
                self.count, self.which = True, EVERY
                self._state(question)
                return True
        return False

    def _ordered(self, asked: bool) -> bool:
        if self.which is not None:
            return False
        grammar = self.grammar
        for pattern in grammar.every:
            if (match := compiled(pattern).search(self.event)) and self._cut(match):
                self.which = EVERY
                return True
        for pattern in grammar.order if not asked else (*grammar.order, *grammar.adverbs):
            if (match := compiled(pattern).search(self.event)) and self._number(match) and self._cut(match):
                self.which = self._number(match)
                if not match.start():
                    self.event = rewritten(self.event, self.grammar.inversion)
                return True
        return self._adverb()

    def _adverb(self) -> bool:
        """An ordinal before a verb of speech: "she first admits a weakness"."""
        for pattern in self.grammar.adverbs:
            match = compiled(pattern).search(self.event)
            if not match:
                continue
            rest = self.event[match.end() :].lstrip()
            if self.grammar.verbs.match(rest) and self._cut(match):
                self.which = self._number(match)
                return True
        return False

    def _number(self, match: re.Match[str]) -> int | None:
        word = " ".join(group(match, "n").lower().split())
        if word in self.grammar.numbers:
            return self.grammar.numbers[word]
        digits = re.sub(r"\D", "", word)
        return int(digits) or None if digits else None

    def _questioned(self) -> Question | None:
        self.whole, changed = self.event, self.changed
        for question in self.grammar.questions:
            match = compiled(question.pattern).search(self.event)
            if match and self._cut(match):
                self.changed = changed or not question.asks
                return question
        return None

    def _state(self, question: Question) -> None:
        """Make a statement of what is left of a question."""
        self.event = rewritten(self.event, question.then)

    # Kind of answer.

    def _answer_type(self, question: Question | None) -> None:
        asks, found = question.asks if question else None, self.sought
        if asks in {"thing", "person", "manner"} and (found.kind == "said" or found.act):
            asks = None  # "what does she say about her mother", "who mentions the budget": the line itself is sought
            self.changed = True
        elif asks and found.words is None and not found.act:
            self.sought = replace(found, words=self.event)
        if asks:
            self.event = self.whole if self.which is None else self.event
            self.changed = self.changed or self.which is not None
        if asks is None and found.words and (inner := self._embedded(found.words)):
            asks, words = inner  # "she reveals how much it cost"
            self.sought = replace(found, words=words)
        self.asks = asks

    def _embedded(self, words: str) -> tuple[str, str] | None:
        for question in self.grammar.questions:
            match = compiled(question.pattern).search(words)
            if not match or question.asks in {None, "thing", "manner"}:  # "corrects what she said" asks for nothing
                continue
            if rest := tidy(words[: match.start()] + words[match.end() :]):
                return question.asks, rest
        return None

    def _negate(self) -> None:
        """Negate the event; what a speaker says and negates in it is no negation: "she says she never met him"."""
        grammar, words = self.grammar, self.sought.words
        start = self.event.rfind(words) if words else -1
        for match in compiled(grammar.negation).finditer(self.event):
            before = self.event[: match.start()]
            if words and start <= match.start() < start + len(words):
                self.negated = match[0].lower() == words.lower()  # "she says nothing", "nobody is visible"
                if self.negated:
                    self.sought = replace(self.sought, words=None)
            else:
                near = grammar.anchor_first or len(before.split()) <= NEAR
                of_a_part = compiled(grammar.join).search(self.event, match.end())  # "she does not move and he works"
                self.negated = near and not of_a_part and not compiled(grammar.clause_ends).search(before)
            if self.negated:
                return
