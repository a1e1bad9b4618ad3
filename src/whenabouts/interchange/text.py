"""Text from outside, made safe for a line or an XML element."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from whenabouts.printable import visible

__all__ = ["document", "one_line", "printable"]

UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML 1.0

LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def printable(text: str) -> str:
    """The text with U+FFFD for what XML does not allow, or what `whenabouts.printable` does not show.

    The ends of lines of all systems become line feeds.
    """
    return UNPRINTABLE.sub("\ufffd", visible(LINE_END.sub("\n", text)))


def one_line(text: str) -> str:
    """The text on one line, every run of white space a single space."""
    return " ".join(printable(text).split())


def document(root: ElementTree.Element, doctype: str = "") -> str:
    """An XML file, indented."""
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype and doctype + chr(10)}{body}\n'
