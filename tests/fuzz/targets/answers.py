"""What video-language models say, through our own reader and every paper's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target
from whenabouts.grounders.llm.papers import PARSERS
from whenabouts.rewards.parse import read

SAID = [
    "<think>It begins at 3 s.</think><answer>3.0 to 7.5</answer>",
    "From 0:05 to 1:02:03.5, then again between 12 and 15 seconds.",
    "[[1.5, 3.0], [7, 9]]",
    '```json\n[{"start": 1, "end": "2.5s"}, {"start_time": "0:01", "end_time": "0:02"}]\n```',
    "The event does not happen in this video.",
    "The given query happens in 24.3 - 30.4 seconds.",
    "starts at 20%, ends at 45%; frames 12-30",
    '<|box_start|>{"temporal_grounding": [3, 9]}<|box_end|>',
    "사건은 3초에서 7.5초 사이에 일어납니다.",
    "half past two to a quarter of an hour, twenty-one seconds",
]


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """Answers as models give them."""
    return {f"{number}.txt": said.encode() for number, said in enumerate(SAID)}


def drawn() -> Any:
    """Answers put together from what parsers look for."""
    from hypothesis import strategies as st

    number = st.one_of(st.integers(-5, 10**6), st.floats(), st.sampled_from(["1e400", "9" * 400, "٣", "½", "0x1F", ""]))
    word = st.sampled_from(
        [
            *(" to ", " - ", "–", "~", ":", " and ", ", ", "[", "]", "[[", "]]", "(", ")", "{", "}", "%", "\0", "\n"),
            *(
                "<answer>",
                "</answer>",
                "<think>",
                "</think>",
                "<timestamp>",
                "<0.5>",
                "```json\n",
                '"start": ',
                '"end": ',
            ),
            *(" seconds", "s", " minutes ", "frame ", "from ", "between ", "NaN", "Infinity", "null", "half a minute"),
            "not in the video",
        ]
    )
    parts = st.lists(st.one_of(word, number.map(str), st.text(max_size=5)), max_size=30)
    return parts.map(lambda said: ("drawn.txt", "".join(said).encode("utf-8", "surrogatepass")))


def run(path: Path) -> None:
    """Read it by every parser."""
    text = path.read_bytes().decode("utf-8", "replace")
    for duration, fps in ((None, None), (30.0, 2.0)):
        sound.spans(read(text, duration=duration, fps=fps).windows)
    for parser in PARSERS.values():
        for start, end in parser.windows(text):
            sound.require(isinstance(start, int | float) and isinstance(end, int | float), f"{parser.name}: {start!r}")
            sound.require(not (math.isnan(start) or math.isnan(end)), f"{parser.name}: {start}, {end}")
        parser.official(text)


TARGET = Target(seeds, run, drawn, tokens=(b"<answer>", b"</think>", b" to ", b"[[", b"%", b":", "½".encode()))
