"""What a server was found to want otherwise: it is told once, and holds for the rest of the run."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from whenabouts.grounders.llm.engines.openai.refusals import Refusal
from whenabouts.grounders.llm.limit import Limit

__all__ = ["PATIENCE", "Learned"]

PATIENCE = 8  # questions in a row that a server leaves unanswered, after which no more are asked
LEAST = 0.01  # temperature that stands for 0 where a server wants more
NEUTRAL: dict[str, Any] = {  # parameters that a server may not know, and values that change nothing by being left out
    "logprobs": True,
    "top_p": 1.0,
    "top_k": -1,
    "repetition_penalty": 1.0,
    "stream_options": {"include_usage": True},
}
OPTIONAL = (*NEUTRAL, "temperature", "add_generation_prompt", "max_tokens", "max_completion_tokens")
OF_VIDEO = ("mm_processor_kwargs", "media_io_kwargs", "video_url")
ASKS = {400, 422, 500, 501}  # status codes of servers that do not know a parameter
STREAM = re.compile(r"\bstream(?:ing)?\b|\bstream_", re.IGNORECASE)
ABOVE_ZERO = re.compile(
    r"strictly positive|greater than 0|> ?0\b|must be positive|above 0|larger than 0", re.IGNORECASE
)


@dataclass
class Learned:
    """The state, shared by all threads that ask.

    dropped:    parameters that are left out          stream: whether answers come as a stream only
    least:      whether a temperature of 0 is refused  images: whether videos are refused
    base:       which of the addresses is the right one
    limit:      how many images are taken at once
    unanswered: questions in a row that got no answer, `heard` whether any ever got one
    """

    dropped: set[str] = field(default_factory=set)
    stream: bool = False
    least: bool = False
    images: bool = False
    base: int = 0
    limit: Limit = field(default_factory=Limit)
    unanswered: int = 0
    heard: bool = False
    told: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def body(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A request as this server takes it."""
        sent = dict(asked)
        if self.least and sent.get("temperature") == 0:
            sent["temperature"] = LEAST
        if "max_tokens" in self.dropped and "max_tokens" in sent:
            sent["max_completion_tokens"] = sent["max_tokens"]
        if self.stream:
            sent |= {"stream": True, "stream_options": {"include_usage": True}}
        return {name: value for name, value in sent.items() if name not in self.dropped}

    def otherwise(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What was sent in the place of parameters that were wanted; None for one that was left out."""
        sent = self.body(asked)
        if "max_completion_tokens" in sent:
            sent["max_tokens"] = sent["max_completion_tokens"]
        return {name: sent.get(name) for name in asked if sent.get(name) != asked[name]}

    def learns(self, refusal: Refusal, sent: dict[str, Any]) -> bool:
        """Whether a refusal of what was sent says how to ask otherwise; then that is kept."""
        if refusal.status not in ASKS:
            return False
        names = refusal.names
        with self._lock:
            if "temperature" in names and sent.get("temperature") == 0 and ABOVE_ZERO.search(refusal.text):
                self.least = True
                return True
            if _shows_video(sent) and (names & set(OF_VIDEO) or re.search(r"\bvideos?\b", refusal.text, re.IGNORECASE)):
                self.images = True
                return True
            refused = {name for name in OPTIONAL if name in sent and name in names}
            if "max_tokens" in refused:
                refused -= {"max_completion_tokens"}
            self.dropped |= refused
            if refused:
                return True
            if refusal.status in {400, 422} and not sent.get("stream") and STREAM.search(refusal.text):
                self.stream = True
                return True
        return False

    def notes(self, asked: dict[str, Any]) -> tuple[str, ...]:
        """How an answer was asked for otherwise than wanted: what changes it each time, all else the first time."""
        changing: list[str] = []
        harmless: list[str] = []
        temperature = asked.get("temperature")
        if "temperature" in self.dropped and temperature is not None:
            changing.append(
                "the server takes no temperature, so greedy answers could not be asked for"
                if temperature == 0
                else f"the server takes no temperature, so {temperature:g} could not be asked for"
            )
        elif self.least and temperature == 0:
            changing.append(f"the server takes no temperature of 0, so answers were drawn at {LEAST:g}")
        for name in sorted(self.dropped & asked.keys() - {"temperature", "max_tokens"}):
            left_out = changing if name not in NEUTRAL or asked[name] != NEUTRAL[name] else harmless
            left_out.append(f"the server does not take {name}, so it was left out")
        if "max_completion_tokens" in self.dropped:
            changing.append("the server takes no limit of tokens, so answers were of any length")
        elif "max_tokens" in self.dropped:
            harmless.append("the server takes max_completion_tokens, not max_tokens")
        if self.stream:
            harmless.append("the server answers only in a stream")
        with self._lock:
            first = [note for note in harmless if note not in self.told]
            self.told |= {*first, *changing}
        return (*changing, *first)

    def count(self, answered: bool) -> None:
        """Whether a question was answered."""
        with self._lock:
            self.heard |= answered
            self.unanswered = 0 if answered else self.unanswered + 1


def _shows_video(sent: dict[str, Any]) -> bool:
    contents = [message["content"] for message in sent["messages"] if isinstance(message["content"], list)]
    return any(part["type"] == "video_url" for content in contents for part in content)
