"""Which language the environment asks for, by the rules of GNU gettext."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from whenabouts.language.catalogue import translations

__all__ = ["ENGLISH", "available", "chosen", "wanted"]

ENGLISH = "en"
NO_LANGUAGE = {"", "C", "POSIX"}  # locales in which nothing is translated


@cache
def available() -> tuple[str, ...]:
    """Codes of the languages that have a catalogue."""
    here = files("whenabouts.language").iterdir()
    return tuple(sorted(each.name.removesuffix(".json") for each in here if each.name.endswith(".json")))


def wanted(environment: Mapping[str, str]) -> list[str]:
    """Language codes in the order of preference, each followed by the same without its country.

    `LC_ALL`, `LC_MESSAGES` and `LANG` name the locale, the first of them that is set; `LANGUAGE` may list languages
    instead, unless the locale is C.

    >>> wanted({"LANG": "ko_KR.UTF-8"}), wanted({"LANG": "de_DE", "LANGUAGE": "pt_BR:ko"}), wanted({"LANGUAGE": "ko"})
    (['ko_KR', 'ko'], ['pt_BR', 'pt', 'ko'], [])
    """
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((value for value in named if value), "")
    if _code(locale) in NO_LANGUAGE:
        return []
    codes = [_code(each) for each in (environment.get("LANGUAGE") or locale).split(":")]
    return list(dict.fromkeys(one for code in codes if code for one in (code, code.partition("_")[0])))


def chosen() -> str:
    """The first language wanted that is English, or has a catalogue that can be read and that stdout can print."""
    for code in wanted(os.environ):
        if code == ENGLISH or code in NO_LANGUAGE:
            return ENGLISH
        if code in available() and (catalogue := translations(code)) is not None and _printable(catalogue.name):
            return code
    return ENGLISH


def _code(locale: str) -> str:
    """`ko_KR` of `ko_KR.UTF-8@variant`."""
    return locale.partition(".")[0].partition("@")[0]


def _printable(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
