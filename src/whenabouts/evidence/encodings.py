"""In which encoding a text is written: by its mark, as UTF-8, as a person says, or as guessed by chardet.

Two things that chardet lacks are added; `bench/subtitle_encodings.py` measures both, and its rivals. A text of UTF-8 or
of East Asia in which a few bytes are broken stays one. Where few letters tell, no guess is taken that breaks words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from whenabouts.errors import InputError

__all__ = ["checked_encoding", "decoded", "decoded_alike"]

MARKS = {  # the longer one first
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
SEVEN_BITS = re.compile(rb"\0|\x1b[$(]|~\{")  # of UTF-16, ISO-2022 and HZ: what else would pass as UTF-8
PER_BROKEN = 2  # letters of UTF-8 for each byte that is none; of a text in another encoding fewer than one
EAST_ASIAN = {"big5hkscs", "cp932", "cp949", "euc_jis_2004", "euc_kr", "gb18030", "johab", "shift_jis_2004"}
SURE = 0.2  # no text of another script looks as much like one of East Asia
PARTS = 4  # of the lines: a broken byte rules an encoding out, but only for the part that it is in
CANDIDATES = 12
ASCII = bytes(range(128))
ENOUGH = 200  # bytes beyond ASCII that tell by themselves; fewer need the words around them
SAMPLE = 20_000  # bytes of lines with other than ASCII from which candidates are compared


def checked_encoding(name: str) -> str:
    """The name, where Python knows an encoding of text by it. Raises InputError.

    >>> checked_encoding("windows-1251"), checked_encoding("EUC-KR")
    ('windows-1251', 'EUC-KR')
    """
    try:
        "a".encode(name)
    except (LookupError, ValueError):  # of a name with a null character
        raise InputError(f"unknown encoding {name!r}; name one of Python, such as cp1251, cp949 or shift_jis") from None
    return name


def decoded(raw: bytes, encoding: str | None = None) -> tuple[str, str | None]:
    """The text of these bytes, and the name of its encoding where that is a guess.

    encoding: of a text that neither has a mark nor is UTF-8 with letters beyond ASCII; guessed for None

    Bytes that mean nothing become U+FFFD.

    >>> decoded("Grüße".encode()), decoded("안녕하세요, 여러분".encode("cp949"))
    (('Grüße', None), ('안녕하세요, 여러분', 'cp949'))
    """
    for mark, marked in MARKS.items():
        if raw.startswith(mark):
            return raw.decode(marked, "replace"), None
    if encoding is not None:
        return _read(raw, encoding), None
    if not SEVEN_BITS.search(raw):
        try:
            return raw.decode(), None
        except UnicodeDecodeError:
            text = raw.decode(errors="replace")
        broken = text.count("\ufffd")
        if sum(not letter.isascii() for letter in text) >= (PER_BROKEN + 1) * broken:
            return text, "utf-8"
    guess = _guessed(raw)
    return raw.decode(guess, "replace"), None if guess in {"ascii", "utf-8"} else guess


def _read(raw: bytes, encoding: str) -> str:
    """The text in UTF-8 where it is that, else in this encoding."""
    if not raw.isascii():
        try:
            return raw.decode()
        except UnicodeDecodeError:
            pass
    return raw.decode(encoding, "replace")


def decoded_alike(parts: Sequence[bytes], encoding: str | None = None) -> tuple[list[str], str | None]:
    """The texts of these bytes, which all together tell their encoding, and its name where that is a guess.

    A part that has a mark of its own is read by that. `encoding` is as of `decoded`.
    """
    if encoding is not None:
        return [decoded(part, encoding)[0] for part in parts], None
    marked = [part.startswith(tuple(MARKS)) for part in parts]
    _, guessed = decoded(b"\n".join(part for part, own in zip(parts, marked, strict=True) if not own))
    texts = [
        decoded(part)[0] if own else part.decode(guessed or "utf-8", "replace")
        for part, own in zip(parts, marked, strict=True)
    ]
    return texts, guessed


def _guessed(raw: bytes) -> str:
    sample = b"" if 0 in raw else _sample(raw)  # UTF-16 has no lines of bytes
    likely = _likely(sample if len(sample.translate(None, ASCII)) >= ENOUGH else raw)
    if not sample or not likely:
        return next(iter(likely), "utf-8")
    if not EAST_ASIAN & likely.keys():
        lines = sample.split(b"\n")
        for part in (_likely(b"\n".join(lines[first::PARTS])) for first in range(PARTS)):
            if (best := next(iter(part), "")) in EAST_ASIAN and part[best] >= SURE:
                return best
    return max(likely, key=lambda name: likely[name] * (1 - _broken_words(sample.decode(name, "replace"))) ** 2)


def _likely(raw: bytes) -> dict[str, float]:
    """The encodings in which every byte means something, best first, and how well the letters fit each."""
    import chardet  # most subtitles are UTF-8

    era = chardet.EncodingEra.ALL & ~chardet.EncodingEra.MAINFRAME
    found = chardet.detect_all(
        raw, ignore_threshold=True, encoding_era=era, max_bytes=len(raw) or 1, compat_names=False
    )
    return {each["encoding"]: each["confidence"] for each in found[:CANDIDATES] if each["encoding"]}


def _sample(raw: bytes) -> bytes:
    """The first lines with other than ASCII; a line feed is never a part of a letter in these encodings."""
    lines, size = [], 0
    for line in raw.split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size >= SAMPLE:
                break
    return b"\n".join(lines)[: 2 * SAMPLE]


def _broken_words(text: str) -> float:
    """How many of the pairs with a letter beyond ASCII no language writes: capitals or alphabets change in a word."""
    pairs = {pair: count for pair, count in Counter(pairwise(text)).items() if not "".join(pair).isascii()}
    return sum(count for pair, count in pairs.items() if _is_broken(*pair)) / max(1, sum(pairs.values()))


def _is_broken(first: str, second: str) -> bool:
    if unicodedata.category(second) in {"Cc", "Co", "Cn"} or (first.islower() and second.isupper()):
        return True
    return first.isalpha() and second.isalpha() and _is_latin(first) != _is_latin(second)


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")
