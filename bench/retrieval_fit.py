"""Fit the weights of `evidence.retrieve.calibration` and print them.

    python bench/retrieval_fit.py [--quick | --smoke] [--data FOLDER]

Data: the tuning half of the dialogues of `synthetic.dialogue` with their questions, and the first half of the
ActivityNet captions as `bench/retrieval.py` makes queries of them. The weights of a query's lines maximise the
likelihood that a right one is chosen among all lines and "none of them"; weights keep the sign that their columns
mean. Then slope and offset are fitted to all right lines and to the best wrong line of each query. The last line is
JSON: how often the best line is right when a dialogue is left out of the fit.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _size import parser
from retrieval import grouped, rows, written
from scipy.optimize import minimize

from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.retrieve.features import Transcript, features, sought_of
from whenabouts.evidence.retrieve.meaning import meanings
from whenabouts.evidence.retrieve.sentences import sentences
from whenabouts.query import ParsedQuery, parse_query

BASE = ("wording", "short", "speaker", "question")
ACT = ("is_act", "cue", "near_cue", "cue_wording", "lacks_object", "early", "late")
ASKS = ("is_asked", "answer", "exact_answer", "answer_wording", "after_wording")
ALIKE = (
    "words",
    "event",
    "hub",
    "act",
    "act_after",
    "cue_words",
    "answer_words",
    "answer_after",
    "is_foreign",
    "foreign_words",
)
COLUMNS = {
    "words": (*BASE, *ACT, *ASKS),
    "quick": (*BASE, *ACT, *ASKS, *ALIKE),
    "full": (*BASE, *ACT, *ASKS, *ALIKE, "answers", "acts"),
    "described": ("wording", "english"),
}
FREE, NEGATIVE = {"is_act", "is_asked", "is_foreign"}, {"short", "question", "hub", "lacks_object"}
RIDGE = 0.4  # on weights in units of their columns' spread
CAPTION = 0.15  # weight of a caption's query beside one about a dialogue
PRESENT = 0.3  # a smaller probability says that nothing answers
ABSENT = 10.0  # weight in the calibration of a question whose answer is not there: to say that it is there is worse


@dataclass
class Asked:
    """A query with the columns of all lines, which lines are right, and its weight in the fit."""

    of: str
    query: str
    columns: dict[str, np.ndarray]
    right: np.ndarray
    weight: float


def main() -> None:
    """Fit and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--data", type=Path, default=Path(os.environ.get("WHENABOUTS_DATA", "../shared/data")))
    options = arguments.parse_args()
    models = EvidenceModels()
    asked = list(dialogues(models, options.size.pick(None, None, 2)))
    if options.data.is_dir():
        asked += captions(options.data, models, options.size.pick(240, 120, 60))
    else:
        print(f"without captions: {options.data} is not a directory; set WHENABOUTS_DATA", file=sys.stderr)
    print("MODELS: dict[str, Model] = {")
    figures: dict[str, float] = {}
    everything = asked
    for level, columns in COLUMNS.items():
        asked = [one for one in everything if level == "words" or ("english" in one.columns) == ("english" in columns)]
        figures |= {f"{level}_{name}": value for name, value in left_out(asked, columns).items()}
        weights = fitted(asked, columns)
        slope, offset = calibrated(asked, columns, weights)
        named = ", ".join(f'"{name}": {w:.2f}' for name, w in zip(columns, weights[1:], strict=True) if abs(w) > 0.005)
        print(f'    "{level}": Model({weights[0]:.2f}, {{{named}}}, {slope:.3f}, {offset:.2f}),')
    print("}")
    print(json.dumps(figures))


def dialogues(models: EvidenceModels, most: int | None) -> Iterator[Asked]:
    """Every question about what is said of the tuning half, or of its first dialogues."""
    from whenabouts.synthetic.dialogue import RECIPES, expand, load_recipe

    for name in [name for name in RECIPES if load_recipe(name).half == "tuning"][:most]:
        script = expand(load_recipe(name))
        lines = [TimedText(cue.start, cue.end, cue.text, "said", name) for cue in script.cues if cue.text]
        questions = [question for question in script.questions if question.kind not in {"signal", "relation"}]
        parsed = [parse_query(question.query) for question in questions]
        yield from compared(name, lines, parsed, [question.windows for question in questions], models, 1.0)


def compared(
    name: str,
    lines: Sequence[TimedText],
    queries: Sequence[ParsedQuery],
    windows: Sequence[Sequence[tuple[float, float]]],
    models: EvidenceModels,
    weight: float,
) -> Iterator[Asked]:
    """The columns of every query, and the lines that overlap a true window."""
    known = sentences(lines)
    transcript = Transcript(known)
    sought = [sought_of(query) for query in queries]
    for query, each, alike, true in zip(queries, sought, meanings(transcript, sought, models), windows, strict=True):
        right = np.array([any(line.start < end and start < line.end for start, end in true) for line in known])
        yield Asked(name, query.event, features(transcript, each, alike), right, weight)


