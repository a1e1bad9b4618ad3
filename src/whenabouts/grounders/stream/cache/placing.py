"""Where tokens stand: behind what they attend to, so that positions stay small however long a stream goes on."""

from __future__ import annotations

import torch
from torch import Tensor

from whenabouts.grounders.stream.cache.policy import Tokens

__all__ = ["behind", "closed", "text_behind"]


def behind(context: Tokens | None, absolute: Tensor, last: int | None, start: int) -> Tensor:
    """Positions (A, N) of a chunk whose own in the stream are `absolute`, behind the stream's tokens in `context`.

    The first axis alone goes on; height and width stay. Where the context was not placed anew and holds the newest
    token, this is `absolute`.

    last:  the first axis of the newest token before the chunk; None where there was none
    start: where the stream begins, behind the prompt
    """
    newest = _top(context) if context is not None else None
    step = 0 if last is None else int(absolute[0].min()) - last
    first = start if newest is None else newest + step
    placed = absolute.clone()
    placed[0] += first - int(absolute[0].min())
    return placed


def text_behind(context: Tokens | None, axes: int, count: int, device: torch.device) -> Tensor:
    """Positions (A, N) of words behind all of `context`, alike on every axis."""
    start = 0 if context is None or not len(context) else int(context.positions.max()) + 1
    return torch.arange(start, start + count, device=device).expand(axes, -1)


def closed(tokens: Tokens) -> Tokens:
    """The same tokens with the gaps closed that dropped ones left, as StreamingVLM (arXiv:2510.09608) does.

    On one axis tokens stand one behind the other. On three, only time moves: frames that were neighbours keep their
    distance, others get the usual distance of neighbours. Where nothing is missing nothing changes.
    """
    if not (tokens.frames >= 0).any():
        return tokens
    if tokens.positions.dim() == 2:
        return tokens.placed(_closed(tokens.positions, tokens.frames))
    heads = tokens.positions.shape[1]
    frames = tokens.frames.expand(heads, -1)
    rows = [_closed(tokens.positions[:, head], frames[head]) for head in range(heads)]
    return tokens.placed(torch.stack(rows, dim=1))


def _closed(positions: Tensor, frames: Tensor) -> Tensor:
    stream = frames >= 0
    values, place = torch.unique(positions[0, stream], return_inverse=True)
    gaps = values.diff()
    if len(positions) == 1:
        gaps = gaps.clamp(max=1)
    elif len(gaps):
        owner = torch.zeros_like(values).scatter_(0, place, frames[stream])
        near = owner.diff() <= 1
        usual = gaps[near].median() if near.any() else gaps.min()
        gaps = torch.where(near, gaps, gaps.clamp(max=int(usual)))
    prompt = positions[:, ~stream]
    start = int(prompt.max()) + 1 if prompt.numel() else 0
    moved = start + torch.cat([gaps.new_zeros(1), gaps.cumsum(0)])
    new = positions.clone()
    new[0, stream] = moved[place]
    return new


def _top(context: Tokens) -> int | None:
    stream = context.frames >= 0
    if not stream.any():
        return None
    first = context.positions[0]
    return int(first[stream.expand_as(first)].max())
