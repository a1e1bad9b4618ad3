"""How well lines of text are retrieved for a query: two annotators of the same videos in ActivityNet Captions.

    python bench/retrieval.py [--quick | --smoke] [--data FOLDER]

One annotator's captions of 30 videos are the lines of a video; the other's captions of these videos, and as many of
other videos, are the queries. All figures are of the second half of the videos. The last line is JSON: shares of
queries whose best line is of the right video, by meaning and words both and by words alone; the expected calibration
error of the probability; and how often four quoted words find a line that has them.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from _size import parser

from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.retrieve import Match, retrieve
from whenabouts.moment import tiou
from whenabouts.query import ParsedQuery

LINES = 30
Row = tuple[str, str, tuple[float, float]]


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
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
    videos = videos[len(videos) // 2 :]
    groups = list(grouped(rows(first, videos), rows(second, videos), videos))
    models = EvidenceModels()
    print(
        json.dumps(
            figures("both", answers(groups, models, meaning=True))
            | figures("wording", answers(groups, models, meaning=False))
            | quotes(groups, models)
        )
    )


def rows(annotations: dict, videos: list[str]) -> list[Row]:
    """(video, caption, span) of every caption."""
    return [
        (video, text.strip(), tuple(span))
        for video in videos
        for text, span in zip(annotations[video]["sentences"], annotations[video]["timestamps"], strict=True)
    ]


def grouped(lines: list[Row], queries: list[Row], videos: list[str]) -> Iterator[tuple[list[Row], list[Row]]]:
    """The lines of 30 videos, and queries of these and of as many others.

    Queries whose own moment no line describes are left out, as no line is right.
    """
    for k in range(0, len(videos) - LINES + 1, LINES):
        here = set(videos[k : k + LINES])
        elsewhere = set(videos[k + LINES : k + 2 * LINES]) or set(videos[:LINES])
        held = [row for row in lines if row[0] in here]
        asked = [row for row in queries if row[0] in elsewhere]
        for row in queries:
            spans = np.array([span for video, _, span in held if video == row[0]])
            if row[0] in here and (tiou(spans, [row[2]])[:, 0] >= 0.5).any():
                asked.append(row)
        yield held, asked


def written(held: list[Row]) -> list[TimedText]:
    """Captions as lines that stand alone, in the order of their videos."""
    return [TimedText(float(i), i + 0.5, text, "written", video) for i, (video, text, _) in enumerate(held)]


def answers(groups: list, models: EvidenceModels, *, meaning: bool) -> Iterator[tuple[Match, str, bool]]:
    """The best match of each query, the query's video, and whether that is among the lines."""
    for held, asked in groups:
        here = {video for video, _, _ in held}
        queries = [ParsedQuery(text, words=text, language="en") for _, text, _ in asked]
        for (video, _, _), matches in zip(
            asked, retrieve(written(held), queries, models, meaning=meaning), strict=True
        ):
            yield matches[0], video, video in here


def figures(name: str, found: Iterator[tuple[Match, str, bool]]) -> dict[str, float]:
    """The share of right best lines, and the calibration of their probabilities."""
    rated = [(match.probability, match.lines[0].source == video, here) for match, video, here in found]
    probability, right, here = (np.array(column) for column in zip(*rated, strict=True))
    tenth = np.minimum((probability * 10).astype(int), 9)
    gaps = [abs((probability - right)[tenth == t].mean()) * (tenth == t).mean() for t in np.unique(tenth)]
    return {
        "queries": int(here.sum()),
        f"{name}_r1": float(right[here].mean()),
        f"{name}_calibration_error": float(sum(gaps)),
    }


def quotes(groups: list, models: EvidenceModels) -> dict[str, float]:
    """How often four words quoted from a line find a line that has them."""
    chance = random.Random(1)
    found: list[bool] = []
    for held, _ in groups:
        quoted = []
        for _, text, _ in chance.sample(held, 15):
            words = text.split()
            if len(words) >= 6:
                at = chance.randrange(len(words) - 3)
                quoted.append(" ".join(words[at : at + 4]))
        queries = [ParsedQuery(quote, words=quote, quoted=True, language="en") for quote in quoted]
        for quote, matches in zip(quoted, retrieve(written(held), queries, models), strict=True):
            found.append(quote in matches[0].lines[0].text)
    return {"quotes": len(found), "quote_r1": float(np.mean(found))}


if __name__ == "__main__":
    main()
