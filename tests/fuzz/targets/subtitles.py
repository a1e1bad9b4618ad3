"""Subtitle files beside a video, in every format that is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target
from whenabouts.evidence.subtitles import read_subtitle_file
from whenabouts.evidence.timed_text import tidy

SRT = (
    "1\n00:00:01,000 --> 00:00:03,500\n<i>Good morning</i>\n\n"
    "2\n00:00:04,000 --> 00:00:06,000\nИ вам тоже, {\\an8}señor\n"
)
VTT = (
    "WEBVTT - x\n\nSTYLE\n::cue {}\n\nNOTE one\n\nid\n00:01.000 --> 00:03.500 align:start\n<v Ann>Good <00:02.000>day\n"
)
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:03.50,Default,,0,0,0,,{\\pos(1,2)}Good\\Nmorning\n"
    "Comment: 0,0:00:04.00,0:00:05.00,Default,,0,0,0,,nothing\n"
)


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """The same words in several formats and encodings."""
    made = {"a.srt": SRT.encode(), "utf16.srt": SRT.encode("utf-16"), "old.srt": SRT.encode("cp1251", "ignore")}
    crlf = SRT.replace("\n", "\r\n").encode("utf-8-sig")
    return made | {"a.vtt": VTT.encode(), "a.ass": ASS.encode(), "a.ssa": ASS.replace("+", "").encode(), "b.srt": crlf}


def drawn() -> Any:
    """Cues with any stamps and any text."""
    from hypothesis import strategies as st

    stamp = st.from_regex(r"\A-?\d{1,3}:\d{1,3}(:\d{1,6})?([.,]\d{0,4})?\Z")
    cue = st.tuples(stamp, st.sampled_from([" --> ", "-->", " -> ", ",", " "]), stamp, st.text(max_size=30))
    cues = st.lists(st.one_of(cue.map(lambda c: f"{c[0]}{c[1]}{c[2]}\n{c[3]}\n\n"), st.text(max_size=20)), max_size=8)
    body = st.tuples(st.sampled_from(["", "WEBVTT\n\n", "1\n", ASS]), cues).map(lambda b: b[0] + "".join(b[1]))
    encoding = st.sampled_from(["utf-8", "utf-16", "utf-16-be", "latin-1", "cp1251", "shift-jis", "utf-32"])
    name = st.sampled_from(["drawn.srt", "drawn.vtt", "drawn.ass", "drawn.ssa"])
    return st.tuples(name, body, encoding).map(lambda c: (c[0], c[1].encode(c[2], "ignore")))


def run(path: Path) -> None:
    """Read its lines, and fit them into a video of ten seconds."""
    lines = read_subtitle_file(path).lines
    sound.spans((line.start, line.end) for line in lines)
    fitting = tidy(lines, 10.0)
    sound.spans(((line.start, line.end) for line in fitting), 10.0)
    sound.require(all(line.text.strip() for line in fitting), "a line without words")


TARGET = Target(
    seeds,
    run,
    drawn,
    tokens=(
        *(b"-->", b"WEBVTT", b"NOTE", b"REGION", b"[Events]", b"Dialogue:", b"{\\p1}", b"&#x110000;", b"&lt;", b"<v "),
        *(b"99:99:99,999", b"00:00:00,000", b"\\N", b"{1}{99999999}", b"<SAMI>"),
    ),
)
