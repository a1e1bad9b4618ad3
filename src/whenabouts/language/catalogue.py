"""A catalogue: English messages and their translations, and the search for the message that a sentence was made from.

A message may have places for what it is about, `{1}`, `{2}` …: the message "{1} is not a directory" fits the sentence
"videos is not a directory". The code makes sentences by f-strings and knows nothing of all this. Where several messages
fit, the one that accounts for the most of the sentence counts, with those inside its places; where two account for the
same amount and differ in translation, the sentence stays English, as it does where none fits. In a browser,
`interchange/page/language.js` does the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice

__all__ = ["Catalogue", "Message", "read", "translations"]

PLACE = re.compile(r"\{(\d+)\}")
MAX_CHARS = 4000  # of a sentence that is searched for
MAX_DEPTH = 3  # sentences within sentences
MAX_COLONS = 4  # after which a message is looked for
Found = tuple[str, int]  # a translation, and how many characters of the sentence are fixed text of messages
MIN_TELLING = 12  # characters of fixed text that a file name or a query hardly has by chance


@dataclass(frozen=True, slots=True)
class Message:
    """An English message: the fixed pieces around its places, one more than there are places."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Message:
        """The message of a text whose places, `{1}`, `{2}` …, are in order."""
        return cls(tuple(PLACE.split(text)[::2]))

    @property
    def fixed(self) -> int:
        """Characters of fixed text."""
        return sum(map(len, self.pieces))

    @property
    def telling(self) -> bool:
        """Whether it has enough fixed text to be recognised beside others, and where the name of a file may stand."""
        return self.fixed >= MIN_TELLING or any(piece.startswith(", ") for piece in self.pieces[1:])

    def values(self, sentence: str) -> list[str] | None:
        """What stands in the places of a sentence; None if it was not made from this message.

        >>> Message.of("{1} ends at {2} s").values("a.mp4 ends at 7.5 s")
        ['a.mp4', '7.5']
        """
        first, *middle, last = self.pieces
        stop = len(sentence) - len(last)
        if not sentence.startswith(first) or not sentence.endswith(last) or stop < len(first):
            return None
        values, start = [], len(first)
        for piece in middle:
            found = sentence.find(piece, start, stop)
            if found < 0:
                return None
            values.append(sentence[start:found])
            start = found + len(piece)
        return [*values, sentence[start:stop]]


@dataclass(frozen=True)
class Catalogue:
    """Translations into one language. `name` is the language's own name, `texts` are translations by message."""

    name: str
    texts: Mapping[str, str]

    @cached_property
    def _messages(self) -> dict[bool, list[tuple[Message, str]]]:
        """Messages with places, and their translations, by whether they are telling."""
        parted: dict[bool, list[tuple[Message, str]]] = {True: [], False: []}
        for text, translation in self.texts.items():
            if PLACE.search(text):
                message = Message.of(text)
                parted[message.telling].append((message, translation))
        return parted

    def translate(self, sentence: str) -> str:
        """A sentence in this language; unchanged where no message fits."""
        found = self._find(sentence, MAX_DEPTH)
        return found[0] if found else sentence

    def _find(self, sentence: str, depth: int) -> Found | None:
        if sentence in self.texts:
            return self.texts[sentence], len(sentence)
        if depth <= 0 or len(sentence) > MAX_CHARS:
            return None
        found = {*self._fitting(sentence, depth, telling=True), *self._after_colon(sentence, depth)}
        if not found and depth == MAX_DEPTH:  # the whole sentence, which may be made from a short message
            found = {*self._fitting(sentence, depth, telling=False)}
        candidates = sorted(found, key=lambda one: -one[1])
        if not candidates:
            small = sentence[:1].lower() + sentence[1:]  # a message at the beginning of something else's sentence
            return None if small == sentence else self._find(small, depth)
        [best, *others] = candidates
        return None if others and others[0][1] == best[1] else best

    def _fitting(self, sentence: str, depth: int, *, telling: bool) -> Iterator[Found]:
        for message, translation in self._messages[telling]:
            if (values := message.values(sentence)) is not None:
                inside = [self._inside(value, depth - 1) for value in values]
                yield _filled(translation, [text for text, _ in inside]), message.fixed + sum(n for _, n in inside)

    def _inside(self, value: str, depth: int) -> Found:
        """A value, translated if it is a sentence by itself; a single word may be the name of anything."""
        return (self._find(value, depth) if " " in value else None) or (value, 0)

    def _after_colon(self, sentence: str, depth: int) -> Iterator[Found]:
        """A message after what it is about, as in "a.jsonl, line 3: the query is empty"."""
        for colon in islice(re.finditer(": ", sentence), MAX_COLONS):
            if found := self._find(sentence[colon.end() :], depth - 1):
                head, fixed = self._inside(sentence[: colon.start()], depth - 1)
                yield f"{head}: {found[0]}", fixed + found[1]


def _filled(translation: str, values: Sequence[str]) -> str:
    return PLACE.sub(lambda place: values[int(place[1]) - 1], translation)


def read(file: Traversable) -> Catalogue | None:
    """The catalogue in a file; None if it cannot be used, as a message in English is better than none."""
    try:
        content = json.loads(file.read_text("utf-8"))
        name, texts = content["language"], content["texts"]
        valid = isinstance(name, str) and all(isinstance(text, str) for text in texts.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    done = {english: text for english, text in texts.items() if text and _same_places(english, text)} if valid else {}
    return Catalogue(name, done) if valid else None


def _same_places(message: str, translation: str) -> bool:
    return {*PLACE.findall(message)} >= {*PLACE.findall(translation)}


@cache
def translations(language: str) -> Catalogue | None:
    """The catalogue of a language; None where there is none that can be read."""
    return read(files("whenabouts.language").joinpath(f"{language}.json"))
