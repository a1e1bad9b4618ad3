"""The languages in which queries are understood: one file each, and one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from whenabouts.query.grammar.grammar import Grammar, Question, compiled

__all__ = ["LANGUAGES", "Grammar", "Question", "compiled", "grammar_of"]

LANGUAGES = {
    "en": "whenabouts.query.grammar.en",
    "ko": "whenabouts.query.grammar.ko",
    "de": "whenabouts.query.grammar.de",
    "es": "whenabouts.query.grammar.es",
    "fr": "whenabouts.query.grammar.fr",
    "zh": "whenabouts.query.grammar.zh",
    "ja": "whenabouts.query.grammar.ja",
}


@cache
def grammar_of(code: str) -> Grammar:
    """The grammar of a language in `LANGUAGES`."""
    found: Grammar = import_module(LANGUAGES[code]).GRAMMAR
    return found
