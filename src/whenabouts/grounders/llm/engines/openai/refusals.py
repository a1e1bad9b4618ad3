"""What a server's refusal means. Which failures end a run, and which only one query, stands here.

It ends the run (ModelError) that the server cannot be reached, or was never heard to answer; that it does not accept
the key (401, 403) or wants money (402, a quota); that it has no such model or address (404, 405, a web page, a
redirect); that its model takes no pictures; and that it left `learned.PATIENCE` questions in a row unanswered. Where
some of the questions asked together have their answers by then, these are kept, and the others get the failure.

Fewer frames are shown (TooManyFrames) after more images than it allows, a longer prompt than fits, or a larger body
than it takes.

It costs one query its answer (`Reply.failure`) that a content filter or any other refusal meets what was asked, that
a body stayed broken, that no answer came within the timeout, or that one ended before it said anything.

The same is asked again, as often as `retries` says, after 408, 409, 425, 429, 5xx, and after a body or a connection
that broke; it is asked otherwise after a parameter that the server does not take, which is then left out: see
`learned`.

The sentences are those that vLLM, SGLang, llama.cpp, Ollama, text-generation-inference, OpenAI, Azure, Gemini,
Anthropic, DashScope and OpenRouter were seen to write, bare or wrapped in each other's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from whenabouts.grounders.llm.engines.openai.images import allowed, refuses_number

__all__ = ["RETRIED", "Refusal", "refusal_of"]

RETRIED = {408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529}  # status codes that may pass a moment later
DEPTH = 8  # of errors wrapped in each other
SHOWN = 200  # characters of a sentence

SAID = ("message", "msg", "detail", "error", "errors", "raw", "reason", "title", "metadata")  # for a person
MARKED = ("code", "type", "param", "loc", "status")  # for a program

TOO_LONG = re.compile(
    r"context (?:size|length|window)|context_(?:size|length)|n_ctx|maximum model length|max_model_len|too many tokens"
    r"|(?:prompt|input|request|payload|entity|body|content) (?:is )?too (?:long|large)|request_too_large"
    r"|(?:payload|body|content) size exceed"
    r"|maximum number of tokens|token(?:s)? (?:count|limit)[^.]*exceed|max_tokens must be at least 1, got -",
    re.IGNORECASE,
)
BLIND = re.compile(
    r"(?:at most|maximum of|up to) 0 image|not a multi-?modal model|no endpoints found that support image"
    r"|(?<!multi[- ])(?<!multiple )(?:image|vision|multi-?modal)(?: input)?s?"
    r" (?:is|are) not (?:supported|enabled|available)"
    r"|(?:does not|doesn't|do not|don't) (?:support|accept|take) (?:image|vision|multi-?modal)"
    r"|unknown variant [`'\"]?image_url|only (?:supports )?text",
    re.IGNORECASE,
)
FILTERED = re.compile(
    r"content[ _-]?(?:filter|policy|management)|responsible ?ai|moderation|flagged|data_inspection|inappropriate"
    r"|prohibited_content|safety|sensitive|blocked",
    re.IGNORECASE,
)
PAYS = re.compile(
    r"insufficient[_ ](?:quota|balance|credit|fund)|exceeded your current quota|billing|payment", re.IGNORECASE
)
NO_MODEL = re.compile(
    r"model[_ ]not[_ ](?:found|exist)|(?:unknown|invalid|no such|not a valid) model|no endpoints found"
    r"|\bmodels?\b.{0,80}(?:not exist|not found|not a valid)",
    re.IGNORECASE,
)
WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's answer that is none.

    sentence: what it says, in one line            text: all that it says, with codes and names of parameters
    """

    status: int
    sentence: str
    text: str

    @property
    def names(self) -> set[str]:
        """Words that may be names of parameters."""
        return set(re.findall(r"[a-z][a-z_]{3,}", self.text))

    @property
    def passes(self) -> bool:
        """Whether it may be over a moment later."""
        return self.status in RETRIED and not self.wants_money

    def too_many(self, shown: int) -> bool:
        """Whether fewer frames than the `shown` would do."""
        return self.status == 413 or bool(TOO_LONG.search(self.text)) or refuses_number(self.text, shown)

    def limit(self, shown: int) -> int | None:
        """How many images are taken, fewer than the `shown`, where it says so."""
        return allowed(self.text, shown) if refuses_number(self.text, shown) else None

    @property
    def blind(self) -> bool:
        """Whether the model takes no pictures at all."""
        return bool(BLIND.search(self.text))

    @property
    def filtered(self) -> bool:
        """Whether what was asked or shown is not wanted there."""
        return bool(FILTERED.search(self.text))

    @property
    def wants_money(self) -> bool:
        """Whether the account is used up."""
        return self.status == 402 or bool(PAYS.search(self.text))

    @property
    def no_model(self) -> bool:
        """Whether there is no model of that name."""
        return self.status in {400, 404} and bool(NO_MODEL.search(self.text))

    @property
    def web_page(self) -> bool:
        """Whether it is written for a browser, as by what is not the protocol's address."""
        return bool(WEB_PAGE.match(self.text))

    def __str__(self) -> str:
        """The status and what is said."""
        return f"{self.status} {self.sentence}"


def refusal_of(status: int, body: str) -> Refusal:
    """Read a refusal, in JSON of any of the known forms, or as a page or words.

    >>> str(refusal_of(400, '[{"error": {"code": 400, "message": "At most 4 images", "status": "INVALID_ARGUMENT"}}]'))
    '400 At most 4 images'
    """
    value = _json(body)
    if value is None:
        words = re.sub(r"\s+", " ", re.sub(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", " ", body[:20_000]))
        return Refusal(status, _line(words) or "an empty answer", body[:20_000])
    said = list(dict.fromkeys(text for text, spoken in _texts(value) if spoken))
    every = [text for text, _ in _texts(value)]
    return Refusal(status, _line(": ".join(said)) or _line(body), "\n".join(every)[:20_000])


def _texts(value: Any, spoken: bool = True, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Texts of an error, and whether each is spoken to a person; what it repeats of the request is left out."""
    if depth > DEPTH:
        return
    if isinstance(value, str):
        nested = _json(value)
        if isinstance(nested, dict | list):
            yield from _texts(nested, spoken, depth + 1)
        elif value.strip():
            yield value, spoken
    elif isinstance(value, list):
        for each in value[:20]:
            yield from _texts(each, spoken, depth + 1)
    elif isinstance(value, Mapping):
        for key in (*SAID, *MARKED):
            if key in value:
                yield from _texts(value[key], spoken and key in SAID, depth + 1)


def _json(text: str) -> Any:
    """The JSON object or list that a text is, or None."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
