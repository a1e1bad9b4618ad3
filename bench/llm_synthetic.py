"""The whole way of a video-language model carries information: frames, tokens, words, interval.

    python bench/llm_synthetic.py [--quick | --smoke]

A model of a million random weights learns from the rendered videos of `grpo_tiny.py` when a shape is seen, is saved to
a folder, and answers held-out videos through the same grounder as `find --model FOLDER`: sampling, stamps,
transformers' generation, reading of the answer. Beside it stands the one window that, given to every training question,
is right most often, and the same model shown grey pictures. The last line is JSON, in percent and points: `r1_05`,
`blind_r1_05` of the better of the two, `gain_over_blind`, `grey_r1_05`, and `failed`, the share of answers that could
not be read.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from _size import parser
from grpo_tiny import FULL, KINDS, QUICK, SMOKE, WARM, Study, film, fit, vocabulary

from whenabouts.grounders import load
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.training.post import sft
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.tiny.models import tiny_model
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

LLAVA = KINDS["llava"]
TOLD = replace(WARM, stamps="frames")  # as a model of images is shown times, in training and when it is asked


def main() -> None:
    size, rounds, updates = parser(__doc__).parse_args().size.pick((FULL, 9, 100), (QUICK, 3, 100), (SMOKE, 1, 1))
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)  # as in grpo_tiny
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(study(size, rounds, updates, Path(folder))))


def study(size: Study, rounds: int, updates: int, folder: Path) -> dict[str, float]:
    began = time.process_time()
    samples = film([(folder / f"train-{n}.mkv", n) for n in range(size.videos)], size, LLAVA)
    test = film([(folder / f"test-{n}.mkv", 10**6 + n) for n in range(size.held_out)], size, LLAVA)
    model, processor = tiny_model(vocabulary(size.seconds), hidden=size.hidden)
    for _ in range(rounds):
        fit(sft, replace(TOLD, steps=updates), model, processor, samples, folder)
    saved = folder / "model"
    model.save_pretrained(saved)
    processor.save_pretrained(saved)
    (saved / "receipt.json").write_text(json.dumps({"recipe": TOLD.facts()}))
    answered = answers(saved, test)
    grey = folder / "grey.mp4"
    compose(grey, [Still(np.full((24, 24, 3), 90, np.uint8), size.seconds, 1.0)], size=(24, 24), rate=1)
    blank = answers(saved, [replace(one, video=str(grey)) for one in test])
    found, unseen = hits(answered, test), hits(blank, test)
    constant = best_constant(samples, test)
    return {
        "r1_05": round(100 * found, 2),
        "blind_r1_05": round(100 * max(constant, unseen), 2),
        "gain_over_blind": round(100 * (found - max(constant, unseen)), 2),
        "grey_r1_05": round(100 * unseen, 2),
        "constant_r1_05": round(100 * constant, 2),
        "failed": round(float(np.mean([p.failure is not None for p in answered])), 3),
        "minutes": round((time.process_time() - began) / 60, 2),
    }


def answers(model: Path, samples: Sequence[Sample]) -> list[Prediction]:
    """What the grounder says of each sample's video."""
    grounder = load(str(model))
    found = []
    for one in samples:
        with Video(one.video) as video:
            found += grounder.ground(video, [one.query])
    return found


def hits(predictions: Sequence[Prediction], samples: Sequence[Sample]) -> float:
    """R1@0.5 (>=)."""
    return float(
        np.mean(
            [
                p.best is not None and tiou([[p.best.start, p.best.end]], one.windows).max() >= 0.5
                for p, one in zip(predictions, samples, strict=True)
            ]
        )
    )


def best_constant(samples: Sequence[Sample], test: Sequence[Sample]) -> float:
    """R1@0.5 of the window that is right most often in training."""
    whole = int(samples[0].duration)
    every = [(start, end) for start in range(whole) for end in range(start + 1, whole + 1)]
    windows, held = (np.array([one.windows[0] for one in part]) for part in (samples, test))
    best = every[int((tiou(every, windows) >= 0.5).mean(axis=1).argmax())]
    return float((tiou([best], held) >= 0.5).mean())


if __name__ == "__main__":
    main()
