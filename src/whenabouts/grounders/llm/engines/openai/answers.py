"""What the body of an answer says: whole or as a stream, with reasons why it may be none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whenabouts.grounders.llm.conversation import Reply
from whenabouts.grounders.llm.engines.openai.exchange import Answered, Broken
from whenabouts.grounders.llm.engines.openai.refusals import WEB_PAGE, Refusal, refusal_of

__all__ = ["Said", "said"]

MAX_CHARS = 100_000  # of an answer in words; more is no answer
KEPT = 1_000  # of its characters
THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)


@dataclass(slots=True)
class Said:
    """An answer as it was put together.

    refusal: what the model says instead of an answer     finish: why it ended, in the protocol's words
    tokens, logprobs: of the text, where the server gives both for every token
    """

    text: str = ""
    refusal: str = ""
    finish: str = ""
    tokens: list[str] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    usage: Any = None

    def reply(self, written: int, limit: int, notes: tuple[str, ...] = ()) -> Reply:
        """The reply: `written` tokens were counted by the server, `limit` were asked for."""
        failure, cut = "", f"the answer was cut off at {written or limit} tokens"
        if len(self.text) > MAX_CHARS:
            return Reply(self.text[:KEPT], failure=f"an answer of more than {MAX_CHARS:,} characters", notes=notes)
        nothing = not THOUGHT.sub("", self.text).strip()
        if nothing and self.refusal:
            failure = f"the model refuses: {self.refusal}"
        elif self.finish == "content_filter":
            failure = "the server's content filter held the answer back" if nothing else ""
            notes = notes if nothing else (*notes, "the server's content filter cut the answer off")
        elif self.finish == "length":
            failure = f"{cut}, before it said anything" if nothing else ""
            notes = notes if nothing else (*notes, cut)
        whole = len(self.tokens) == len(self.logprobs)
        return Reply(
            self.text, tuple(self.tokens) if whole else (), tuple(self.logprobs) if whole else (), failure, notes
        )


def said(answered: Answered) -> Said | Refusal:
    """Read a body. Raises Broken if it is cut off or in another form than the protocol's."""
    if answered.status != 200:
        return refusal_of(answered.status, answered.text)
    text = answered.text.lstrip("\ufeff")
    if WEB_PAGE.match(text):
        return refusal_of(answered.status, text)
    streamed = "event-stream" in answered.headers.get("content-type", "") or text.lstrip().startswith(("data:", ": "))
    pieces = list(_events(text)) if streamed else [_parsed(text)]
    found = Said()
    for piece in pieces:
        if isinstance(piece, list) and len(piece) == 1:  # Gemini wraps an error in a list
            piece = piece[0]  # noqa: PLW2901
        if not isinstance(piece, Mapping):
            raise Broken(f"an answer in another form than OpenAI's: {_start(text)}")
        choices = piece.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        if error := piece.get("error") or choice.get("error"):
            return refusal_of(_status(error), json.dumps({"error": error}))
        found.usage = piece.get("usage") or found.usage
        if not choice:
            if streamed:
                continue  # such as the one with the usage alone
            raise Broken(f"an answer in another form than OpenAI's: {_start(text)}")
        _add(found, choice)
    if streamed and not found.finish and not re.search(r"(?:^|\n)data: ?\[DONE\]", text):
        raise Broken("the stream broke off before its end")
    return found


def _add(found: Said, choice: Mapping[str, Any]) -> None:
    """Take over what a choice, or a piece of one, adds."""
    message = choice.get("delta") or choice.get("message") or {}
    if isinstance(message, Mapping):
        found.text += _words(message.get("content"))
        found.refusal += _words(message.get("refusal"))
    if isinstance(finish := choice.get("finish_reason"), str):
        found.finish = finish.lower()
    told = choice.get("logprobs")
    for row in told.get("content") or () if isinstance(told, Mapping) else ():
        try:
            token, value = str(row["token"]), float(row["logprob"])
        except (KeyError, TypeError, ValueError):
            found.tokens.append("")  # one without a value: then none counts
            continue
        found.tokens.append(token)
        found.logprobs.append(value)


def _words(content: Any) -> str:
    """Text of a message: a string, or parts of which those of thoughts are none."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    kinds = {"text", "output_text", "refusal", None}
    return "".join(
        str(part.get("text") or part.get("refusal") or "")
        for part in parts
        if isinstance(part, Mapping) and part.get("type") in kinds
    )


def _events(text: str) -> Iterator[Any]:
    """The JSON of a stream's events; its comments and its end are none."""
    for event in re.split(r"\r?\n\r?\n", text):
        data = "\n".join(line[5:].removeprefix(" ") for line in re.split(r"\r?\n", event) if line.startswith("data:"))
        if data and data.strip() != "[DONE]":
            yield _parsed(data)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Broken(f"an answer that is not whole: {_start(text)}") from None


def _status(error: Any) -> int:
    """The status that an error inside an answer stands for."""
    code = error.get("code") or error.get("status") if isinstance(error, Mapping) else None
    number = int(code) if isinstance(code, int | str) and str(code).isdecimal() else 400
    return number if 400 <= number < 600 else 400


def _start(text: str) -> str:
    return " ".join(text.split())[:120] or "nothing"
