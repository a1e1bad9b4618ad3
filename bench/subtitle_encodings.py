"""Subtitles in legacy encodings: how many texts are read letter by letter, by us and by the libraries that guess.

    python bench/subtitle_encodings.py [--quick | --smoke]

Sentences of 32 languages in the encodings of their countries, as SubRip files of one, three and six subtitles, and with
a broken byte at the end in UTF-8 and the encodings of East Asia. A text is right where every letter is. Rivals are
measured where they are installed: charset-normalizer, faust-cchardet.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

from _sentences import ENCODINGS, SENTENCES
from _size import parser

from whenabouts.evidence.encodings import decoded

TONES = "\u0300\u0301\u0303\u0309\u0323"  # which Windows-1258 writes after the letter
EAST_ASIAN = ("cp949", "cp932", "euc_jp", "gb18030", "big5")


def in_encoding(text: str, encoding: str) -> str:
    """The letters that an encoding can have; only that of Vietnamese has letters in parts."""
    if encoding != "cp1258":
        return text
    parts = []
    for letter in text:
        whole = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in whole if mark in TONES)
        parts.append(unicodedata.normalize("NFC", "".join(mark for mark in whole if mark not in TONES)) + tone)
    return "".join(parts)


def files(sizes: tuple[int, ...]) -> Iterator[tuple[str, int, bytes, str]]:
    """Encoding, number of subtitles, bytes and text of each file."""
    for language, encodings in ENCODINGS.items():
        sentences = SENTENCES[language].split("\n")
        for size in sizes:
            for first in range(0, len(sentences), size):
                rows = enumerate(sentences[first : first + size], 1)
                srt = "\r\n".join(f"{n}\r\n00:00:0{n},000 --> 00:00:0{n},900\r\n{row}\r\n" for n, row in rows)
                for encoding in encodings:
                    try:
                        raw = in_encoding(srt, encoding).encode(encoding)
                    except UnicodeEncodeError:
                        continue
                    yield encoding, size, raw, in_encoding(srt, encoding)
                    if encoding in EAST_ASIAN:
                        yield f"{encoding}, a byte broken", size, raw + b"\x81\r\n", f"{srt}\ufffd\r\n"
                yield "utf-8, a byte broken", size, srt.encode() + b"\xff\r\n", f"{srt}\ufffd\r\n"


def readers() -> dict[str, Callable[[bytes], str]]:
    """Ours and the libraries that are installed, each of which gives the text of some bytes."""
    import chardet

    found: dict[str, Callable[[bytes], str]] = {
        "whenabouts": lambda raw: decoded(raw)[0],
        "chardet": lambda raw: _read(raw, chardet.detect(raw)["encoding"]),
    }
    if find_spec("charset_normalizer"):
        import charset_normalizer

        def normalised(raw: bytes) -> str:
            best = charset_normalizer.from_bytes(raw).best()
            return _read(raw, best.encoding if best else None)

        found["charset-normalizer"] = normalised
    if find_spec("cchardet"):
        import cchardet

        found["faust-cchardet"] = lambda raw: _read(raw, cchardet.detect(raw)["encoding"])
    return found


def _read(raw: bytes, encoding: str | None) -> str:
    try:
        return raw.decode(encoding or "cp1252", "replace")
    except LookupError:
        return ""


def measure(sizes: tuple[int, ...]) -> dict[str, Any]:
    """Texts read rightly by each reader, in all, by length and by encoding, and the seconds of CPU that it took."""
    corpus = list(files(sizes))
    right: dict[str, Counter[str]] = {}
    seconds: dict[str, float] = {}
    for name, read in readers().items():
        right[name] = Counter()
        begun = time.process_time()
        for encoding, size, raw, text in corpus:
            good = read(raw).lstrip("\ufeff") == text
            right[name].update({"all": good, encoding: good, f"{size} subtitles": good})
        seconds[name] = round(time.process_time() - begun, 2)
    count = Counter({"all": len(corpus)})
    for encoding, size, _, _ in corpus:
        count.update([encoding, f"{size} subtitles"])
    table = {row: {"texts": number, **{name: right[name][row] for name in right}} for row, number in count.items()}
    return {"texts": len(corpus), "encodings": len({row[0] for row in corpus}), "cpu_seconds": seconds, "right": table}


def main() -> None:
    """Print a table by encoding, then everything as JSON."""
    size = parser(__doc__ or "").parse_args().size
    figures = measure(size.pick((1, 3, 6), (1, 3), (6,)))
    for row, columns in figures["right"].items():
        print(f"{row:22}", *(f"{name} {value:<6}" for name, value in columns.items()))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
