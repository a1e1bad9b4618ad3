"""VideoMind's head learns to find moments in hidden states, on the CPU.

    python bench/videomind.py [--quick | --smoke]

Hidden states are drawn: 32 steps of time of which one stretch carries a direction of the query's own, and the state
that says `<|reg|>`, which carries it too. The head, of its official width, learns from the authors' three losses where
the stretch is, and is asked about videos that it has not seen. No language model is in it.

The last line is JSON: recall of the best span at tIoU 0.5 (`r1_05`, percent) and mean tIoU (`miou`), and the same of
the one window that is right most often (`blind_…`).
"""

from __future__ import annotations

import json
import time

import numpy as np
import torch
from _size import parser
from torch import Tensor, nn

from whenabouts.grounders.llm.systems.videomind.head import Head, ranked
from whenabouts.grounders.llm.systems.videomind.losses import Truth, losses
from whenabouts.moment import tiou

STEPS, HIDDEN, BATCH = 32, 16, 32


def main() -> None:
    updates, held_out = parser(__doc__).parse_args().size.pick((250, 400), (60, 100), (2, 8))
    torch.set_num_threads(1)
    torch.manual_seed(0)
    began, drawn = time.process_time(), torch.Generator().manual_seed(1)
    head = Head(HIDDEN).train()
    adam = torch.optim.AdamW(head.parameters(), 1e-3)
    for _ in range(updates):
        reg, steps, true = planted(BATCH, drawn)
        loss = losses(head(reg, steps), true).total / (3 * BATCH)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        adam.step()
    reg, steps, true = planted(held_out, drawn)
    right, head = true.spans[:, 0].double().numpy(), head.eval()
    with torch.inference_mode():
        found = np.stack([ranked(head(reg[i : i + 1], steps[i : i + 1]))[0, :2].numpy() for i in range(held_out)])
    ends = np.arange(STEPS + 1) / STEPS
    windows = np.array([(start, end) for start in ends for end in ends if start < end])
    shared, blind = tiou(found, right).diagonal(), tiou(windows, right)
    constant = blind[(blind >= 0.5).mean(1).argmax()]
    scores = {"r1_05": 100 * (shared >= 0.5).mean(), "blind_r1_05": 100 * (constant >= 0.5).mean()}
    scores |= {"miou": shared.mean(), "blind_miou": constant.mean(), "cpu_seconds": time.process_time() - began}
    print(json.dumps({name: round(float(value), 3) for name, value in scores.items()}))


def planted(count: int, drawn: torch.Generator) -> tuple[Tensor, Tensor, Truth]:
    """States of `<|reg|>` (count, 16) and of the steps (count, 32, 16), and where the stretch of each video is."""
    theme = torch.randn(count, HIDDEN, generator=drawn)
    start = torch.randint(0, 20, (count,), generator=drawn)
    end = start + torch.randint(3, 13, (count,), generator=drawn)
    place = torch.arange(STEPS)
    inside = (place >= start[:, None]) & (place < end[:, None])
    noise = 0.5 * torch.randn(count, STEPS, HIDDEN, generator=drawn)
    steps = noise + 1.5 * theme[:, None] * inside[..., None]
    return theme, steps, Truth(torch.stack([start, end], -1)[:, None] / STEPS, inside.float(), start)


if __name__ == "__main__":
    main()
