"""JSON5 (spec.json5.org), which LosslessCut writes: comments, bare names, single quotes, commas at the end."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["parse"]

SPACE = re.compile(r"(?:[\s\ufeff]|//[^\n\r\u2028\u2029]*|/\*[\s\S]*?\*/)*")
NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity|NaN)")
NAME = re.compile(r"(?:[^\W\d]|\$)[\w$\u200c\u200d]*")
PLAIN = {quote: re.compile(rf"[^{quote}\\\n\r]*") for quote in "\"'"}
HEX = {"x": 2, "u": 4}
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
WORDS = {"true": True, "false": False, "null": None}
DEEPEST = 64  # values inside values
MAX_DIGITS = 400  # of a number


def parse(text: str) -> Any:
    r"""The value of a text: dict, list, str, float, int, bool or None. Raises ValueError with the line.

    >>> parse("{version: 2, cutSegments: [{start: .5, name: 'it\\'s',},], } // a project")
    {'version': 2, 'cutSegments': [{'start': 0.5, 'name': "it's"}]}
    """
    reader = _Reader(text)
    value = reader.value()
    reader.skip()
    if reader.at < len(text):
        raise reader.fault("the end")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def fault(self, wanted: str) -> ValueError:
        line = self.text.count("\n", 0, self.at) + 1
        return ValueError(f"line {line} has {self.text[self.at : self.at + 20]!r} where {wanted} should be")

    def skip(self) -> str:
        """Skip space and comments; the next character, or nothing at the end."""
        self.at = SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches nothing too
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> bool:
        if self.skip() != wanted:
            return False
        self.at += 1
        return True

    def value(self) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("its values are nested too deeply")
        first = self.skip()
        made = (
            self.members()
            if first == "{"
            else self.items()
            if first == "["
            else self.string(first)
            if first in PLAIN
            else self.token()
        )
        self.depth -= 1
        return made

    def members(self) -> dict[str, Any]:
        self.at += 1
        made: dict[str, Any] = {}
        while not self.take("}"):
            first = self.skip()
            name = self.string(first) if first in PLAIN else self.matched(NAME, "a name")
            if not self.take(":"):
                raise self.fault("a colon")
            made[name] = self.value()
            if not self.take(",") and self.skip() != "}":
                raise self.fault("a comma or }")
        return made

    def items(self) -> list[Any]:
        self.at += 1
        made: list[Any] = []
        while not self.take("]"):
            made.append(self.value())
            if not self.take(",") and self.skip() != "]":
                raise self.fault("a comma or ]")
        return made

    def matched(self, pattern: re.Pattern[str], wanted: str) -> str:
        found = pattern.match(self.text, self.at)
        if not found or not found[0]:
            raise self.fault(wanted)
        self.at = found.end()
        return found[0]

    def token(self) -> Any:
        if (found := NUMBER.match(self.text, self.at)) is None:
            word = self.matched(NAME, "a value")
            if word not in WORDS:
                self.at -= len(word)
                raise self.fault("a value")
            return WORDS[word]
        if len(found[0]) > MAX_DIGITS:
            raise self.fault("a number of fewer digits")
        self.at = found.end()
        digits = found[0].lower()
        if "0x" in digits:
            return int(digits, 16)
        return float(digits) if set(digits) & set(".einfa") else int(digits)

    def string(self, quote: str) -> str:
        self.at += 1
        parts = []
        while True:
            parts.append(found := PLAIN[quote].match(self.text, self.at)[0])  # type: ignore[index]  # as above
            self.at += len(found)
            end = self.text[self.at : self.at + 1]
            self.at += 1
            if end == quote:
                return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if end != "\\":
                self.at -= 1
                raise self.fault("the end of a text")
            parts.append(self.escaped())

    def escaped(self) -> str:
        """The character of an escape; a backslash before the end of a line joins the lines."""
        kind = self.text[self.at : self.at + 1]
        self.at += 1
        if kind in HEX and kind:
            code = self.text[self.at : self.at + HEX[kind]]
            if not re.fullmatch(f"[0-9a-fA-F]{{{HEX[kind]}}}", code):
                raise self.fault(f"{HEX[kind]} hexadecimal digits")
            self.at += len(code)
            return chr(int(code, 16))
        if kind == "\r" and self.text[self.at : self.at + 1] == "\n":
            self.at += 1
        return "" if kind in "\n\r\u2028\u2029" else ESCAPES.get(kind, kind)
