"""Ask any server that speaks OpenAI's chat protocol: vLLM, SGLang, llama.cpp, Ollama, or a commercial one.

Frames go as JPEG images between their time stamps, the one form that all of them take. Nothing is sent anywhere but to
the address that was given; a key is read from $OPENAI_API_KEY if the server wants one.
"""

from __future__ import annotations

import base64
import io
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.protocol import Conversation

__all__ = ["OpenAIEngine", "Usage"]

PREFIX = "openai:"
AGAIN = {408, 409, 425, 429, 500, 502, 503, 504}  # answers of a server that may do better a moment later
ROLES = "system", "user"


@dataclass
class Usage:
    """What a server said it counted, over all requests: the base of any bill."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class OpenAIEngine:
    """A model on a server.

    url:      the address up to `/v1`, with or without it        model: its name there
    timeout:  seconds for one answer        retries: after an error that may pass, waiting 1, 2, 4 … seconds
    at_once:  requests under way together   quality: of JPEG, 1 to 95
    """

    url: str
    model: str
    timeout: float = 300.0
    retries: int = 3
    at_once: int = 4
    quality: int = 85
    usage: Usage = field(default_factory=Usage, compare=False)
    wait: float = field(default=1.0, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    stamped = True  # plain pictures: time has to be told in words

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ModelError(f"{self.url!r} is no address of a server; give openai:http://HOST:PORT#MODEL")
        if not self.model:
            raise ModelError(f"which model on {self.url}? give openai:{self.url}#MODEL")

    @classmethod
    def named(cls, name: str, **settings: Any) -> OpenAIEngine:
        """From `openai:URL#MODEL`."""
        url, _, model = name.removeprefix(PREFIX).partition("#")
        return cls(url.rstrip("/"), model, **settings)

    @property
    def name(self) -> str:
        """What answered, without any key."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        return f"{PREFIX}{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}#{self.model}"

    @property
    def identity(self) -> str:
        """What the receipt says of the weights: a server does not tell."""
        return "on a server"

    def answer(
        self,
        conversations: Sequence[Conversation],
        images: Sequence[NDArray[np.uint8]],
        *,
        tokens: int,
        temperature: float,
        samples: int = 1,
    ) -> list[list[str]]:
        """`samples` answers to each conversation about the same frames, in order.

        Raises ModelError when the server cannot be reached, refuses, or gives no answer after all retries.
        """
        try:
            import httpx
            from PIL import Image
        except ImportError as error:
            raise MissingExtra("llm", "asking a server") from error
        encoded = [_jpeg(Image.fromarray(image), self.quality) for image in images]
        body = {"model": self.model, "max_tokens": tokens, "temperature": temperature}
        asked = [body | {"messages": _messages(c, encoded)} for c in conversations for _ in range(samples)]
        key = os.environ.get("OPENAI_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with (
            httpx.Client(headers=headers, timeout=self.timeout, follow_redirects=False) as client,
            ThreadPoolExecutor(self.at_once) as pool,
        ):
            said = list(pool.map(lambda request: self._ask(client, request), asked))
        return [said[i : i + samples] for i in range(0, len(said), samples)]

    def _ask(self, client: Any, request: dict[str, Any]) -> str:
        import httpx

        base = self.url if self.url.endswith("/v1") else f"{self.url}/v1"
        problem = ""
        for attempt in range(self.retries + 1):
            if attempt:
                time.sleep(self.wait * 2 ** (attempt - 1))
            try:
                reply = client.post(f"{base}/chat/completions", json=request)
            except httpx.TimeoutException:
                problem = f"no answer within {self.timeout:g} s"
                continue
            except httpx.HTTPError as error:
                problem = str(error) or type(error).__name__
                continue
            if reply.status_code == 200:
                return self._text(reply)
            problem = f"{reply.status_code} {_first_line(reply.text)}"
            if reply.status_code not in AGAIN:
                break
        raise ModelError(f"{self.name} does not answer: {problem}")

    def _text(self, reply: Any) -> str:
        """The words of a reply; an empty or odd message is an empty answer, for the grounder to call failed."""
        try:
            content = reply.json()
            said = content["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelError(f"{self.name} answers in another form than OpenAI's: {_first_line(reply.text)}") from error
        used = content.get("usage") or {}
        with self._lock:
            self.usage.requests += 1
            self.usage.prompt_tokens += _count(used, "prompt_tokens")
            self.usage.completion_tokens += _count(used, "completion_tokens")
        if isinstance(said, list):  # parts, as some servers answer
            said = "".join(str(part.get("text", "")) for part in said if isinstance(part, dict))
        return said if isinstance(said, str) else ""


def _messages(conversation: Conversation, encoded: Sequence[str]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for turn in conversation:
        if turn.role == "system":
            messages.append({"role": "system", "content": "".join(str(part) for part in turn.parts)})
            continue
        content: list[dict[str, Any]] = []
        for part in turn.parts:
            if isinstance(part, int):
                content.append({"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{encoded[part]}"}})
            else:
                content.append({"type": "text", "text": part})
        messages.append({"role": "user", "content": content})
    return messages


def _jpeg(image: Any, quality: int) -> str:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return base64.b64encode(stream.getvalue()).decode()


def _count(used: Any, name: str) -> int:
    value = used.get(name) if isinstance(used, dict) else None
    return value if isinstance(value, int) else 0


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["an empty answer"])[0][:200]
