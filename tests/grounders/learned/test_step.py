"""A training step of every head: in each precision, and without waiting for the device."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch import nn  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.head import Head  # noqa: E402
from whenabouts.synthetic.features import Synthetic  # noqa: E402

EASY = Synthetic(8, concepts=4, clips=(12, 16), words=(2, 4), moments=1, noise=0.1)
EXAMPLES = list(EASY)
WAITING = ("_local_scalar_dense", "nonzero", "masked_select")
INDEXING = ("index", "index_put", "index_put_")  # by a mask these wait too
PACKED_WORDS = {"ms-2d-tan": 2}  # torch reads the lengths of sentences on the CPU, to read them backwards


def small(name: str) -> Head:
    torch.manual_seed(0)
    head = HEADS[name].sized(EASY.video_dim, EASY.text_dim, small=True).train()
    for module in head.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # which on a CPU is drawn on the CPU
    return head


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", HEADS)
def test_every_head_learns_in_half_precision(name: str, kind: str) -> None:
    head, half = small(name), getattr(torch, kind)
    optimiser = torch.optim.AdamW(head.groups(), lr=1e-3)
    scaler = torch.amp.GradScaler("cpu", init_scale=16.0, enabled=half is torch.float16)
    totals = []
    with torch.backends.mkldnn.flags(enabled="tan" not in name):  # whose LSTM has no float16
        for _ in range(3):
            with torch.autocast("cpu", half):
                losses = head(head.prepare(EXAMPLES, np.random.default_rng(0)))
            assert {value.dtype for value in losses.values()} == {torch.float32}
            optimiser.zero_grad()
            scaler.scale(losses["total"]).backward()
            scaler.step(optimiser)
            scaler.update()
            totals.append(losses["total"].item())
    assert np.isfinite(totals).all() and totals[2] < totals[0]


class Waits(TorchDispatchMode):
    """Counts operations whose result the CPU has to know: on a GPU each waits for all that was asked before."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = function.name().removeprefix("aten::").split(".")[0]
        if name in WAITING or (name in INDEXING and any(_is_mask(part) for part in args[1])):
            self.found[name] += 1
        return function(*args, **(kwargs or {}))


def _is_mask(part: Any) -> bool:
    return isinstance(part, torch.Tensor) and part.dtype == torch.bool


@pytest.mark.parametrize("name", HEADS)
def test_no_head_waits_for_the_device_but_where_moments_are_matched(name: str) -> None:
    head = small(name)
    prepared = head.prepare(EXAMPLES, np.random.default_rng(0))
    with Waits() as waits:
        head(prepared)["total"].backward()
    assert sum(waits.found.values()) == PACKED_WORDS.get(name, 0), waits.found
