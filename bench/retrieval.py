"""How well lines of text are retrieved for a query: two annotators of the same videos in ActivityNet Captions.

    python bench/retrieval.py [--quick | --smoke] [--fit] [--data FOLDER]

One annotator's captions of 30 videos are the lines of a video; the other's captions of these videos, and as many of
other videos, are the queries. Meaning alone, wording alone and both together choose the best line. `--fit` prints the
logistic weights fitted on the first half of the videos; all figures are of the second half. The last line is JSON:
shares of queries whose best line is of the right video, the score's expected calibration error, and how often four
quoted words find a line that has them.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from _size import parser
from sklearn.linear_model import LogisticRegression

from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.moment import tiou

retrieval = importlib.import_module("whenabouts.evidence.retrieve")
LINES, BALANCE = 30, 0.3
Row = tuple[str, str, tuple[float, float]]


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--fit", action="store_true", help="print weights fitted on the first half")
    arguments.add_argument("--data", type=Path, default=Path(os.environ.get("WHENABOUTS_DATA", "../shared/data")))
    options = arguments.parse_args()
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not a directory; set WHENABOUTS_DATA", file=sys.stderr)
        print("{}")
        return
    first, second = (
        json.loads((options.data / "activitynet_captions" / f"{n}.json").read_text()) for n in ("val", "test")
    )
    videos = sorted(first.keys() & second.keys())
    random.Random(0).shuffle(videos)
    videos = videos[: options.size.pick(1200, 240, 60)]
    encoder = SentenceEncoder()
    lines, queries = Captions(first, videos, encoder), Captions(second, videos, encoder)
    half = len(videos) // 2
    if options.fit:
        best, right, _ = combined(list(similarities(lines, queries, videos[:half])))
        fitted = LogisticRegression(C=1e4).fit(best[:, None], right)
        slope = float(fitted.coef_[0, 0])
        print(f"bias {fitted.intercept_[0]:.2f}, meaning {slope:.2f}, wording {BALANCE * slope:.2f}")
    candidates = list(similarities(lines, queries, videos[half:]))
    print(json.dumps(figures(candidates) | quotes(lines, videos[half:], encoder)))


class Captions:
    """Captions with their videos, times in seconds and vectors."""

    def __init__(self, annotations: dict, videos: list[str], encoder: SentenceEncoder) -> None:
        self.rows: list[Row] = [
            (video, text.strip(), tuple(span))
            for video in videos
            for text, span in zip(annotations[video]["sentences"], annotations[video]["timestamps"], strict=True)
        ]
        self.vectors = encoder.encode([text for _, text, _ in self.rows])

    def of(self, videos: set[str]) -> list[int]:
        """The numbers of the captions of some videos."""
        return [i for i, (video, _, _) in enumerate(self.rows) if video in videos]


def similarities(
    lines: Captions, queries: Captions, videos: list[str]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(meaning, wording, is of the right video) over the lines of a video, for each query.

    Queries whose own moment no line describes are left out, as no line is right.
    """
    for k in range(0, len(videos) - LINES + 1, LINES):
        here = set(videos[k : k + LINES])
        elsewhere = set(videos[k + LINES : k + 2 * LINES]) or set(videos[:LINES])
        held = lines.of(here)
        wording = retrieval._Wording([lines.rows[i][1] for i in held])
        spans = np.array([lines.rows[i][2] for i in held])
        for q in queries.of(here) + queries.of(elsewhere):
            video, text, span = queries.rows[q]
            right = np.array([lines.rows[i][0] == video for i in held])
            if video in here and not (right & (tiou(spans, [span])[:, 0] >= 0.5)).any():
                continue
            yield lines.vectors[held] @ queries.vectors[q], wording.shared(text), right


def combined(candidates: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best line of each query by both: its sum, whether it is right, whether any line is."""
    best = [int(np.argmax(meaning + BALANCE * wording)) for meaning, wording, _ in candidates]
    sums = np.array([m[k] + BALANCE * w[k] for k, (m, w, _) in zip(best, candidates, strict=True)])
    right = np.array([r[k] for k, (_, _, r) in zip(best, candidates, strict=True)])
    return sums, right, np.array([r.any() for *_, r in candidates])


def figures(candidates: list) -> dict[str, float]:
    """Shares of right best lines, and the calibration of their scores."""
    sums, right, present = combined(candidates)
    there = [query for query, has in zip(candidates, present, strict=True) if has]
    score = 1 / (1 + np.exp(-(retrieval.BIAS + retrieval.MEANING * sums)))
    tenth = np.minimum((score * 10).astype(int), 9)
    gaps = [abs((score - right)[tenth == t].mean()) * (tenth == t).mean() for t in range(10) if (tenth == t).any()]
    return {
        "queries": len(there),
        "meaning_r1": float(np.mean([right[np.argmax(meaning)] for meaning, _, right in there])),
        "wording_r1": float(np.mean([right[np.argmax(wording)] for _, wording, right in there])),
        "both_r1": float(right[present].mean()),
        "calibration_error": float(sum(gaps)),
    }


def quotes(lines: Captions, videos: list[str], encoder: SentenceEncoder) -> dict[str, float]:
    """How often four words quoted from a line find a line that has them."""
    chance = random.Random(1)
    found: list[bool] = []
    by_meaning: list[bool] = []
    for k in range(0, len(videos) - LINES + 1, LINES):
        held = lines.of(set(videos[k : k + LINES]))
        wording = retrieval._Wording([lines.rows[i][1] for i in held])
        for i in chance.sample(held, 15):
            words = retrieval._words(lines.rows[i][1])
            if len(words) < 6:
                continue
            at = chance.randrange(len(words) - 3)
            quote = " ".join(words[at : at + 4])
            literal = wording.literal(quote)
            meaning = lines.vectors[held] @ encoder.encode([quote])[0]
            found.append(bool(literal[held.index(i)] and literal[np.argmax(meaning + literal)]))
            by_meaning.append(bool(literal[np.argmax(meaning)]))
    return {"quotes": len(found), "quote_r1": float(np.mean(found)), "quote_meaning_r1": float(np.mean(by_meaning))}


if __name__ == "__main__":
    main()
