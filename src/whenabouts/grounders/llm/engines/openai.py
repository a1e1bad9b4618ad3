"""Ask any server that speaks OpenAI's chat protocol: vLLM, SGLang, llama.cpp, Ollama, or a commercial one.

Frames go as JPEG images between their time stamps, the one form that all of them take, or as a small video with its
rate, which vLLM and SGLang take. Nothing is sent anywhere but to the given URL; a key is read from
$OPENAI_API_KEY if the server wants one.
"""

from __future__ import annotations

import base64
import io
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm import SERVER
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply
from whenabouts.grounders.llm.together import together

__all__ = ["OpenAIEngine", "Usage"]

RETRIED = {408, 409, 425, 429, 500, 502, 503, 504}  # status codes that may pass a moment later
CRF = "18"


@dataclass
class Usage:
    """Requests and the tokens that the server reports for them: the base of any bill."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def cost(self, prompt: float, completion: float) -> float:
        """The bill at prices per million tokens, in their currency."""
        return (self.prompt_tokens * prompt + self.completion_tokens * completion) / 1e6


@dataclass(frozen=True)
class OpenAIEngine:
    """A model on a server.

    url:      the URL up to `/v1`, with or without it
    model:    its name there
    send:     `frames` as images, or `video`: an MP4 of the same frames with its rate, as vLLM takes it
    timeout:  seconds for one answer
    retries:  after an error that may pass, waiting 1, 2, 4 … times `wait` seconds; a server that was silent for
              `timeout` is not asked again
    parallel: requests at the same time
    quality:  of JPEG, 1 to 95
    usage:    requests and tokens so far
    """

    url: str
    model: str
    send: Literal["frames", "video"] = "frames"
    timeout: float = 300.0
    retries: int = 3
    parallel: int = 4
    quality: int = 85
    usage: Usage = field(default_factory=Usage, compare=False)
    wait: float = field(default=1.0, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _refused: set[str] = field(default_factory=set, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ModelError(f"{self.url!r} is not a server URL; give openai:http://HOST:PORT#MODEL")
        if not self.model:
            raise ModelError(f"the model on {self.url} is not named; give openai:{self.url}#MODEL")
        if self.send not in {"frames", "video"}:
            raise ModelError(f"a server is sent `frames` or `video`, not {self.send!r}")

    @classmethod
    def parse(cls, name: str, **settings: Any) -> OpenAIEngine:
        """From `openai:URL#MODEL`. Raises ModelError."""
        url, _, model = name.removeprefix(SERVER).partition("#")
        return cls(url.rstrip("/"), model, **settings)

    @property
    def stamped(self) -> bool:
        """Plain images lose their times; a video keeps them."""
        return self.send == "frames"

    @property
    def name(self) -> str:
        """The URL and the model, without any key."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        return f"{SERVER}{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}#{self.model}"

    @property
    def identity(self) -> str:
        """A server does not say which weights it has."""
        return "on a server"

    def answer(self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding) -> list[list[Reply]]:
        """Replies to each conversation, in order.

        Raises ModelError when the server cannot be reached, refuses, or gives no answer after all retries.
        """
        try:
            import httpx
        except ImportError as error:
            raise MissingExtra("llm", "asking a server") from error
        body: dict[str, Any] = {"model": self.model, "max_tokens": decoding.tokens, "temperature": decoding.temperature}
        if decoding.probabilities:
            body["logprobs"] = True
        if not decoding.opens_turn:
            body["add_generation_prompt"] = False
        if self.send == "video":
            body["mm_processor_kwargs"] = {"fps": frames.fps, "do_sample_frames": False}
            body["media_io_kwargs"] = {"video": {"num_frames": -1}}
        pieces = _Pieces(frames, self.send, self.quality)
        requests = [body | {"messages": _messages(c, pieces)} for c in conversations for _ in range(decoding.samples)]
        key = os.environ.get("OPENAI_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        end = None if decoding.seconds is None else time.monotonic() + decoding.seconds
        with httpx.Client(headers=headers, follow_redirects=False) as client:
            found = together(lambda request: self._ask(client, request, end), requests, self.parallel)
        replies = [reply for reply in found if reply is not None]  # all, as nothing ends the waiting before
        return [replies[i : i + decoding.samples] for i in range(0, len(replies), decoding.samples)]

    def _ask(self, client: Any, request: dict[str, Any], end: float | None) -> Reply:
        import httpx

        base = self.url if self.url.endswith("/v1") else f"{self.url}/v1"
        problem = ""
        for attempt in range(self.retries + 1):
            pause = self.wait * 2 ** (attempt - 1) if attempt else 0.0
            left = self.timeout if end is None else min(self.timeout, end - time.monotonic() - pause)
            if attempt and left <= 0:
                break
            time.sleep(pause)
            left = max(left, 0.001)
            sent = {name: value for name, value in request.items() if name not in self._refused}
            try:
                reply = client.post(f"{base}/chat/completions", json=sent, timeout=left)
            except httpx.TimeoutException:
                problem = f"no answer within {left:.3g} s"
                break
            except httpx.HTTPError as error:
                problem = str(error) or type(error).__name__
                continue
            if reply.status_code == 200:
                return self._reply(reply)
            problem = f"{reply.status_code} {_first_line(reply.text)}"
            if "logprobs" in sent and "logprobs" in reply.text and reply.status_code in {400, 422}:
                self._refused.add("logprobs")  # not every server has them
                continue
            if reply.status_code not in RETRIED:
                break
        raise ModelError(f"{self.name} does not answer: {problem}")

    def _reply(self, reply: Any) -> Reply:
        """The text of a reply; an empty or odd message is an empty answer, which the grounder reports as a failure."""
        try:
            content = reply.json()
            choice = content["choices"][0]
            text = choice["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelError(f"{self.name} answers in another form than OpenAI's: {_first_line(reply.text)}") from error
        used = content.get("usage") or {}
        with self._lock:
            self.usage.requests += 1
            self.usage.prompt_tokens += _count(used, "prompt_tokens")
            self.usage.completion_tokens += _count(used, "completion_tokens")
        if isinstance(text, list):  # parts, as some servers answer
            text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
        return Reply(text if isinstance(text, str) else "", *_probabilities(choice.get("logprobs")))


class _Pieces:
    """Frames as parts of a message; each is encoded once however many messages hold it."""

    def __init__(self, frames: Frames, send: str, quality: int) -> None:
        self._frames, self._send, self._quality = frames, send, quality
        self._made: dict[tuple[int, ...], list[dict[str, Any]]] = {}

    def __call__(self, run: tuple[int, ...]) -> list[dict[str, Any]]:
        if run not in self._made:
            images = [self._frames.images[i] for i in run]
            if self._send == "video" and len(run) > 1:
                url = f"data:video/mp4;base64,{_mp4(images, self._frames.fps)}"
                self._made[run] = [{"type": "video_url", "video_url": {"url": url}}]
            else:
                urls = [f"data:image/jpeg;base64,{_jpeg(image, self._quality)}" for image in images]
                self._made[run] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        return self._made[run]


def _messages(conversation: Conversation, pieces: _Pieces) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for turn in conversation:
        if turn.role == "system":
            messages.append({"role": "system", "content": "".join(str(part) for part in turn.parts)})
            continue
        content: list[dict[str, Any]] = []
        run: list[int] = []
        for part in (*turn.parts, ""):
            if isinstance(part, int):
                run.append(part)
                continue
            content += pieces(tuple(run)) if run else []
            run = []
            if part:
                content.append({"type": "text", "text": part})
        messages.append({"role": "user", "content": content})
    return messages


def _jpeg(image: NDArray[np.uint8], quality: int) -> str:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("llm", "asking a server") from error
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality)
    return base64.b64encode(stream.getvalue()).decode()


def _mp4(images: Sequence[NDArray[np.uint8]], fps: float) -> str:
    """H.264 with every frame kept, at the rate the frames were taken at."""
    import av

    stream = io.BytesIO()
    height, width = (side // 2 * 2 for side in images[0].shape[:2])
    with av.open(stream, "w", format="mp4") as container:
        track = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000), options={"crf": CRF})
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        for image in images:
            cut = np.ascontiguousarray(image[:height, :width])
            container.mux(track.encode(av.VideoFrame.from_ndarray(cut, format="rgb24")))
        container.mux(track.encode())
    return base64.b64encode(stream.getvalue()).decode()


def _probabilities(given: Any) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Tokens and their log-probabilities, where a server gives both for every token."""
    try:
        rows = [(str(row["token"]), float(row["logprob"])) for row in given["content"]]
    except (KeyError, TypeError, ValueError):
        return (), ()
    return tuple(token for token, _ in rows), tuple(value for _, value in rows)


def _count(used: Any, name: str) -> int:
    value = used.get(name) if isinstance(used, dict) else None
    return value if isinstance(value, int) else 0


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["an empty answer"])[0][:200]
