"""OnVTG in a small size of each published configuration, with drawn parameters; needs torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.onvtg.head import OnVTGHead
from whenabouts.grounders.learned.onvtg.model import OnVTGConfig

TACOS = OnVTGConfig(
    video_dim=24, text_dim=20, hidden=32, text_hidden=16, text_layers=2, positions=128, memory=(2, 3, 4, 5), dropout=0.0
)
ANET = replace(TACOS, stride=2, places="relative")
MAD = replace(TACOS, stride=2, places="none", text_hidden=32, text_layers=0, words=75)
SIZES = {"tacos": TACOS, "anet": ANET, "mad": MAD}
MIDDLE = {"tacos": 0.5, "anet": 1.0, "mad": 0.5}
WINDOW = {"tacos": 2304, "anet": 1024, "mad": 8192}


def values(of: torch.nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """Parameters by name, drawn in the order of their names."""
    drawn = np.random.RandomState(seed)  # whose numbers never change
    state = of.state_dict()
    for name in sorted(state):
        plain = drawn.standard_normal(tuple(state[name].shape)).astype("float32")
        if name.endswith(".scale"):
            plain = 0.5 + 0.1 * plain if "drop_path" in name else 1 + 0.1 * plain
        elif ("norm" in name or ".ln_" in name) and name.endswith("weight"):
            plain = 1 + 0.1 * plain
        else:
            plain *= 0.1 if name.endswith("bias") else 1.5 / np.sqrt(np.prod(plain.shape[1:]))
        state[name] = torch.from_numpy(np.asarray(plain, "float32"))
    return state


def head(kind: str, **options: object) -> OnVTGHead:
    given_ = {"middle": MIDDLE[kind], "window": WINDOW[kind], "ends": 2.0, "crop": 1.0, "strict_official": True}
    found = OnVTGHead(SIZES[kind], **{**given_, **options})
    found.model.load_state_dict(values(found.model))
    return found.eval()


def example(rows: int = 100, seed: int = 5, window: tuple[float, float] = (12.0, 30.0)) -> FeatureExample:
    drawn = np.random.RandomState(seed)
    video = drawn.standard_normal((rows, 24)).astype("float32")
    text = drawn.standard_normal((6, 20)).astype("float32")
    return FeatureExample(Example(seed, "v", "a query", np.array([window]), rows / 2), video, text)
