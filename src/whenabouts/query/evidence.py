"""What kind of evidence an event names, and which of its words are sought there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from whenabouts.query.grammar import Grammar, compiled

__all__ = ["Sought", "sought_in"]

VISIBLE_ACTS = frozenset({"agree", "decide", "farewell", "greet", "invite", "joke", "praise", "refuse", "thank"})
MAX_VERBS = 4  # verbs of speech in an event that are tried
MAX_SUBJECT_CHARS = 100  # before a verb that its words follow
EDGES = " .!?。！？…,;:、，"


@dataclass(frozen=True)
class Sought:
    """A kind of evidence with the words that are sought in it.

    All as in `ParsedQuery`.
    """

    words: str | None = None
    kind: str | None = None
    quoted: bool = False
    act: str | None = None


def sought_in(event: str, grammar: Grammar) -> Sought:
    """The kind that a whole event asks for. What is written goes before what is said: "a sign says exit"."""
    if (written := _whole(event, grammar.written)) is not None:
        return Sought(written or None, "written", quoted=bool(written))
    if found := _split(event, grammar) or _verb(event, grammar) or _noun(event, grammar):
        return found
    for kind, patterns in (("heard", grammar.heard), ("seen", grammar.seen)):
        if (words := _whole(event, patterns)) is not None:
            return Sought(words or None, kind)
    return Sought()


def _whole(event: str, patterns: Iterable[str]) -> str | None:
    """The sought words of the first pattern that fits a whole event; "" if it names none."""
    for pattern in patterns:
        if match := compiled(pattern).fullmatch(event):
            return (match.groupdict().get("words") or "").strip(EDGES)
    return None


def _spoken(grammar: Grammar, act: str, words: str) -> Sought:
    if compiled(grammar.indefinite).fullmatch(words):
        words = ""
    if act == "said":
        return Sought(words or None, "said")
    return Sought(words or None, None if act in VISIBLE_ACTS else "said", act=act)


def _split(event: str, grammar: Grammar) -> Sought | None:
    """A verb whose particle stands at the end: "takes her words back"."""
    for act, verb, particle in grammar.split:
        match = compiled(rf"\b(?:{verb})\s(?:(?P<words>[^,]{{1,160}}?)\s)?(?:{particle})(?=$|,)").search(event)
        words = (match["words"] or event[match.end() :].lstrip(", ")) if match else ""
        if match and compiled(grammar.subject).fullmatch(event[: match.start()]):
            return _spoken(grammar, act, words[_links(words, grammar) :].strip(EDGES))
    return None


def _verb(event: str, grammar: Grammar) -> Sought | None:
    reach = len(event) if grammar.verb_last else MAX_SUBJECT_CHARS
    verbs = list(islice(grammar.verbs.finditer(event, 0, reach), MAX_VERBS))
    if not grammar.verb_first:  # the last verb is that of the sentence; "says that he agrees" is an act
        verbs = sorted(verbs, key=lambda match: (match.lastgroup == "said", -match.start()))
    for match in verbs:
        act = match.lastgroup or "said"
        left, right = event[: match.start()], event[match.end() :]
        for read in _ORDERS:
            if found := read(act, left, right, grammar):
                return found
    return None


def _passive(act: str, left: str, right: str, grammar: Grammar) -> Sought | None:
    """Words and verb: "the budget is mentioned"."""
    passive = compiled(grammar.passive).search(left)
    if not passive or right.strip(EDGES) or not compiled(grammar.subject).fullmatch(left):
        return None
    return _spoken(grammar, act, left[: passive.start()].strip(EDGES))


def _before_verb(act: str, left: str, right: str, grammar: Grammar) -> Sought | None:
    """Subject, words, verb: of languages in which the verb may stand at the end."""
    if not grammar.verb_last or not compiled(grammar.tail).fullmatch(right):
        return None
    if compiled(grammar.passive_end).search(right):
        words, particles = left, grammar.passive_particles
    else:
        actor = compiled(grammar.actor).match(left)
        words, particles = left[actor.end() if actor else 0 :], grammar.particles
    words = compiled(rf"(?:{particles})\s*$").sub("", words[_links(words, grammar) :]).strip(EDGES)
    return _spoken(grammar, act, words) if words or (not grammar.verb_first and act != "said") else None


def _behind_verb(act: str, left: str, right: str, grammar: Grammar) -> Sought | None:
    """Subject, verb, words."""
    if not grammar.verb_first or not compiled(grammar.subject).fullmatch(left):
        return None
    rest = right.strip(EDGES)
    if not rest and act == "said":
        return None  # "a man is speaking" names no words
    links = _links(right, grammar)
    words = right[links:].strip(EDGES) or ("" if act != "said" else rest)
    if right.lstrip().startswith(",") and not right[:links].strip(EDGES):
        words = ""  # "she never answers, the man smiles"
    if grammar.verb_last:
        words = compiled(rf"(?:^|\s)(?:{grammar.particles})\s*$").sub("", words)  # "erwähnt das Budget nicht"
    if compiled(grammar.join).match(f" {words} "):  # "she apologises and leaves": the rest is another event
        words = ""
    return _spoken(grammar, act, words)


_ORDERS = (_passive, _before_verb, _behind_verb)


def _links(text: str, grammar: Grammar) -> int:
    match = compiled(grammar.links).match(text)
    return match.end() if match else 0


def _noun(event: str, grammar: Grammar) -> Sought | None:
    """A noun of speech: "an admission of guilt"."""
    match = grammar.noun_forms.search(event)
    if not match or not compiled(grammar.articles).fullmatch(event[: match.start()]):
        return None
    right = event[match.end() :]
    links = _links(right, grammar)
    if right.strip() and not right[:links].strip() and match.lastgroup != "said":
        return None  # "the apology letter": the noun belongs to another
    return _spoken(grammar, match.lastgroup or "said", right[links:].strip(EDGES))
