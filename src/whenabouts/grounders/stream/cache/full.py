"""Everything is kept: the reference that other policies are compared with, for short streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache.policy import CachePolicy, Chunk, Tokens

__all__ = ["Full"]


@dataclass
class Full(CachePolicy):
    """Keeps all tokens.

    bound: tokens in a layer beyond which it refuses, so that memory stays bounded (ours)
    """

    name: ClassVar[str] = "full"
    paper: ClassVar[str | None] = None

    bound: int = 32_768
    _layers: list[Tokens] = field(default_factory=list, init=False, repr=False)

    def arrive(self, chunk: Chunk) -> None:
        """Raises ModelError where there would be more than `bound`."""
        held = len(self._layers[0]) if self._layers else 0
        if held + len(chunk.layers[0]) > self.bound:
            raise ModelError(
                f"the cache policy full keeps {self.bound} tokens at most, and the stream has more;"
                " choose another policy, or raise its bound"
            )
        pairs = zip(self._layers, chunk.layers, strict=True) if self._layers else ()
        self._layers = [Tokens.join(pair) for pair in pairs] or list(chunk.layers)

    def attended(self, layer: int) -> Tokens | None:
        """All that is kept."""
        return self._layers[layer] if self._layers else None

    @property
    def nbytes(self) -> int:
        """Bytes of all layers."""
        return sum(tokens.nbytes for tokens in self._layers)

    def settings(self) -> dict[str, Any]:
        """The bound on what is kept."""
        return {"bound": self.bound}
