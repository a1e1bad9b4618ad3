"""How an event stands to another: "she laughs after the break" is "she laughs", after "the break"."""

from __future__ import annotations

from dataclasses import dataclass, field

from whenabouts.query.grammar import Grammar, compiled
from whenabouts.query.parsed import Relation
from whenabouts.query.text import ENDS, group, rewritten

__all__ = ["Related", "related"]

MAX_BARE_WORDS = 6  # of an anchor without an event that is no known moment
MAX_BETWEEN_WORDS = 7  # of a clause that ends a span


@dataclass(frozen=True)
class Related:
    """An event with its relation, as in `ParsedQuery`; `unread` is a second relation."""

    event: str
    relation: Relation
    anchors: tuple[str, ...]
    unread: tuple[str, ...] = ()


def related(text: str, grammar: Grammar) -> Related | None:
    """The first relation of a text; None if it states none."""
    return _Reading(text, grammar).read()


@dataclass
class _Reading:
    text: str
    grammar: Grammar
    unread: list[str] = field(default_factory=list)

    def read(self) -> Related | None:
        grammar, text = self.grammar, self.text
        markers = list(grammar.markers.finditer(text)) if grammar.relations else []
        idioms = self._idioms(text) if markers else []
        split = self._split_before if grammar.anchor_first else self._split_behind
        for match in markers:
            if any(start < match.end() and match.start() < end for start, end in idioms):
                continue
            name: Relation = grammar.relations[int((match.lastgroup or "r0")[1:])][0]
            before, behind = text[: match.start()].strip(ENDS), text[match.end() :].strip(ENDS)
            parts = split(name, match[0].strip(), before, behind)
            if not parts and name == "between" and grammar.anchor_first:  # "between" one event is during it
                name, parts = "while", split("while", match[0].strip(), before, behind)
            if parts and not compiled(grammar.no_event).search(parts[0]):
                return Related(parts[0], name, parts[1], tuple(self.unread))
            self.unread.clear()
        return None

    def _idioms(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in compiled(self.grammar.idioms).finditer(text)]

    def _one_relation(self, anchor: str) -> tuple[str, str]:
        """An anchor without a second relation, and that one: "the break | after the applause"."""
        for found in self.grammar.markers.finditer(anchor):
            first, second = anchor[: found.start()].strip(ENDS), anchor[found.end() :].strip(ENDS)
            if self._names_moment(first) and self._names_moment(second):  # "the break after the joke"
                return first, anchor[found.start() :]
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
        clause = compiled(self.grammar.conjunctions).fullmatch(marker)
        front = compiled(self.grammar.front).match(behind)
        if front and not clause and name != "between":  # "mentions after the break the budget"
            anchor, rest = front[0], behind[front.end() :].strip(ENDS)
            event = f"{before} {rest}" if before else self._declared(rest)
        elif not before:
            event, anchor = self._front(name, behind)
        else:
            event, anchor = before, behind
            moments = name == "between" and self._are_moments(anchor)
            if not (clause and name == "while") and not moments and self._in_speech(before, anchor):
                return None
        anchors = self._anchors(name, anchor, alone=not event and not before)
        if anchors and second:
            self.unread.append(second)
        return (event, anchors) if anchors else None

    def _declared(self, event: str) -> str:
        return rewritten(event, self.grammar.inversion)

    def _front(self, name: Relation, text: str) -> tuple[str, str]:
        """Event and anchor of what follows a marker at the beginning; without a comma a pronoun begins the event."""
        if "," in text:
            anchor, event = text.split(",", 1)
            return self._declared(event.strip(ENDS)), anchor.strip(ENDS)
        places = [m.start() for m in compiled(rf"(?<=\s){self.grammar.pronouns}\s").finditer(text)]
        for place in places:
            if self._anchors(name, text[:place].strip(ENDS)):
                return text[place:], text[:place].strip(ENDS)
        longest = MAX_BARE_WORDS * (2 if name.startswith("right") else 0 if name in {"while", "until"} else 1)
        alone = name == "between" or self._names_moment(text) or len(text.split()) <= longest
        return "", text if alone else ""

    def _split_before(self, name: Relation, _: str, before: str, behind: str) -> tuple[str, tuple[str, ...]] | None:
        """`anchor MARKER event`, also `subject OPENING anchor MARKER event`."""
        opening = None if self._names_moment(before) else compiled(self.grammar.opening).match(before)
        if opening:
            subject, anchor = group(opening, "subject"), before[opening.end() :].strip(ENDS)
        else:
            subject, anchor = "", before
        anchors = self._anchors(name, anchor)
        space = " " if self.grammar.spaced else ""
        return (f"{subject}{space}{behind}".strip(), anchors) if anchors else None

    def _anchors(self, name: Relation, text: str, *, alone: bool = False) -> tuple[str, ...]:
        """What an event is related to; nothing if it cannot be an event. `alone`: no event is named beside it."""
        if name != "between":
            return (text,) if text and self._is_anchor(text) else ()
        for join in compiled(self.grammar.join).finditer(text):
            pair = text[: join.start()].strip(ENDS), text[join.end() :].strip(ENDS)
            if all(part and (alone or self._names_moment(part) or self._is_clause(part)) for part in pair):
                return pair
        return ()

    def _is_anchor(self, text: str) -> bool:
        return self._names_moment(text) or compiled(self.grammar.bare_anchor).search(text) is not None

    def _is_clause(self, text: str) -> bool:
        return 3 <= len(text.split()) <= MAX_BETWEEN_WORDS and compiled(self.grammar.clause).search(text) is not None

    def _names_moment(self, text: str) -> bool:
        return compiled(self.grammar.events).search(text) is not None

    def _are_moments(self, text: str) -> bool:
        """Whether a pair of anchors names two moments: "the joke and the break"."""
        return any(
            self._names_moment(text[: join.start()].strip(ENDS)) and self._names_moment(text[join.end() :].strip(ENDS))
            for join in compiled(self.grammar.join).finditer(text)
        )

    def _in_speech(self, event: str, anchor: str) -> bool:
        """Whether an anchor belongs to what is said: "she says that she was born before the war"."""
        if self._names_moment(anchor) or compiled(self.grammar.nothing).fullmatch(event):
            return False
        found = self.grammar.verbs.search(event)
        if found is None:
            return False
        reported = compiled(self.grammar.reported).search(event[found.end() :])
        return reported is not None or (found.end() < len(event) and not self._is_clause(anchor))
