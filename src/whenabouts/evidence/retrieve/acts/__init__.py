"""What speakers do: words that people use when they admit, retract, deny, apologise, promise …, by language.

Each language is a file of regular expressions; a language is added by a file. `prototypes.toml` has example sentences
for a sentence encoder. Another act is one table in each file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["cue_scores", "prototypes"]

FOLDER = Path(__file__).parent
PROTOTYPES = "prototypes.toml"
WEAK, BESIDE = 0.4, 0.6  # of a weak cue; of a strong cue of the act where its object has cues of its own


class _Cues(NamedTuple):
    """One act in one language: expressions, and for each kind of object another pair (what it is about, strong)."""

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    objects: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


def prototypes(act: str) -> list[str]:
    """Sentences that do this act; none for an act that is not known."""
    return list(_table(PROTOTYPES).get(act, []))


def cue_scores(act: str, sought: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """How plainly each text does an act, by its words, (N,) in [0, 1]; `sought` is the act's object, or ""."""
    languages = _cues(act)
    objects = [strong for each in languages for about, strong in each.objects if about.search(sought)]
    plain = BESIDE if objects else 1.0
    scores = np.zeros(len(texts))
    for i, text in enumerate(texts):
        if any(strong.search(text) for strong in objects):
            scores[i] = 1.0
        elif any(each.strong.search(text) for each in languages):
            scores[i] = plain
        elif any(each.weak.search(text) for each in languages):
            scores[i] = WEAK * plain
    return scores


@lru_cache
def _cues(act: str) -> tuple[_Cues, ...]:
    tables = [_table(path.name).get(act) for path in sorted(FOLDER.glob("*.toml")) if path.name != PROTOTYPES]
    return tuple(
        _Cues(
            _any_of(table["strong"]),
            _any_of(table["weak"]),
            tuple(
                (_any_of([each["about"]]), _any_of(each["strong"])) for each in table.values() if isinstance(each, dict)
            ),
        )
        for table in tables
        if table
    )


def _any_of(expressions: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions), re.IGNORECASE)


@lru_cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
