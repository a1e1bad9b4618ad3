"""What speakers do: words that people use when they admit, retract, deny, apologise, promise …, by language.

Each language is a file of regular expressions; a language is added by a file. `prototypes.toml` has example sentences
for a sentence encoder. Another act is one table in each file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["cue_scores", "prototypes"]

FOLDER = Path(__file__).parent
PROTOTYPES = "prototypes.toml"
WEAK, BESIDE = 0.4, 0.6  # of a weak cue; of a strong cue of the act where its object has cues of its own


class _Object(NamedTuple):
    """A kind of object: how a query names it, and what people then say."""

    about: re.Pattern[str]
    strong: re.Pattern[str]


class _Cues(NamedTuple):
    """One act in all languages."""

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    objects: tuple[_Object, ...]


def prototypes(act: str) -> list[str]:
    """Sentences that do this act; none for an act that is not known."""
    return list(_table(PROTOTYPES).get(act, []))


def cue_scores(act: str, sought: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """How plainly each text does an act, by its words, (N,) in [0, 1]; `sought` is the act's object, or ""."""
    cues = _cues(act)
    if cues is None:
        return np.zeros(len(texts))
    objects = [each.strong for each in cues.objects if each.about.search(sought)]
    plain = BESIDE if objects else 1.0
    scores = np.zeros(len(texts))
    for i, text in enumerate(texts):
        if any(strong.search(text) for strong in objects):
            scores[i] = 1.0
        elif cues.strong.search(text):
            scores[i] = plain
        elif cues.weak.search(text):
            scores[i] = WEAK * plain
    return scores


@lru_cache
def _cues(act: str) -> _Cues | None:
    files = [path.name for path in sorted(FOLDER.glob("*.toml")) if path.name != PROTOTYPES]
    tables = [table for name in files if (table := _table(name).get(act))]
    if not tables:
        return None
    names = dict.fromkeys(name for table in tables for name, value in table.items() if isinstance(value, dict))
    objects = [[table[name] for table in tables if name in table] for name in names]
    return _Cues(
        _any_of(cue for table in tables for cue in table["strong"]),
        _any_of(cue for table in tables for cue in table["weak"]),
        tuple(
            _Object(_any_of(each["about"] for each in group), _any_of(cue for each in group for cue in each["strong"]))
            for group in objects
        ),
    )


def _any_of(expressions: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions), re.IGNORECASE)


@lru_cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
