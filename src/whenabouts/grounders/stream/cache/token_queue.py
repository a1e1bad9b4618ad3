"""A queue of tokens in one piece of memory: joined at the end, dropped at the front."""

from __future__ import annotations

import torch
from torch import Tensor

from whenabouts.grounders.stream.cache.policy import Tokens

__all__ = ["TokenQueue"]

SLACK = 5 / 4  # room for a quarter more than is held: a token is moved about four times while it is held


class TokenQueue:
    """Tokens of one layer in the order of the stream.

    They lie side by side, so that `tokens` is a view and nothing is joined for each chunk. Memory follows the largest
    number of tokens held at once, and never the length of the stream.

    device: where they are held; None: where the first ones are
    """

    def __init__(self, device: torch.device | str | None = None) -> None:
        self._device = device
        self._room: Tokens | None = None  # tokens from _start to _end are held, all others are room
        self._start = self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def tokens(self) -> Tokens | None:
        """What is held, as a view that is good until the queue changes; None while nothing is."""
        if self._room is None or not len(self):
            return None
        return self._room.take(slice(self._start, self._end))

    def append(self, tokens: Tokens) -> None:
        """Join tokens at the end."""
        if self._room is None or self._end + len(tokens) > len(self._room):
            self._make_room(tokens)
        self._write(self._end, tokens)
        self._end += len(tokens)

    def replace(self, at: int, tokens: Tokens) -> None:
        """Put tokens in the place of as many that are held, from the place `at` counted from the front."""
        self._write(self._start + at, tokens)

    def popleft(self, count: int) -> Tokens:
        """Drop that many at the front, and give them, as a view that is good until tokens are joined or chosen.

        Raises IndexError where fewer are held.
        """
        if self._room is None or count > len(self):
            raise IndexError(f"pop {count} of {len(self)} tokens")
        self._start += count
        return self._room.take(slice(self._start - count, self._start))

    def keep(self, chosen: Tensor) -> None:
        """Drop all but the tokens at these places (K,), counted from the front; the order is theirs."""
        if self._room is not None:
            kept = self._room.take(chosen + self._start)
            self._start, self._end = 0, len(kept)
            self._write(0, kept)

    @property
    def nbytes(self) -> int:
        """Bytes of memory, room included."""
        return 0 if self._room is None else self._room.nbytes

    def _make_room(self, tokens: Tokens) -> None:
        held = self.tokens
        needed = int((len(self) + len(tokens)) * SLACK)
        if self._room is None or needed > len(self._room):
            self._room = _empty(needed, tokens, self._device)
        elif held is not None:
            held = Tokens.join([held])  # a copy, for the places may overlap
        self._start, self._end = 0, len(self)
        if held is not None:
            self._write(0, held)

    def _write(self, at: int, tokens: Tokens) -> None:
        assert self._room is not None
        there = self._room.take(slice(at, at + len(tokens)))
        for target, source in zip(_tensors(there), _tensors(tokens), strict=True):
            target.copy_(source)


def _tensors(tokens: Tokens) -> tuple[Tensor, ...]:
    return tokens.keys, tokens.values, tokens.positions, tokens.numbers, tokens.frames


def _empty(count: int, like: Tokens, device: torch.device | str | None) -> Tokens:
    sizes = [[*tensor.shape] for tensor in _tensors(like)]
    for size, axis in zip(sizes, (1, 1, 1, 0, 0), strict=True):
        size[axis] = count
    return Tokens(*(tensor.new_empty(size, device=device) for tensor, size in zip(_tensors(like), sizes, strict=True)))
