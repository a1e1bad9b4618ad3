"""Time saved by reusing a grounder: the same query to one that holds its weights, and to one that is newly created.

    python bench/warm.py [--quick | --smoke]

A small head is trained on synthetic features with the widths of the built-in encoder and queried on 240 s of rendered
video whose features are cached. Both ways take turns. Prints a line of JSON: `warm_ms` and `anew_ms`, medians, and
`anew_over_warm`, their ratio.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from _size import parser

from whenabouts.encoders.clips import load_maker
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.grounder import Learned
from whenabouts.synthetic.features import Synthetic
from whenabouts.synthetic.rendered import Rendered
from whenabouts.training.supervised.train import train
from whenabouts.video import Video
from whenabouts.video.part import Part

ENCODER = "builtin"
QUERY = ["a red circle"]


def checkpoint(folder: Path) -> Path:
    """A head that has seen a few examples."""
    maker = load_maker(ENCODER)
    words = maker.words(QUERY)[0].shape[1]
    kind = HEADS["univtg"]
    assert maker.encoder
    torch.manual_seed(0)
    examples = list(Synthetic(64, video_dim=maker.encoder.dim, text_dim=words))
    head = kind.sized(maker.encoder.dim, words, small=True)
    facts = {"encoder": ENCODER, "clip_seconds": 2.0}
    return train(head, examples, None, folder, replace(kind.small, epochs=1), device="cpu", facts=facts).path


def took(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    rounds, scenes, seconds = parser(__doc__).parse_args().size.pick((15, 44, 240.0), (3, 44, 240.0), (1, 2, 8.0))
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["WHENABOUTS_CACHE"] = str(folder / "cache")
        Rendered(1, seed=3, scenes=scenes).write(folder)
        path = checkpoint(folder / "run")
        with Video(folder / "rendered_3_0.mp4") as whole:
            video = Part(whole, 0.0, seconds)
            kept = Learned(checkpoint=path)
            kept.ground(video, QUERY)
            warm, anew = [], []
            for _ in range(rounds):
                warm.append(took(lambda: kept.ground(video, QUERY)))
                anew.append(took(lambda: Learned(checkpoint=path).ground(video, QUERY)))
    fast, slow = statistics.median(warm), statistics.median(anew)
    report = {"warm_ms": round(fast, 1), "anew_ms": round(slow, 1), "anew_over_warm": round(slow / fast, 1)}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