def captions(data: Path, models: EvidenceModels, videos: int) -> Iterator[Asked]:
    """Queries of the first half of the captions."""
    first, second = (json.loads((data / "activitynet_captions" / f"{n}.json").read_text()) for n in ("val", "test"))
    chosen = sorted(first.keys() & second.keys())
    random.Random(0).shuffle(chosen)
    chosen = chosen[:1200][: videos // 2]
    for held, queries in grouped(rows(first, chosen), rows(second, chosen), chosen):
        lines = written(held)
        true = [[(line.start, line.end) for line in lines if line.source == video] for video, _, _ in queries]
        parsed = [ParsedQuery(text, words=text, language="en") for _, text, _ in queries]
        yield from compared("captions", lines, parsed, true, models, CAPTION)


def matrix(one: Asked, columns: Sequence[str]) -> np.ndarray:
    """(N, F); a column that a query does not have is zero."""
    nothing = np.zeros(len(one.right))
    return np.stack([one.columns.get(name, nothing) for name in columns], axis=1)


def fitted(asked: Sequence[Asked], columns: Sequence[str]) -> np.ndarray:
    """The bias and the weights (1 + F,)."""
    data = [(matrix(one, columns), one.right, one.weight) for one in asked]
    spread = np.concatenate([x for x, _, _ in data]).var(axis=0) + 1e-3
    ridge = np.r_[0.0, RIDGE * spread]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = float((ridge * w**2).sum()), 2 * ridge * w
        for x, right, weight in data:
            height = x @ w[1:] + w[0]
            top = max(float(height.max()), 0.0)
            share = np.exp(height - top)
            none = np.exp(-top)
            share, none = share / (share.sum() + none), none / (share.sum() + none)
            if right.any():
                chosen = max(float(share[right].sum()), 1e-300)
                total -= weight * np.log(chosen)
                toward = np.where(right, share / chosen, 0.0) - share
            else:
                total -= weight * np.log(max(none, 1e-300))
                toward = -share
            gradient = gradient - weight * np.r_[toward.sum(), x.T @ toward]
        return total, gradient

    bounds = [(None, None)] + [
        (None, None) if name in FREE else (None, 0.0) if name in NEGATIVE else (0.0, None) for name in columns
    ]
    return minimize(loss, np.zeros(len(columns) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x


def calibrated(asked: Sequence[Asked], columns: Sequence[str], weights: np.ndarray) -> tuple[float, float]:
    """Slope and offset: the probability of the best line of a query is the share of such lines that are right."""
    rated = [
        (
            matrix(one, columns) @ weights[1:] + weights[0],
            one.right,
            one.weight * (1.0 if one.right.any() or one.of == "captions" else ABSENT),
        )
        for one in asked
    ]
    best = [int(height.argmax()) for height, _, _ in rated]
    z, y, n = (
        np.array(column)
        for column in zip(
            *[(h[i], float(right[i]), w) for i, (h, right, w) in zip(best, rated, strict=True)], strict=True
        )
    )

    def loss(ab: np.ndarray) -> float:
        return float((n * np.logaddexp(0.0, -(2 * y - 1) * (ab[0] * z + ab[1]))).sum())

    slope, offset = minimize(loss, np.array([0.5, -1.0]), method="BFGS").x
    return float(slope), float(offset)


def left_out(asked: Sequence[Asked], columns: Sequence[str]) -> dict[str, float]:
    """Shares of right best lines and of right ones among the first five, each dialogue left out of its fit."""
    first, five, told = [], [], []
    for name in sorted({one.of for one in asked} - {"captions"}):
        others = [one for one in asked if one.of != name]
        weights = fitted(others, columns)
        slope, offset = calibrated(others, columns, weights)
        for one in asked:
            if one.of == name and not one.right.any():
                height = float((matrix(one, columns) @ weights[1:] + weights[0]).max())
                told.append(1 / (1 + np.exp(-(slope * height + offset))) < PRESENT)
            if one.of == name and one.right.any():
                order = np.argsort(-(matrix(one, columns) @ weights[1:]), kind="stable")
                first.append(bool(one.right[order[0]]))
                five.append(bool(one.right[order[:5]].any()))
    return (
        {"queries": len(first), "r1": float(np.mean(first)), "r5": float(np.mean(five)), "absent": float(np.mean(told))}
        if first
        else {}
    )


if __name__ == "__main__":
    main()
