"""A video-language model that watches a stream through a cache policy, and is asked every few seconds what happens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.grounders.stream.pictures import check

if TYPE_CHECKING:
    from whenabouts.grounders.llm.engines.transformers import TransformersEngine

__all__ = ["QUESTION", "Cached"]

QUESTION = 'Is this happening now, in the newest frames of the video: "{query}"? Answer yes or no.'  # our words


class Cached(OnlineGrounder):
    """Asks for each standing query, every `every` seconds, whether it is happening now.

    A moment starts where the probability of yes reaches `start`, in the middle between this question and the one
    before, and ends likewise where it falls below `end`. Its score is the largest probability so far, as the model
    gives it, not calibrated. All of this is ours: no paper asks a cache policy standing queries.

    model:   a folder or a name on the hub of LLaVA-OneVision, Qwen2-VL or Qwen2.5-VL, or an engine that holds one
    policy:  what is kept of the stream, by its name; `options` are its settings
    every:   seconds between two questions; fps: frames a second that are looked at, each one alone
    pixels:  of a frame at most; larger ones are scaled down, and all have the size of the first one

    Raises ModelError, MissingExtra. `push` raises ModelError where the policy cannot keep on, and InputError for what
    is no picture.
    """

    name: ClassVar[str] = "cached"

    def __init__(
        self,
        model: str | TransformersEngine,
        *,
        policy: str = "rekv",
        options: Mapping[str, Any] | None = None,
        every: float = 2.0,
        fps: float = 1.0,
        start: float = 0.5,
        end: float = 0.35,
        pixels: int = 200_704,
        device: str | None = None,
    ) -> None:
        super().__init__()
        if not (0 < every < math.inf and 0 < fps < math.inf and 0 < end <= start <= 1 and 0 < pixels < math.inf):
            raise ModelError(
                "the online model cached needs every, fps and pixels above 0 and 0 < end <= start <= 1, got"
                f" every={every}, fps={fps}, pixels={pixels}, end={end}, start={start}"
            )
        self.fps, self.every, self.start, self.end, self.pixels = fps, every, start, end, pixels
        self.engine = _engine(model, device)
        self._stream = _streamed(self.engine, policy, dict(options or {}))
        self._shape: tuple[int, int] | None = None  # width and height of the frames
        self._shown = self._seen = self._asked = -math.inf  # when a picture came, was looked at, and was asked about
        self._without = 0.0  # seconds of which nothing is known
        self._answered: dict[str, float] = {}  # when each query was last asked

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Look at a picture if it is time for one, and ask the standing queries if it is time for them."""
        check(frame, t, self._shown)
        self._shown = t
        if t < self._seen + 0.999 / self.fps:
            return []
        self._stream.see(self._scaled(frame), t - self._without)
        self._seen = t
        if t < self._asked + 0.999 * self.every or not self._queries:
            return []
        self._asked = t
        return [event for query in self._queries for event in self._judge(query, t)]

    def lost(self, since: float, until: float) -> list[Event]:
        """End what is open unseen; for the model the seconds without pictures did not pass."""
        self._without += max(0.0, until - max(since, self._seen))
        self._answered.clear()
        return super().lost(since, until)

    def removed(self, query: str) -> None:
        """Forget when it was asked."""
        self._answered.pop(query, None)

    @property
    def resident_bytes(self) -> int:
        """Bytes that the policy keeps."""
        return int(self._stream.nbytes)

    @property
    def models(self) -> dict[str, str]:
        """The model that is asked."""
        return {self.engine.name: self.engine.identity}

    def settings(self) -> dict[str, Any]:
        """Its own settings, and those of the policy."""
        policy = self._stream.policy
        own = {name: getattr(self, name) for name in ("fps", "every", "start", "end", "pixels")}
        return {**own, "policy": policy.name, **{f"policy.{key}": value for key, value in policy.settings().items()}}

    def _judge(self, query: str, t: float) -> list[Event]:
        chance = self._stream.yes_probability(QUESTION.format(query=query))
        before = self._answered.get(query)
        self._answered[query] = t
        edge = t if before is None else (before + t) / 2
        if moments := self.ledger.open(query):
            [moment] = moments
            if chance < self.end:
                return [self.ledger.end(moment, max(edge, moment.start + 1e-3), t)]
            moment.score = max(moment.score, chance)
            return []
        return [self.ledger.start(query, max(0.0, edge), chance, t)[1]] if chance >= self.start else []

    def _scaled(self, frame: NDArray[Any]) -> NDArray[Any]:
        from whenabouts.grounders.llm.shown import scaled

        if self._shape is None:
            height, width = frame.shape[:2]
            smaller = min(1.0, math.sqrt(self.pixels / (height * width)))
            self._shape = max(1, round(width * smaller)), max(1, round(height * smaller))
        return scaled(frame, self._shape)


def _engine(model: str | TransformersEngine, device: str | None) -> TransformersEngine:
    if not isinstance(model, str):
        return model
    from whenabouts.grounders.llm.engines.transformers import TransformersEngine

    return TransformersEngine(model, device=device)


def _streamed(engine: TransformersEngine, policy: str, options: dict[str, Any]) -> Any:
    try:
        from whenabouts.grounders.stream.cache import POLICIES
        from whenabouts.grounders.stream.cache.streamed import StreamedModel
    except ImportError as error:
        raise MissingExtra("hub", "a video-language model on this machine") from error
    made = POLICIES.named(policy)
    if unknown := [name for name in options if name not in signature(made).parameters]:
        raise ModelError(f"the cache policy {policy} has no option {unknown[0]}; leave it out")
    return StreamedModel(engine, made(**options))
