"""MeCo's heads learn to match structural tokens with frames, on hidden states with a planted event, on the CPU.

    python bench/meco_synthetic.py [--quick | --smoke]

A video is 64 frames of noise, one a second; in a part of it the frames share a theme. The state of `<ent>` is that
theme turned by a fixed rotation, that of `<tst>` the turned theme of the frames around the event. Both kinds of
`frm_head` are trained with MeCo's loss, and windows are decoded as for Charades-STA and as for QVHighlights.

The last line is JSON: held-out R1@0.5, R1@0.7 and mean tIoU of each head (`narrow`, and `layer` of a tiny Qwen2), both
ways, before it is trained (`untrained_miou`), and of the best single window (`constant_miou`).
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from _size import parser
from transformers import Qwen2Config

from whenabouts.grounders.llm.systems.meco.decoding import decode
from whenabouts.grounders.llm.systems.meco.head import EVENT, TRANSITION, StructuralMatcher, matching_loss
from whenabouts.moment import tiou

FRAMES, WIDTH, BATCH = 64, 32, 16
KINDS = (EVENT, TRANSITION)


def videos(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Frames (N, T, D), states of `<ent>` and `<tst>` (N, 2, D), and which frames belong to each (N, 2, T)."""
    turn = torch.linalg.qr(torch.randn(WIDTH, WIDTH, generator=torch.Generator().manual_seed(7)))[0]
    themes = torch.randn(count, 2, WIDTH, generator=generator)
    start = torch.randint(0, 44, (count, 1), generator=generator)
    end = start + torch.randint(5, 20, (count, 1), generator=generator)
    place = torch.arange(FRAMES)
    event = (place >= start) & (place <= end)
    inside = torch.stack([event, ~event], 1)
    shared = (inside[..., None] * themes[:, :, None]).sum(1)
    return shared + torch.randn(count, FRAMES, WIDTH, generator=generator), themes @ turn, inside


def matcher(kind: str) -> StructuralMatcher:
    """A head of random weights; the same every time."""
    torch.manual_seed(0)
    layer = Qwen2Config(
        hidden_size=WIDTH, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2, num_hidden_layers=1
    )
    return StructuralMatcher(WIDTH, layer_of=layer if kind == "layer" else None)


def train(model: StructuralMatcher, steps: int) -> None:
    """With MeCo's loss, one answer at a time, as officially."""
    generator = torch.Generator().manual_seed(1)
    adam = torch.optim.Adam(model.parameters(), 2e-3)
    events = torch.tensor([True, False])
    for _ in range(steps):
        frames, states, inside = videos(BATCH, generator)
        logits = model(frames, states) * model.scale
        loss = torch.stack([matching_loss(*one, events) for one in zip(logits, inside, strict=True)]).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()


@torch.no_grad()
def figures(model: StructuralMatcher, count: int, *, charades: bool) -> dict[str, float]:
    """On held-out videos."""
    frames, states, inside = videos(count, torch.Generator().manual_seed(2))
    overlaps = []
    for cosines, here in zip(model(frames, states), inside[:, 0], strict=True):
        found = decode(cosines, model.scale.item(), KINDS, FRAMES, charades=charades).moments
        window = [found[0].start, found[0].end] if found else [0.0, 0.0]
        overlaps.append(tiou(window, ends(here))[0, 0])
    return summary(np.array(overlaps))


def ends(inside: torch.Tensor) -> list[float]:
    """First and last second of the frames that are True."""
    where = inside.nonzero()
    return [where.min().item(), where.max().item()]


def summary(overlaps: Any) -> dict[str, float]:
    """Recall in percent, and the mean."""
    recall = {f"r1@{least}": round(100 * float((overlaps >= least).mean()), 1) for least in (0.5, 0.7)}
    return recall | {"miou": round(float(overlaps.mean()), 3)}


def constant(count: int) -> float:
    """Mean tIoU of the best single window, chosen with the answers."""
    truth = np.array([ends(here) for here in videos(count, torch.Generator().manual_seed(2))[2][:, 0]])
    windows = np.array([[a, b] for a in range(0, 60, 2) for b in range(a + 4, 65, 2)], dtype=float)
    return round(float(tiou(windows, truth).mean(1).max()), 3)


def main() -> None:
    size = parser(__doc__ or "").parse_args().size
    steps, count = size.pick((1500, 500), (400, 200), (3, 8))
    line: dict[str, Any] = {"videos": count, "steps": steps, "constant_miou": constant(count)}
    for kind in ("narrow", "layer"):
        model = matcher(kind)
        untrained = figures(model, count, charades=True)["miou"]
        train(model, steps)
        ways = {way: figures(model, count, charades=way == "charades") for way in ("charades", "qvhighlights")}
        line[kind] = {"untrained_miou": untrained, **ways}
        print(f"{kind}: {line[kind]}")
    print(json.dumps(line))


if __name__ == "__main__":
    main()
