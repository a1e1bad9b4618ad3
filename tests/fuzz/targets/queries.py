"""Queries in any language, as they are typed: parsed, described, and checked by the command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target
from whenabouts.commands import Find
from whenabouts.query import describe, language_of, parse_query

TYPED = [
    "the second time the goalkeeper jumps after the whistle",
    'someone says "thank you" before the applause',
    "all red cars, not blue ones",
    "예산이 두 번째로 언급될 때",
    "wenn der Hund zum dritten Mal bellt",
    "cuando el portero salta después del silbato",
    "le deuxième but avant la pause",
    "last 10 seconds of the sunrise",
    "a cat, a dog and a horse between the first and the third bell",
]


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """Queries as people ask them."""
    return {f"{number}.txt": typed.encode() for number, typed in enumerate(TYPED)}


def drawn() -> Any:
    """Words of the grammar in any order."""
    from hypothesis import strategies as st

    words = st.sampled_from(
        [*" ".join(TYPED).split(), "not", "never", "every", "(", '"', "«", "’", "1st", "9" * 400, "-"]
    )
    typed = st.lists(st.one_of(words, st.text(max_size=4)), max_size=60)
    return typed.map(lambda said: ("drawn.txt", " ".join(said).encode("utf-8", "surrogatepass")))


def run(path: Path) -> None:
    """Take it apart and describe it."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    language_of(text)
    parsed = parse_query(text)
    sound.require(isinstance(describe(parsed), str), "no description")
    sound.require(parsed.which is None or isinstance(parsed.which, int | str), f"which {parsed.which!r}")
    Find.of(queries=text)


TARGET = Target(
    seeds, run, drawn, tokens=(b" after ", b" before ", b' "', b" the second ", "두 번째".encode(), b" not ")
)
