"""Captions for a player: what is said in a video as WebVTT."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from whenabouts.interchange.formats.cues import times
from whenabouts.interchange.text import one_line

__all__ = ["captions", "in_captions"]


def in_captions(line: Mapping[str, Any]) -> bool:
    """Whether a line is heard: what is written in the picture stands there already."""
    return bool(line["kind"] == "said")


def captions(lines: Iterable[Mapping[str, Any]]) -> str:
    """The lines of kind "said" as cues in order of time; each line has start, end (seconds), kind and text.

    >>> print(captions([{"start": 1.0, "end": 2.5, "kind": "said", "text": "You & I"}]))
    WEBVTT
    <BLANKLINE>
    00:00:01.000 --> 00:00:02.500
    You &amp; I
    <BLANKLINE>
    """
    said = sorted(filter(in_captions, lines), key=lambda line: (line["start"], line["end"]))
    cues = (
        f"{times(line['start'], line['end'], '.')}\n{html.escape(one_line(line['text']), quote=False)}\n"
        for line in said
    )
    return "\n".join(["WEBVTT\n", *cues])
