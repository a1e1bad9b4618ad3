"""What a reader on a server is shown, taken apart again, and servers that answer from it as a good reader would."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from whenabouts.evidence.timed_text import TimedText

ROW = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
QUERY = re.compile(r'^\d+: (".*")$', re.MULTILINE)


def lines(texts: Sequence[str], *, seconds: float = 3.0) -> list[TimedText]:
    """Lines of speech, one after another."""
    return [TimedText(seconds * i, seconds * i + 2, text, "said", "talk.srt") for i, text in enumerate(texts)]


def shown(request: dict[str, Any]) -> tuple[dict[int, str], list[str]]:
    """The rows by number and the queries of a request."""
    text = request["messages"][-1]["content"]
    text = text if isinstance(text, str) else "".join(part["text"] for part in text)
    transcript, _, task = text.rpartition("</transcript ")
    return {int(number): row for number, row in ROW.findall(transcript)}, [json.loads(q) for q in QUERY.findall(task)]


def right(request: dict[str, Any], known: Mapping[str, str]) -> str:
    """The answer of a reader that knows, for each query, words of the lines that answer it."""
    rows, queries = shown(request)
    answers = {
        str(number): [{"lines": [i], "quote": row} for i, row in rows.items() if query in known and known[query] in row]
        for number, query in enumerate(queries, 1)
    }
    return json.dumps(answers, ensure_ascii=False)
