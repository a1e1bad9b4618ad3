"""Text from outside, made safe for a line or an XML element."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from whenabouts.printable import visible

__all__ = ["cell", "document", "from_cell", "one_line", "printable"]

UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML 1.0

FORMULA_PREFIXES = (*"=+-@\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n", "'")  # also in the wide forms of East Asia
LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def printable(text: str) -> str:
    """The text with U+FFFD for what XML does not allow, or what `whenabouts.printable` does not show.

    The ends of lines of all systems become line feeds.
    """
    return UNPRINTABLE.sub("\ufffd", visible(LINE_END.sub("\n", text)))


def one_line(text: str) -> str:
    """The text on one line, every run of white space a single space."""
    return " ".join(printable(text).split())


def cell(text: str) -> str:
    """The text for a cell of a table, with an apostrophe before what a spreadsheet would take for a formula.

    >>> cell("=1+1"), from_cell(cell("=1+1")), cell("a dog")
    ("'=1+1", '=1+1', 'a dog')
    """
    text = printable(text)
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def from_cell(text: str) -> str:
    """The text without the apostrophe of `cell`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_PREFIXES) else text


def document(root: ElementTree.Element, doctype: str = "") -> str:
    """An XML file, indented."""
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype and doctype + chr(10)}{body}\n'
