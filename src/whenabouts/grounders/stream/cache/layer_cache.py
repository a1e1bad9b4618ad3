"""What is held of one layer: the prompt before the stream, which stays, and a queue of the stream's tokens."""

from __future__ import annotations

from whenabouts.grounders.stream.cache.policy import Tokens
from whenabouts.grounders.stream.cache.token_queue import TokenQueue

__all__ = ["LayerCache"]


class LayerCache:
    """The tokens of one layer. Those of the prompt stand before all others, and no policy drops them."""

    def __init__(self) -> None:
        self.prompt: Tokens | None = None
        self.stream = TokenQueue()
        self._begun = False  # a frame has arrived, after which there is no more prompt

    def append(self, tokens: Tokens) -> None:
        """Join new tokens to the prompt or the stream, wherever they belong."""
        if not self._begun:
            count = int((tokens.frames < 0).sum())
            if count:
                self.prompt = Tokens.join([*self._before(), tokens.take(slice(count))])
            tokens = tokens.take(slice(count, None))
            self._begun = len(tokens) > 0
        if len(tokens):
            self.stream.append(tokens)

    def joined(self, *parts: Tokens | None) -> Tokens | None:
        """The prompt and what follows it; None where that is nothing."""
        all_parts = [*self._before(), *(part for part in parts if part is not None and len(part))]
        if len(all_parts) < 2:
            return all_parts[0] if all_parts else None
        return Tokens.join(all_parts)

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.stream.nbytes + sum(part.nbytes for part in self._before())

    def _before(self) -> list[Tokens]:
        return [] if self.prompt is None else [self.prompt]
