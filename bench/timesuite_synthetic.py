"""Token shuffle and TAPE learn to tell when, from tokens in which an event is planted, on the CPU.

    python bench/timesuite_synthetic.py [--quick | --smoke]

A video is 16 clips of eight tokens, as a Q-Former would give them, of noise; within the event they carry a theme that
is the same in all videos. A readout looks at each merged token and averages what it finds over the video, so that it
cannot know where a token stands: the place can only come from TAPE. The same is trained without TAPE.

The last line is JSON: held-out R1@0.5, R1@0.7 and mean tIoU, with TAPE (`tape`) and without it (`none`), and the mean
tIoU of the best single window (`constant_miou`).
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from _size import parser
from torch import Tensor, nn

from whenabouts.grounders.llm.systems.timesuite.head import CLIPS, VideoTokens
from whenabouts.moment import tiou

TOKENS, WIDTH, OUT, BATCH = 8 * CLIPS, 16, 32, 32


class Teller(nn.Module):
    """Video tokens, and a readout of start and end as fractions of the video that treats all tokens alike."""

    def __init__(self, *, tape: bool) -> None:
        super().__init__()
        self.tokens = VideoTokens(WIDTH, OUT)
        self.inside = nn.Sequential(nn.Linear(OUT, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU())
        self.span = nn.Linear(64, 2)
        if not tape:
            for parameter in self.tokens.temp_adap.parameters():
                parameter.requires_grad_(False)  # it starts by adding nothing

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (B, L, W) -> start and end (B, 2)."""
        told: Tensor = self.span(self.inside(self.tokens(tokens)).mean(1)).sigmoid()
        return told


def videos(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Tokens (N, L, W), and start and end of the event (N, 2) as fractions."""
    theme = 2 * torch.randn(WIDTH, generator=torch.Generator().manual_seed(7))
    long = 0.1 + 0.3 * torch.rand(count, generator=generator)
    start = (1 - long) * torch.rand(count, generator=generator)
    place = (torch.arange(TOKENS) + 0.5) / TOKENS
    here = (place >= start[:, None]) & (place < (start + long)[:, None])
    noise = torch.randn(count, TOKENS, WIDTH, generator=generator)
    return noise + here[..., None] * theme, torch.stack([start, start + long], 1)


def train(model: Teller, steps: int) -> None:
    """By the distance of both ends."""
    generator = torch.Generator().manual_seed(1)
    adam = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), 2e-3)
    for _ in range(steps):
        tokens, span = videos(BATCH, generator)
        loss = (model(tokens) - span).abs().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()


@torch.no_grad()
def figures(model: Teller, count: int) -> dict[str, float]:
    """On held-out videos."""
    tokens, span = videos(count, torch.Generator().manual_seed(2))
    told = model(tokens).sort(1).values.numpy()
    overlaps = np.array([tiou(a, b)[0, 0] for a, b in zip(told, span.numpy(), strict=True)])
    recall = {f"r1@{least}": round(100 * float((overlaps >= least).mean()), 1) for least in (0.5, 0.7)}
    return recall | {"miou": round(float(overlaps.mean()), 3)}


def constant(count: int) -> float:
    """Mean tIoU of the best single window, chosen with the answers."""
    truth = videos(count, torch.Generator().manual_seed(2))[1].numpy()
    grid = np.arange(0, 1.01, 0.05)
    windows = np.array([[a, b] for a in grid for b in grid if b > a])
    return round(float(tiou(windows, truth).mean(1).max()), 3)


def main() -> None:
    size = parser(__doc__ or "").parse_args().size
    steps, count = size.pick((3000, 1000), (800, 300), (3, 8))
    line: dict[str, Any] = {"videos": count, "steps": steps, "constant_miou": constant(count)}
    for name in ("tape", "none"):
        torch.manual_seed(0)
        model = Teller(tape=name == "tape")
        train(model, steps)
        line[name] = figures(model, count)
        print(f"{name}: {line[name]}")
    print(json.dumps(line))


if __name__ == "__main__":
    main()
