"""Composed videos with a subtitle file beside them: some queries are answered by pictures, some only by words.

Of every second scene a narrator says what it shows; in the others something is said that no picture shows.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from whenabouts.files.atomic import replacing
from whenabouts.synthetic.composed import ComposedVideo, Question, Split, make_video

__all__ = ["SAID", "make_worded_video"]

SAID: tuple[tuple[str, str], ...] = (  # a line, and a query that it answers
    ("Parliament approved the budget by a single vote.", "they say that the budget was approved"),
    ("I am so sorry for what happened yesterday.", "someone apologises"),
    ("My grandfather was born in Lisbon in 1921.", "where was his grandfather born"),
    ("The bridge will be closed until October.", "they mention that the bridge is closed"),
    ("Please fasten your seat belts before we land.", "a request to fasten seat belts"),
    ("Nobody has ever solved this equation.", "an equation that nobody has solved"),
)


def make_worded_video(path: Path, split: Split, number: int, *, scenes: int = 8) -> ComposedVideo:
    """As `composed.make_video`, with PATH's name.srt beside it. Raises MissingExtra, InputError."""
    made = make_video(path, split, number, scenes=scenes)
    shown = sorted({(window, q.query) for q in made.questions for window in q.truth})
    first: dict[tuple[float, float], str] = {}  # one line per scene: its first description
    for window, query in shown:
        first.setdefault(window, query)
    rng = np.random.default_rng((20261127, number, split == "tuning"))
    said = [SAID[int(i)] for i in rng.permutation(len(SAID))]
    rows, questions = [], []
    for place, ((start, end), query) in enumerate(sorted(first.items())):
        if place % 2:
            text, asked = said[place // 2 % len(said)]
            if place // 2 < len(said):
                questions.append(Question(asked, "said", ((start + 0.2, end - 0.2),)))
        else:
            text = f"{query[0].upper()}{query[1:]}."
        rows.append((start + 0.2, end - 0.2, text))
    blocks = (f"{n}\n{_stamp(a)} --> {_stamp(b)}\n{text}\n" for n, (a, b, text) in enumerate(rows, 1))
    with replacing(path.with_suffix(".srt")) as part:
        part.write_text("\n".join(blocks), "utf-8")
    return replace(made, questions=(*made.questions, *questions))


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d},{milliseconds % 1000:03d}"
