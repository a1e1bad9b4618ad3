"""The engine: a model on a server."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from whenabouts.errors import ModelError
from whenabouts.grounders.llm import SERVER
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Heard, Reply
from whenabouts.grounders.llm.engines.openai.asking import Asking, Unanswered
from whenabouts.grounders.llm.engines.openai.client import bases, checked, client, shown
from whenabouts.grounders.llm.engines.openai.learned import PATIENCE, Learned
from whenabouts.grounders.llm.engines.openai.messages import Messages
from whenabouts.grounders.llm.engines.openai.probing import streams
from whenabouts.grounders.llm.engines.openai.usage import Usage
from whenabouts.grounders.llm.limit import Limit
from whenabouts.grounders.llm.together import together

__all__ = ["OpenAIEngine"]

FIELDS = {  # of `Decoding` that say how words are drawn, by their names in a request
    "max_tokens": "tokens",
    "add_generation_prompt": "opens_turn",
    **{name: name for name in ("temperature", "top_p", "top_k", "repetition_penalty")},
}
OVER = "no answer before the time was over"


@dataclass(frozen=True)
class OpenAIEngine:
    """A model on a server. Several threads may ask it.

    url:      the URL up to `/v1`, with or without it
    model:    its name there
    send:     `frames` as images, or `video`: an MP4 of the same frames with their rate, as vLLM takes it, where that
              keeps their times
    timeout:  seconds for one answer
    retries:  after an error that may pass, waiting 1, 2, 4 … times `wait` seconds, or as long as the server says, up to
              `longest_wait` and `timeout`; a server that was silent for `timeout` is not asked again
    parallel: requests at the same time
    quality:  of JPEG, 1 to 95
    usage:    answered requests and tokens so far
    learned:  what the server wants otherwise
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
    longest_wait: float = field(default=60.0, repr=False)
    learned: Learned = field(default_factory=Learned, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", checked(self.url))
        if not self.model:
            raise ModelError(f"the model on {self.url} is not named; give openai:{self.url}#MODEL")
        if self.send not in {"frames", "video"}:
            raise ModelError(f"a server is sent `frames` or `video`, not {self.send!r}")

    @classmethod
    def parse(cls, name: str, **settings: Any) -> OpenAIEngine:
        """From `openai:URL#MODEL`. Raises ModelError."""
        url, _, model = name.removeprefix(SERVER).partition("#")
        return cls(url, model, **settings)

    @property
    def stamped(self) -> bool:
        """Plain images lose their times; a video keeps them, where the server takes one."""
        return self.send == "frames" or self.learned.images

    @property
    def limit(self) -> Limit:
        """How many frames the server takes at once, as whoever shows them learns from `TooManyFrames`."""
        return self.learned.limit

    @property
    def name(self) -> str:
        """The URL and the model, without any key."""
        return f"{SERVER}{shown(self.url)}#{self.model}"

    @property
    def identity(self) -> str:
        """A server does not say which weights it has."""
        return "on a server"

    def answer(
        self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding, heard: Heard | None = None
    ) -> list[list[Reply]]:
        """Replies to each conversation, in order; one that got no answer has a `failure`.

        Raises ModelError for what ends a run, as `refusals` lists it, and TooManyFrames.
        """
        arrived: list[list[Reply]] = [[] for _ in conversations]

        def arrive(number: int, one: Reply | Unanswered | None) -> None:
            replies = arrived[number // decoding.samples]
            replies += [one] if isinstance(one, Reply) else []
            if heard is not None and isinstance(one, Reply) and len(replies) == decoding.samples:
                heard(number // decoding.samples, replies)

        end = None if decoding.seconds is None else time.monotonic() + decoding.seconds
        with client(self.url) as connection:
            asking = Asking(
                connection,
                self.name,
                bases(self.url),
                self._settings(decoding),
                _of_video(frames),
                Messages(frames, self.quality),
                len(frames.images),
                self.learned,
                self.usage,
                self.send == "video",
                self.retries,
                self.wait,
                self.longest_wait,
                self.timeout,
                end,
            )
            asked = [conversation for conversation in conversations for _ in range(decoding.samples)]
            found = together(asking, asked, self.parallel, until=end, heard=arrive)
        replies = self._replies(found)
        return [replies[i : i + decoding.samples] for i in range(0, len(replies), decoding.samples)]

    def drawn_otherwise(self, decoding: Decoding) -> dict[str, Any]:
        """Fields of `decoding` that the server did not take, with what it was asked for instead; None is nothing."""
        sent = self.learned.otherwise(self._settings(decoding))
        if "temperature" in sent and not decoding.temperature:
            sent |= dict.fromkeys(("top_p", "top_k"))  # named only where answers are to be drawn
        return {FIELDS[name]: value for name, value in sent.items() if name in FIELDS}

    def streams(self) -> bool:
        """Whether the server answers in pieces where that is asked for; it is asked something short."""
        with client(self.url) as connection:
            return streams(connection, bases(self.url)[self.learned.base], self.model, self.timeout)

    def _settings(self, decoding: Decoding) -> dict[str, Any]:
        """What says how an answer is drawn; servers would else go by the `generation_config` of a checkpoint."""
        settings: dict[str, Any] = {
            "model": self.model,
            "max_tokens": decoding.tokens,
            "temperature": decoding.temperature,
            "repetition_penalty": decoding.repetition_penalty,
        }
        if decoding.temperature:
            settings |= {"top_p": decoding.top_p, "top_k": decoding.top_k or -1}
        if decoding.probabilities:
            settings["logprobs"] = True
        if not decoding.opens_turn:
            settings["add_generation_prompt"] = False
        return settings

    def _replies(self, found: Sequence[Reply | Unanswered | None]) -> list[Reply]:
        """What was found, if the server is there at all. Raises ModelError."""
        lost = [each for each in found if isinstance(each, Unanswered)]
        absent = [each for each in lost if each.absent]
        if absent and not self.learned.heard:
            raise ModelError(f"{self.name} does not answer: {absent[0].failure}")
        if self.learned.unanswered >= PATIENCE and not any(isinstance(each, Reply) for each in found):
            raise ModelError(f"{self.name} does not answer any more: {lost[-1].failure}, {PATIENCE} questions in a row")
        return [
            each if isinstance(each, Reply) else Reply("", failure=each.failure if each else OVER) for each in found
        ]


def _of_video(frames: Frames) -> dict[str, Any]:
    """What vLLM and SGLang need to take all frames of a video, at their rate.

    `num_frames` −1 keeps vLLM from choosing 32 of them, and `do_sample_frames` the processor from choosing others;
    `fps` says to Qwen2.5-VL's how far apart they are.
    """
    return {
        "mm_processor_kwargs": {"fps": frames.fps, "do_sample_frames": False},
        "media_io_kwargs": {"video": {"num_frames": -1}},
    }
