"""Taking a query apart: quotations, relations, occurrence, question, negation and kind of evidence, in this order.

The parser knows no language; it applies a `Grammar`. What is not understood stays in the event, unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from whenabouts.query.evidence import Sought, sought_in
from whenabouts.query.grammar import Grammar, Question, compiled, grammar_of
from whenabouts.query.language import language_of
from whenabouts.query.parsed import EVERY, ParsedQuery, Relation
from whenabouts.query.quotes import mask

__all__ = ["parse_query"]

MAX_QUERY_CHARS = 400  # a longer query is taken as an event, as it stands
MAX_CUTS = 3  # questions and ordinals around each other: "when is the first time that she …"
MAX_BARE_WORDS = 6  # of an anchor without an event that is no known moment
MAX_BETWEEN_WORDS = 7  # of a clause that ends a span
NEAR = 4  # words before a negation that still belongs to the event as a whole
ENDS = " .!?。！？…¿¡,;:،、，؛"
LATIN = ("en", "de", "es", "fr")  # are tried where the language cannot be told


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
    for code in (language,) if language else LATIN:
        reader = _Reader(grammar_of(code))
        reader.read(masked.text.strip(ENDS))
        parsed = reader.parsed
        if reader.changed or parsed != ParsedQuery(
            parsed.event
        ):  # of a language that cannot be told, the first that reads anything
            language = code
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
        self._relate()
        if self.relation and compiled(self.grammar.nothing).fullmatch(self.event):
            self.event = ""  # "what happens after the break"
        if not self.event:
            return
        question = self._occurrence_and_question()
        self.sought = sought_in(self._understood(), self.grammar)
        self._answer_type(question)
        self._negate()

    def _cut(self, match: re.Match[str], group: str | int = 0) -> bool:
        """Take a match out of the event, except for its group `keep`; not if nothing would be left."""
        kept = match.groupdict().get("keep") or ""
        start, end = match.span(group)
        space = " " if self.grammar.spaced else ""
        rest = _tidy(f"{self.event[:start]}{space}{kept}{space}{self.event[end:]}")
        if not rest:
            return False
        self.event, self.changed = rest, True
        return True

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
        return _tidy(event) or self.event

    # Relations.

    def _relate(self) -> None:
        grammar = self.grammar
        markers = list(grammar.markers.finditer(self.event)) if grammar.relations else []
        idioms = self._idioms(self.event) if markers else []
        for match in markers:
            if any(start < match.end() and match.start() < end for start, end in idioms):
                continue
            name = grammar.relations[int((match.lastgroup or "r0")[1:])][0]
            before, behind = self.event[: match.start()].strip(ENDS), self.event[match.end() :].strip(ENDS)
            split = self._split_before if grammar.anchor_first else self._split_behind
            parts = split(name, match[0].strip(), before, behind)
            if not parts and name == "between" and grammar.anchor_first:  # "between" one event is during it
                name, parts = "while", split("while", match[0].strip(), before, behind)
            if parts and not compiled(grammar.no_event).fullmatch(parts[0]):
                self.event, self.relation, self.anchors = parts[0], name, parts[1]
                return

    def _idioms(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in compiled(self.grammar.idioms).finditer(text)]

    def _one_relation(self, anchor: str) -> tuple[str, str]:
        """An anchor without a second relation, and that one: "the break | after the applause"."""
        for join in compiled(self.grammar.join).finditer(anchor):
            marker = self.grammar.markers.match(anchor, join.end())
            if marker and join.start() and not any(start < marker.end() <= end for start, end in self._idioms(anchor)):
                return anchor[: join.start()], anchor[join.end() :]
        return anchor, ""

    def _split_behind(
        self, name: Relation, marker: str, before: str, behind: str
    ) -> tuple[str, tuple[str, ...]] | None:
        """`event MARKER anchor` or `MARKER anchor, event`."""
        behind, second = (behind, "") if name == "between" else self._one_relation(behind)
        front = (
            None
            if compiled(self.grammar.conjunctions).fullmatch(marker)
            else compiled(self.grammar.front).match(behind)
        )
        if front and name != "between":  # "mentions after the break the budget"
            anchor, rest = front[0], behind[front.end() :].strip(ENDS)
            event = f"{before} {rest}" if before else self._declared(rest)
        elif not before:
            event, anchor = self._front(name, behind)
        else:
            event, anchor = before, behind
            if not (name == "while" and len(anchor.split()) > 1) and self._in_speech(before, anchor):
                return None
        anchors = self._anchors(name, anchor)
        if anchors and second:
            self.unread.append(second)
        return (event, anchors) if anchors else None

    def _declared(self, event: str) -> str:
        return _rewritten(event, self.grammar.inversion)

    def _front(self, name: Relation, text: str) -> tuple[str, str]:
        """Event and anchor of what follows a marker at the beginning; without a comma a pronoun begins the event."""
        if "," in text:
            anchor, event = text.split(",", 1)
            return self._declared(event.strip(ENDS)), anchor.strip(ENDS)
        places = [m.start() for m in compiled(rf"(?<=\s){self.grammar.pronouns}\s").finditer(text)]
        for place in places:
            if self._anchors(name, text[:place].strip(ENDS)):
                return text[place:], text[:place].strip(ENDS)
        longest = (
            2 * MAX_BARE_WORDS if name.startswith("right") else MAX_BARE_WORDS if name not in {"while", "until"} else 0
        )
        alone = self._names_moment(text) or len(text.split()) <= longest
        return "", text if alone else ""

    def _split_before(self, name: Relation, _: str, before: str, behind: str) -> tuple[str, tuple[str, ...]] | None:
        """`anchor MARKER event`, also `subject OPENING anchor MARKER event`."""
        opening = None if self._names_moment(before) else compiled(self.grammar.opening).match(before)
        if opening:
            subject, anchor = _group(opening, "subject"), before[opening.end() :].strip(ENDS)
        else:
            subject, anchor = "", before
        anchors = self._anchors(name, anchor)
        space = " " if self.grammar.spaced else ""
        return (f"{subject}{space}{behind}".strip(), anchors) if anchors else None

    def _anchors(self, name: Relation, text: str) -> tuple[str, ...]:
        """What an event is related to; nothing if it cannot be an event."""
        if name != "between":
            return (text,) if text and self._is_anchor(text) else ()
        for join in compiled(self.grammar.join).finditer(text):
            pair = text[: join.start()].strip(ENDS), text[join.end() :].strip(ENDS)
            if all(part and (self._names_moment(part) or self._is_clause(part)) for part in pair):
                return pair
        return ()

    def _is_anchor(self, text: str) -> bool:
        return self._names_moment(text) or compiled(self.grammar.bare_anchor).search(text) is not None

    def _is_clause(self, text: str) -> bool:
        return 3 <= len(text.split()) <= MAX_BETWEEN_WORDS and compiled(self.grammar.clause).search(text) is not None

    def _names_moment(self, text: str) -> bool:
        return compiled(self.grammar.events).search(text) is not None

    def _in_speech(self, event: str, anchor: str) -> bool:
        """Whether an anchor belongs to what is said: "she says that she was born before the war"."""
        found = None if self._names_moment(anchor) else self.grammar.verbs.search(event)
        if found is None:
            return False
        reported = compiled(self.grammar.reported).search(event[found.end() :])
        return reported is not None or (found.end() < len(event) and not self._is_clause(anchor))

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
                    self.event = self._declared(self.event)
                return True
        return self._adverb()

    def _adverb(self) -> bool:
        """An ordinal before a verb of speech: "she first admits a weakness"."""
        for pattern in self.grammar.adverbs:
            match = compiled(pattern).search(self.event)
            verb = match and self.grammar.verbs.match(self.event, match.end() + 1)
            if match and verb and self._cut(match):
                self.which = self._number(match)
                return True
        return False

    def _number(self, match: re.Match[str]) -> int | None:
        word = " ".join(_group(match, "n").lower().split())
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
        self.event = _rewritten(self.event, question.then)

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
            if rest := _tidy(words[: match.start()] + words[match.end() :]):
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
                part = compiled(grammar.clause_ends).search(before) or compiled(grammar.join).search(
                    self.event, match.end()
                )
                self.negated = near and not part
            if self.negated:
                return


def _group(match: re.Match[str], name: str) -> str:
    """What a group holds, or its second form with a 2 behind its name."""
    groups = match.groupdict()
    return groups.get(name) or groups.get(f"{name}2") or ""


def _rewritten(text: str, rules: tuple[tuple[str, str], ...]) -> str:
    """A text after the first rule that fits it."""
    for pattern, replacement in rules:
        if match := compiled(pattern).search(text):
            return _tidy(text[: match.start()] + match.expand(replacement) + text[match.end() :])
    return text


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(ENDS)
