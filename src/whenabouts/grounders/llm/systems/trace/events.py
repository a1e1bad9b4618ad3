"""How TRACE writes events: two small vocabularies of symbols, for times and for scores, beside the words.

Beside the language model's V tokens there are 1 + 13 + 13 more (V = 32000 in the published checkpoints):

    V        <sync> ends the words of an event; times follow
    V + 1..  times:  <sync> (scores follow), <sep>, 0-9, "."
    V + 14.. scores: <sync> (words follow),  <sep>, 0-9, "."

A time is six characters of seconds, `0012.3`; a score three, `4.5`; `<sep>` stands between two of a kind. The prompt
ends with `<sync>`, so an answer begins with times: times, scores, words, times and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["SIZE", "VOCABULARY", "Event", "encode_event", "encode_time", "parse"]

VOCABULARY = 32000
SYMBOLS = ("<sync>", "<sep>", *"0123456789", ".")
SIZE = len(SYMBOLS)
MAX_SECONDS = 9999.9  # seconds that six characters can write


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an answer: times in seconds, scores as the model gives them, and what happens."""

    times: tuple[float, ...]
    scores: tuple[float, ...]
    text: str

    @property
    def span(self) -> tuple[float, float] | None:
        """Start and end in seconds of an event that has exactly two times, as the authors' evaluation reads it."""
        return (self.times[0], self.times[1]) if len(self.times) == 2 else None

    def __str__(self) -> str:
        times, scores = (" - ".join(f"{value:g}" for value in values) for values in (self.times, self.scores))
        return f"{times}{f' ({scores})' if scores else ''}: {self.text}"


def encode_time(seconds: float) -> list[int]:
    """A time as six places in the vocabulary of times. Raises ValueError for one that six characters cannot write.

    >>> encode_time(12.3)  # 0 0 1 2 . 3
    [2, 2, 3, 4, 12, 5]
    """
    return _spelled([seconds], "06.1f", MAX_SECONDS)


def encode_event(times: Sequence[float], scores: Sequence[float] = (), *, vocabulary: int = VOCABULARY) -> list[int]:
    """Times (seconds, 0 to 9999.9) and scores (0 to 9.9) as token ids, each list closed by its `<sync>`.

    >>> encode_event([12.3], vocabulary=0)  # 0 0 1 2 . 3 <sync>, and no score
    [3, 3, 4, 5, 13, 6, 1, 14]
    """
    first = vocabulary + 1
    spelled = (_spelled(times, "06.1f", MAX_SECONDS), _spelled(scores, "03.1f", 9.9))
    return [first + kind * SIZE + place for kind, places in enumerate(spelled) for place in [*places, 0]]


def _spelled(values: Sequence[float], form: str, largest: float) -> list[int]:
    symbols: list[str] = []
    for value in values:
        if not 0 <= round(value, 1) <= largest:
            raise ValueError(f"TRACE can write values from 0 to {largest}, not {value}")
        symbols += ["<sep>"] * bool(symbols) + list(format(abs(value), form))
    return [SYMBOLS.index(symbol) for symbol in symbols]


def parse(ids: Sequence[int], decode: Callable[[list[int]], str], *, vocabulary: int = VOCABULARY) -> list[Event]:
    """Token ids as generated after the prompt's `<sync>` -> events; `decode` turns word ids into text.

    As officially, an event counts once its words have begun: where an answer is cut short in the middle of times or
    scores, these are left out. Digits that spell no number are left out too; the official reader fails on them.
    """
    events: list[Event] = []
    times, scores, text = list[int](), list[int](), list[int]()
    for token in ids:
        if token > vocabulary + SIZE:
            scores.append(token - vocabulary - 1 - SIZE)
        elif token > vocabulary:
            times.append(token - vocabulary - 1)
        elif token < vocabulary:
            text.append(token)
        else:
            events.append(Event(_numbers(times), _numbers(scores), decode(text).strip()))
            times, scores, text = [], [], []
    if text:
        events.append(Event(_numbers(times), _numbers(scores), decode(text).strip()))
    return events


def _numbers(places: Sequence[int]) -> tuple[float, ...]:
    numbers: list[float] = []
    for spelled in "".join(SYMBOLS[place] for place in places if place).split("<sep>"):
        try:
            numbers.append(float(spelled))
        except ValueError:
            continue
    return tuple(numbers)
