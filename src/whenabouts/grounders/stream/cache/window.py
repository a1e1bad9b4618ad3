"""A plain sliding window: the prompt and the newest tokens (as StreamingLLM, arXiv:2309.17453, and StreamingVLM)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from whenabouts.grounders.stream.cache.placing import closed
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens

__all__ = ["Window"]


@dataclass
class Window(CachePolicy):
    """Keeps the prompt and the newest `budget` tokens of the stream, with their positions closed up behind the prompt.

    budget: tokens of the stream in a layer (ours); whole frames, so that it may be less by one frame
    """

    name: ClassVar[str] = "window"
    paper: ClassVar[str | None] = "2309.17453"

    budget: int = 12_000
    _layers: list[Tokens] = field(default_factory=list, init=False, repr=False)

    def arrive(self, chunk: Chunk) -> None:
        """Keep it, and drop the oldest frames beyond the budget."""
        pairs = zip(self._layers, chunk.layers, strict=True) if self._layers else ()
        self._layers = [self._cut(tokens) for tokens in [Tokens.join(pair) for pair in pairs] or chunk.layers]

    def _cut(self, tokens: Tokens) -> Tokens:
        frames = tokens.frames
        stream = frames[frames >= 0]
        if len(stream) <= self.budget:
            return tokens
        oldest = int(stream[-self.budget])
        if int(stream[-self.budget - 1]) == oldest and oldest < int(stream[-1]):
            oldest += 1  # its frame would be cut in two; the newest is kept whole
        return tokens.take((frames < 0) | (frames >= oldest))

    def attended(self, layer: int) -> Tokens | None:
        """All that is kept."""
        return closed(self._layers[layer]) if self._layers else None

    @property
    def nbytes(self) -> int:
        """Bytes of all layers."""
        return sum(tokens.nbytes for tokens in self._layers)

    def settings(self) -> dict[str, Any]:
        """The bound on what is kept."""
        return {"budget": self.budget}
