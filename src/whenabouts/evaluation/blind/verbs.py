"""Verbs of a training split and their forms, without a tagger: what a sentence is about, told from its words.

A verb is a word that the training sentences have with -ing and in one more form, of -s, -ed or an irregular past, so
that "door" and "doors" are none. English only: elsewhere few or none are found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

__all__ = ["ACTIVITYNET", "CHARADES", "Verbs", "mined", "usual", "words_of"]

# The fifty actions of Otani et al. 2020, mined by spaCy: data/processed/*/top50_actions of mayu-ot/hidden-challenges-MR
CHARADES = """
open put eat take close sit hold turn throw run drink start begin walk look sneeze laugh pour smile stand undress cook
watch awaken wash dress play read fix snuggle tidy work talk get lie see leave lay grab enter pick proceed go grasp come
stop fold decide carry try
"""
ACTIVITYNET = """
show play stand see continue walk hold talk begin sit speak run put jump throw ride watch start take wear move look go
hit end perform lead get appear follow use turn fall cut dance pull come demonstrate finish try push make spin grab stop
pick add smile lift pour
"""
MOST = 50
ING = 0.005  # share of a verb that has -ing, which nouns such as "hand" and "water" have more seldom; ours
LEAST = 10  # times that a verb is in the training sentences; ours
NOT = frozenset({"be", "do", "have", "person"})  # words that tell no action
WORD = re.compile(r"[a-z]+")
IRREGULAR = {
    "awaken": "awoke awoken awake awakes awaking",
    "begin": "began begun",
    "come": "came",
    "cut": "cut",
    "drink": "drank drunk",
    "drive": "drove driven",
    "eat": "ate eaten",
    "fall": "fell fallen",
    "fly": "flew flown",
    "get": "got gotten",
    "give": "gave given",
    "go": "went gone",
    "hit": "hit",
    "hold": "held",
    "keep": "kept",
    "lay": "laid",
    "lead": "led",
    "leave": "left",
    "lie": "lay lain",
    "make": "made",
    "put": "put",
    "read": "read",
    "ride": "rode ridden",
    "run": "ran",
    "see": "saw seen",
    "show": "shown",
    "sit": "sat",
    "speak": "spoke spoken",
    "spin": "spun",
    "stand": "stood",
    "swim": "swam swum",
    "take": "took taken",
    "throw": "threw thrown",
    "wear": "wore worn",
    "write": "wrote written",
}


def words_of(sentence: str) -> list[str]:
    """The words of a sentence in small letters."""
    return WORD.findall(sentence.lower())


class Verbs:
    """Finds verbs of a list by any of their forms; of a form that two have, the first in the list is meant.

    lemmas: what a dictionary says of single words, before the rules here: their verb, or None where it knows none.
    """

    def __init__(self, verbs: str | Iterable[str], lemmas: Mapping[str, str | None] = MappingProxyType({})) -> None:
        self.verbs = tuple(verbs.split() if isinstance(verbs, str) else verbs)
        self._of: dict[str, str] = {}
        for form_of in (lambda verb: {verb}, forms):
            for verb in self.verbs:
                for form in form_of(verb):
                    self._of.setdefault(form, verb)
        told = {word: verb for word, verb in lemmas.items() if verb in self.verbs}
        known = {word: verb for word, verb in self._of.items() if lemmas.get(word, verb) is not None}
        self._of = {**known, **told}

    def all(self, sentence: str) -> list[str]:
        """Every verb in a sentence, in its order."""
        return [self._of[word] for word in words_of(sentence) if word in self._of]

    def first(self, sentence: str) -> str | None:
        """The first verb in a sentence, if it has one."""
        return next(iter(self.all(sentence)), None)


def usual(sentences: Sequence[str]) -> tuple[str, ...]:
    """The published list that has most of the verbs mined from sentences, as that of their data set does; else these.

    Of training splits, Charades-STA's has 44 of 47 and ActivityNet's 38 of 50; no other has more than 18 of 50.
    """
    found = mined(sentences)
    shared = {verbs: len({*verbs} & {*found}) for verbs in (tuple(CHARADES.split()), tuple(ACTIVITYNET.split()))}
    nearest = max(shared, key=lambda verbs: shared[verbs])
    return nearest if 2 * shared[nearest] > len(found) else found


def mined(sentences: Sequence[str]) -> tuple[str, ...]:
    """The most frequent verbs (at most fifty) of sentences, the most frequent first, then in the order of letters."""
    counts = Counter(word for sentence in sentences for word in words_of(sentence))
    often: dict[str, int] = {}
    for verb in {_base(word, counts) for word in counts if word.endswith("ing")} - NOT:
        inflected = {form for form in forms(verb) if counts[form]}
        total = sum(counts[form] for form in inflected)
        ing = {form for form in inflected if form.endswith("ing")}
        if verb in inflected and inflected - ing - {verb} and total >= LEAST:
            acted = sum(counts[form] for form in ing) / total >= ING
            often |= {verb: total} if acted else {}
    return tuple(sorted(often, key=lambda verb: (-often[verb], verb))[:MOST])


def forms(verb: str) -> set[str]:
    """The base, third person, participles and past of an English verb."""
    irregular = set(IRREGULAR.get(verb, "").split())
    if verb.endswith("ie"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb[:-2]}ying"} | irregular
    if verb.endswith("e") and not verb.endswith("ee"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"} | irregular
    if verb.endswith("ee"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb}ing"} | irregular
    if re.search(r"[^aeiou]y$", verb):
        return {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"} | irregular
    stems = {verb, verb + verb[-1]} if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb) else {verb}
    third = f"{verb}es" if re.search(r"(s|x|z|ch|sh|o)$", verb) else f"{verb}s"
    return {verb, third} | {f"{stem}{end}" for stem in stems for end in ("ing", "ed")} | irregular


def _base(word: str, counts: Counter[str]) -> str:
    """Of the bases that an -ing form could have, the most frequent one."""
    stem = word[:-3]
    bases = [stem, f"{stem}e", f"{stem[:-1]}ie"] + ([stem[:-1]] if stem[-2:-1] == stem[-1:] else [])
    return max(bases, key=lambda base: counts[base])
