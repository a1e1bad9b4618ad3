r"""Which characters of strangers' texts may be shown: none that command a terminal, or turn the order of what is read.

Control characters (ESC, and the 8-bit CSI and OSC) move cursors and name windows; marks that override directions
let "\u202egpj.exe" be read as "exe.jpg".
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["COMMANDS", "DIRECTIONS", "encodable", "json_text", "visible"]

DIRECTIONS = dict.fromkeys((0x61C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))  # for `str.translate`
COMMANDS = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069]"
)  # all controls but the tab and the line feed


def visible(text: str) -> str:
    r"""The text with U+FFFD for each of them.

    >>> visible("red: \x1b[31m")
    'red: �[31m'
    """
    return COMMANDS.sub("\ufffd", text)


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON with letters as they are; characters that JSON would allow and that may not be shown are escaped too."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def encodable(text: str) -> str:
    r"""The text with half of a surrogate pair, which is no character, as an escape.

    >>> encodable("a \ud800")
    'a \\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode()
