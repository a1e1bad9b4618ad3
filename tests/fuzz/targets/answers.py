"""What models say: through our own reader and every paper's, as claims of a reader, and as bodies of their servers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fuzz import sound
from fuzz.target import Target
from whenabouts.grounders.llm.engines.openai.answers import said
from whenabouts.grounders.llm.engines.openai.exchange import Answered, Broken
from whenabouts.grounders.llm.papers import PARSERS
from whenabouts.grounders.reader.answers import claims
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
CLAIMS = ['{"1": [{"lines": [4, 5], "quote": "bees"}], "2": []}', '[{"query": 2, "line": "3-4", "quote": "a"}]']
WHOLE = {
    "choices": [
        {
            "message": {"content": "From 1 to 2."},
            "finish_reason": "stop",
            "logprobs": {"content": [{"token": "From", "logprob": -0.5}]},
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 4},
}
STREAM = 'data: {"choices": [{"delta": {"content": "From 1"}}]}\n\ndata: {"choices": []}\n\ndata: [DONE]\n\n'
BODIES = [json.dumps(WHOLE), STREAM, '{"error": {"code": 429, "message": "slow down"}}', "<html>busy</html>"]


def seeds(_folder: Path) -> Mapping[str, bytes]:
    """Answers as models and their servers give them."""
    kinds = {"txt": SAID, "claims": CLAIMS, "body": BODIES}
    return {f"{n}.{kind}": text.encode() for kind, every in kinds.items() for n, text in enumerate(every)}


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
    if path.suffix == ".claims":
        claims(text, 2)
        return
    if path.suffix == ".body":
        for status in (200, 500):
            with suppress(Broken):  # which the engine says as a refusal, or asks again
                said(Answered(status, {"content-type": "application/json"}, text))
        return
    for duration, fps in ((None, None), (30.0, 2.0)):
        sound.spans(read(text, duration=duration, fps=fps).windows)
    for parser in PARSERS.values():
        for start, end in parser.windows(text):
            sound.require(isinstance(start, int | float) and isinstance(end, int | float), f"{parser.name}: {start!r}")
            sound.require(not (math.isnan(start) or math.isnan(end)), f"{parser.name}: {start}, {end}")
        parser.official(text)


TARGET = Target(seeds, run, drawn, tokens=(b"<answer>", b"</think>", b" to ", b"[[", b"%", b":", "½".encode()))
