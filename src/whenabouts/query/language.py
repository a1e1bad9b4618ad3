"""In which language a short text is, told by its script and its function words."""

from __future__ import annotations

import re
from functools import cache

from whenabouts.query.grammar import LANGUAGES, grammar_of

__all__ = ["language_of", "likely_languages"]

_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
_KANA = re.compile(r"[\u3041-\u30fa\uff66-\uff9d]")
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_LATIN = re.compile(r"[a-zà-ÿœ]+")
_WORDS = re.compile(r"[^\W\d_]+")
_LETTERS = {  # letters that others of our languages in this script do not have
    "de": re.compile(r"[äöüß]"),
    "es": re.compile(r"[ñ¿¡íóúá]"),
    "fr": re.compile(r"[çèêëàùœâîôû]"),
}
_LETTER_WEIGHT = 0.5  # of a function word: a name may have it too
MAX_CHARS = 2_000  # of a text that are looked at


def language_of(text: str) -> str | None:
    """An ISO 639-1 code of `LANGUAGES`, or None where it cannot be told, as of a single name.

    >>> language_of("wann gibt sie das zu"), language_of("예산"), language_of("Martha")
    ('de', 'ko', None)
    """
    likely = likely_languages(text)
    return likely[0] if len(likely) == 1 else None


def likely_languages(text: str) -> tuple[str, ...]:
    """The languages that a text may be in: several where it does not tell them apart."""
    lower = text[:MAX_CHARS].lower()
    hangul, kana, han = (len(script.findall(lower)) for script in (_HANGUL, _KANA, _HAN))
    if hangul + kana + han and hangul + kana + han >= len(_LATIN.findall(lower)):  # a syllable says as much as a word
        return ("ko" if hangul > kana else "ja" if kana else "zh",)
    words = _WORDS.findall(lower)
    scores = {
        code: sum(word in known for word in words)
        + (_LETTER_WEIGHT if code in _LETTERS and _LETTERS[code].search(lower) else 0.0)
        for code, known in _function_words().items()
    }
    best = max(scores.values())
    return tuple(code for code, score in scores.items() if score == best)


@cache
def _function_words() -> dict[str, frozenset[str]]:
    grammars = [grammar_of(code) for code in LANGUAGES]
    return {each.code: frozenset(each.function_words.split()) for each in grammars if each.latin}
