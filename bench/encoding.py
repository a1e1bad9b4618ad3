"""How fast the embedded encoder is, beside the bare network in the same run: the limit of anything around it.

    python bench/encoding.py [--quick | --smoke]

The peer of each row is onnxruntime with nothing around it, on the same frames in batches of the same size; they take
turns. "vectors" is the encoder, "repeats found" the encoder that looks for repeated pictures first, which finds none in
these. Also how long a person waits for the first query of a fresh process, and how many sentences a second follow. The
last line is JSON: `encoder_over_bare` and `repeats_over_bare` (of the CPU's time: 1 is the limit), `frames_per_s`,
`bare_frames_per_s`, `first_query_s`, `sentences_per_s`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files

import numpy as np
from _rivals import printed, take_turns
from _size import parser

from whenabouts.encoders.builtin import BATCH, BuiltinEncoder
from whenabouts.encoders.repeats import RepeatsEncodedOnce
from whenabouts.encoders.session import onnx_session

FIRST_QUERY = """
import time
start = time.perf_counter()
from whenabouts.encoders import load_encoder
load_encoder("builtin").encode_texts(["a man opens the fridge"])
print(time.perf_counter() - start)
"""


def main() -> None:
    """Measure and print."""
    frames, rounds, processes = parser(__doc__).parse_args().size.pick((320, 7, 3), (64, 3, 3), (8, 1, 1))
    encoder = BuiltinEncoder()
    images = list(np.random.default_rng(0).integers(0, 256, (frames, encoder.size, encoder.size, 3), dtype=np.uint8))
    session = onnx_session(files("whenabouts.encoders").joinpath("weights/efficientnet-lite0.onnx").read_bytes())
    batches = [np.stack(images[i : i + BATCH]) for i in range(0, frames, BATCH)]
    bare = {"bare onnxruntime": lambda: [session.run(None, {"images": batch}) for batch in batches]}
    alone = take_turns("vectors", lambda: encoder.encode_images(images), bare, rounds)
    found = take_turns("repeats found", lambda: RepeatsEncodedOnce(encoder).encode(images), bare, rounds)
    printed([*alone, *found])
    texts = [f"a person carries {number} things" for number in range(frames // 4)]
    figures = {
        "encoder_over_bare": alone[0].ratio.cpu,
        "repeats_over_bare": found[0].ratio.cpu,
        "frames_per_s": frames / alone[0].ours.wall,
        "bare_frames_per_s": frames / alone[0].theirs.wall,
        "first_query_s": min(fresh_query() for _ in range(processes)),
        "sentences_per_s": len(texts) / seconds(lambda: encoder.encode_texts(texts)),
    }
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


def seconds(work: Callable[[], object]) -> float:
    """The faster of two runs, after one that warms up."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times[1:])


def fresh_query() -> float:
    """Seconds from the first import to the first vector, in a process of its own."""
    return float(subprocess.run([sys.executable, "-c", FIRST_QUERY], capture_output=True, check=True, text=True).stdout)


if __name__ == "__main__":
    main()
