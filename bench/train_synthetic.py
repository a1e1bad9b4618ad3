"""Every head learns on the synthetic benchmark what no blind answer can know.

    python bench/train_synthetic.py [--quick | --smoke] [--models NAME…]

Each model is trained small, on one CPU core, without and with bias in where moments lie and how long they are, and
tested on 300 videos it has not seen. Beside it stand answers that ignore the video: the whole video, and the constant
window that is best on the training split. Last comes JSON: `r1_05` of every model and baseline in percent, without
(`plain`) and with (`biased`) bias, CPU seconds of training, and `gain_over_blind_min`, the smallest gain of any
model over the best baseline, in points.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from _size import Size, parser

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.evaluation.blind.constant import WHOLE_VIDEO, best_constant, constant_answers
from whenabouts.grounders.learned import HEADS
from whenabouts.moment import tiou
from whenabouts.synthetic.features import Synthetic
from whenabouts.training.supervised.judge import by_windows
from whenabouts.training.supervised.train import train

# fewer than in the recipe, where that is enough to distinguish a head from a blind answer
EPOCHS = {
    "qd-detr": 16,
    "tr-detr": 16,
    "taskweave": 16,
    "cg-detr": 16,
    "eatr": 12,
    "flash-vtg": 12,
    "r2-tuning": 24,
    "uvcom": 16,
    "univtg": 16,
    "2d-tan": 20,
    "ms-2d-tan": 8,
    "onvtg": 8,
}
PLAIN = Synthetic(1500)
RECIPES = {"plain": PLAIN, "biased": replace(PLAIN, location_bias=True, length_bias=True)}


def blind(examples: list[FeatureExample], test: list[FeatureExample]) -> dict[str, float]:
    """R1@0.5 in percent of answers that ignore the video."""
    windows = {"whole video": WHOLE_VIDEO, "best constant": best_constant([e.example for e in examples])}
    found = {}
    for name, window in windows.items():
        constant = constant_answers([e.example for e in test], window)
        found[name] = 100 * float(np.mean([tiou(constant[e.example.qid], e.windows).max() >= 0.5 for e in test]))
    return found


def trained(name: str, examples: list[FeatureExample], test: list[FeatureExample], size: Size) -> tuple[float, float]:
    """R1@0.5 in percent, and CPU seconds of training."""
    recipe = HEADS[name].small
    full = EPOCHS.get(name, recipe.epochs)
    epochs = size.pick(full, full // 2, 1)
    torch.manual_seed(0)
    head = HEADS[name].sized(examples[0].video.shape[1], examples[0].text.shape[1], small=True)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        train(head, examples, None, Path(folder), replace(recipe, epochs=epochs, drop=max(1, epochs - 3)), device="cpu")
    seconds = time.process_time() - start
    return by_windows(test)(head)["R1@0.5"], seconds


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument(
        "--models", nargs="+", choices=list(HEADS), help="default: all; of a smaller size two of them"
    )
    options = arguments.parse_args()
    size: Size = options.size
    torch.set_num_threads(1)
    names = options.models or size.pick(list(HEADS), *[["univtg", "ms-2d-tan"]] * 2)
    recipes = size.pick(RECIPES, {"plain": PLAIN}, {"plain": replace(PLAIN, queries=32)})
    report: dict[str, dict[str, dict[str, float]]] = {}
    gains = []
    for kind, drawn in recipes.items():
        examples, test = list(drawn), list(drawn.split(seed=1, queries=size.pick(300, 300, 16)))
        baselines = blind(examples, test)
        scores, seconds = {}, {}
        for name in names:
            scores[name], seconds[name] = trained(name, examples, test, size)
            gains.append(scores[name] - max(baselines.values()))
            print(f"{kind:8}{name:12} R1@0.5 {scores[name]:5.1f}  in {seconds[name]:4.0f} s", file=sys.stderr)
        report[kind] = {"r1_05": scores | baselines, "cpu_seconds": seconds}
        print(f"{kind:8}blind        {baselines}", file=sys.stderr)
    print(json.dumps(_rounded(report) | {"gain_over_blind_min": round(min(gains), 2)}))


def _rounded(report: dict[str, dict[str, dict[str, float]]]) -> dict[str, object]:
    return {
        kind: {part: {k: round(v, 1) for k, v in values.items()} for part, values in parts.items()}
        for kind, parts in report.items()
    }


if __name__ == "__main__":
    main()
