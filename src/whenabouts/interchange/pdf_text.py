"""Text in PDF files: each letter in a font that has it, and a note of what no font shows.

Letters of font files are embedded. Korean, Japanese and Chinese letters that no file has are written in the fonts that
Adobe defined for every PDF reader (reportlab's CID fonts), which the reader supplies. Writing from right to left would
come out in the wrong order, so it is left out; letters without any font are question marks. Notes say all this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.sax.saxutils import escape

from whenabouts.errors import InputError, MissingExtra
from whenabouts.interchange.text import printable

__all__ = ["PDFText", "reportlab", "wrapping"]

WESTERN = (  # fonts of many scripts that systems have; the first that is there is taken
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/segoeui.ttf",
)
KOREAN = (  # likewise; most have Japanese and Chinese letters too
    "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
    "/System/Library/Fonts/Supplemental/AppleGothic.ttf",
    "C:/Windows/Fonts/malgun.ttf",
)
EASTERN = (  # a font of every PDF reader, and a codec of the letters that it has
    ("HYGothic-Medium", "euc_kr"),
    ("HeiseiKakuGo-W5", "shift_jis"),
    ("STSong-Light", "gb2312"),
    ("MSung-Light", "big5"),
)
FROM_RIGHT = {"R", "AL", "AN"}
FIRST_EASTERN = 0x1100  # below, an eastern font has only wide letters
SHOWN = 12  # letters that a note quotes
LAST = "\uffff"  # beyond, reportlab writes letters that cannot be searched or copied


def reportlab(name: str) -> ModuleType:
    """A module of reportlab. Raises MissingExtra."""
    from importlib import import_module

    try:
        return import_module(f"reportlab.{name}")
    except ImportError as error:
        raise MissingExtra("documents", "writing a PDF") from error


@dataclass
class PDFText:
    """Marks up text for reportlab's paragraphs, and remembers what could not be shown.

    font: a TrueType file to be embedded; without one, or where it lacks a letter, those of the system

    Raises InputError for a file that is no such font, MissingExtra.
    """

    font: Path | None = None
    _missing: dict[str, None] = field(default_factory=dict)
    _from_right: bool = False
    _supplied: bool = False

    def __post_init__(self) -> None:
        found = [next((path for path in paths if Path(path).is_file()), None) for paths in (WESTERN, KOREAN)]
        files = [str(self.font) if self.font else None, found[0] or "Vera.ttf", found[1]]  # reportlab has Vera
        self._files = [_usable(path) for path in files if path]

    @property
    def face(self) -> str:
        """The name of the first font."""
        return _face(self._files[0])

    def markup(self, text: str) -> str:
        """The text, escaped, with a tag for each run of another font."""
        runs: list[tuple[str, str]] = []
        for letter in printable(text):
            font, shown = self._font_of(letter)
            if runs and runs[-1][0] == font:
                runs[-1] = font, runs[-1][1] + shown
            else:
                runs.append((font, shown))
        return "".join(
            escape(run) if font == self.face else f'<font name="{font}">{escape(run)}</font>' for font, run in runs
        )

    def notes(self) -> Iterator[str]:
        """What a reader of the file should know."""
        if self._supplied:
            yield (
                "Korean, Japanese and Chinese letters are shown in the fonts of the PDF reader, and not at all where "
                "it has none; name a font to be embedded (--font)"
            )
        if self._from_right:
            yield "writing from right to left is not shown in this PDF; write it in another format, which has it"
        if self._missing:
            letters = "".join(list(self._missing)[:SHOWN])
            yield (
                f"no font here has {len(self._missing)} of the letters, such as {letters}: each is shown as a question "
                "mark; name a font that has them (--font)"
            )

    def _font_of(self, letter: str) -> tuple[str, str]:
        """The font of a letter, and what is written for it."""
        if letter.isspace():
            return self.face, " "
        if unicodedata.bidirectional(letter) in FROM_RIGHT:
            self._from_right = True
            return self.face, ""
        if letter <= LAST and (file := next((file for file in self._files if ord(letter) in _letters(file)), None)):
            return _face(file), letter
        if (eastern := _eastern(letter)) is not None:
            self._supplied = True
            return eastern, letter
        if unicodedata.category(letter).startswith("C"):
            return self.face, ""
        self._missing[letter] = None
        return self.face, "?"


@cache
def _usable(path: str) -> str:
    try:
        _loaded(path)
    except (OSError, reportlab("pdfbase.ttfonts").TTFError) as error:
        raise InputError(f"{path} is not a TrueType font that can be embedded: {error}") from None
    return path


@cache
def _loaded(path: str) -> Any:
    font = reportlab("pdfbase.ttfonts").TTFont(Path(path).stem, path)
    reportlab("pdfbase.pdfmetrics").registerFont(font)
    return font


def _face(path: str) -> str:
    return str(_loaded(path).fontName)


def _letters(path: str) -> Any:
    """The code points that a font has."""
    return _loaded(path).face.charToGlyph


@cache
def _eastern(letter: str) -> str | None:
    if ord(letter) < FIRST_EASTERN:
        return None
    for name, codec in EASTERN:
        try:
            letter.encode(codec)
        except UnicodeEncodeError:
            continue
        return _registered(name)
    return None


@cache
def _registered(name: str) -> str:
    font = reportlab("pdfbase.cidfonts").UnicodeCIDFont(name)
    reportlab("pdfbase.pdfmetrics").registerFont(font)
    return name


def wrapping(text: str) -> str | None:
    """How reportlab breaks lines: between any two letters where eastern ones are among them, else between words."""
    return "CJK" if any(ord(letter) >= FIRST_EASTERN for letter in text) else None
