"""An extension of Griffe: docstrings are written for readers of the source, and become Markdown here.

Examples are fenced, so that `>>>` is not a quotation, and a block of `name:  what it is` becomes a list.
"""

from __future__ import annotations

import doctest
import re
import textwrap
from typing import Any

import griffe

FIELD = re.compile(r"^([a-z_][\w.]*(?:, [a-z_]\w*)*): +(?=\S)")

DIRECTIVE = re.compile(r" *# doctest: .*")


def in_markdown(text: str) -> str:
    """The text of a docstring with its examples fenced and its fields listed."""
    pieces: list[str] = []
    for piece in doctest.DocTestParser().parse(text):
        if isinstance(piece, str):
            pieces += [_listed(piece)] if piece else []
        else:
            source = textwrap.indent(piece.source, "... ").replace("... ", ">>> ", 1)
            example = DIRECTIVE.sub("", f"{source}{piece.want}").rstrip()
            joined = pieces and pieces[-1].endswith("\n```\n")
            opening = pieces.pop().removesuffix("```\n") if joined else "\n```pycon\n"
            pieces.append(f"{opening}{example}\n```\n")
    return "".join(pieces)


def _listed(text: str) -> str:
    """Fields as a list; lines that go on are part of their item."""
    lines, inside = [], False
    for line in text.splitlines():
        if FIELD.match(line):
            lines += [] if inside else [""]
            line, inside = FIELD.sub(r"- `\1`: ", line), True  # noqa: PLW2901
        elif not line.startswith(" "):
            inside = False
        lines.append(line)
    return "\n".join(lines) + ("\n" if text.endswith("\n") else "")


class Docstrings(griffe.Extension):
    """Rewrites every docstring before it is rendered."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for every module, class, function and attribute below the package."""
        if obj.docstring:
            obj.docstring.value = in_markdown(obj.docstring.value)

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Called for the package itself."""
        self.on_object(obj=pkg)
