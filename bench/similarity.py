"""How well the embedded encoder finds moments in composed videos whose truth is known.

    python bench/similarity.py [--quick | --smoke] [--fit] [--fps 2]

Beside the grounder stand three answers that do not look at the video: the whole of it, its middle third and a random
third. `--fit` prints the calibration of `evidence/presence.py`, fitted on the tuning half. The last line is JSON:
the figures of the held-out half, those of the tuning half with the prefix `tuning_`, of a baseline with its name.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from _size import parser
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.synthetic.composed import SCENES, ComposedVideo, Question, Split, make_video
from whenabouts.video import Video

Answers = list[tuple[Question, Prediction]]


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--fit", action="store_true", help="print a calibration fitted on the tuning half")
    arguments.add_argument("--fps", type=float, default=2.0)
    options = arguments.parse_args()
    videos, scenes = options.size.pick((8, 8), (2, 8), (1, 3))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for split in SCENES:
            answers = [
                pair
                for number in range(videos)
                for pair in ask(
                    make_video(Path(folder) / f"{split}-{number}.mp4", split, number, scenes=scenes), options.fps
                )
            ]
            prefix = "tuning_" if split == "tuning" else ""
            figures |= {prefix + name: value for name, value in report(split, answers).items()}
            if options.fit and split == "tuning":
                fit(answers)
    print(json.dumps(figures))


def ask(made: ComposedVideo, fps: float) -> Answers:
    grounder = Similarity(fps=fps, evidence=("seen",), cache=False)
    with Video(made.path) as video:
        return list(zip(made.questions, grounder.ground(video, [q.query for q in made.questions]), strict=True))


def report(split: Split, answers: Answers) -> dict[str, float]:
    present = [(q, p) for q, p in answers if q.truth]
    rng = np.random.default_rng(0)
    blind = {
        "whole": [(0.0, p.duration) for _, p in present],
        "centre": [(p.duration / 3, p.duration * 2 / 3) for _, p in present],
        "random": [(s, s + p.duration / 3) for _, p in present for s in [rng.uniform(0, p.duration * 2 / 3)]],
    }
    truths = [q.truth for q, _ in present]
    methods = {"": [(p.best.start, p.best.end) if p.best else (0.0, 0.0) for _, p in present], **blind}
    print(f"\n{split}: {len(present)} queries that happen, {len(answers) - len(present)} that do not")
    figures: dict[str, float] = {}
    for name, windows in methods.items():
        overlaps = best_overlaps(windows, truths)
        scores = {f"r1_0{round(t * 10)}": float((overlaps >= t).mean()) for t in (0.3, 0.5, 0.7)}
        scores["miou"] = float(overlaps.mean())
        print(f"  {name or 'similarity':12}" + "".join(f"  {key} {value:.3f}" for key, value in scores.items()))
        figures |= {f"{name}_{key}" if name else key: round(value, 4) for key, value in scores.items()}
    figures["auroc"], figures["ece"] = presence(answers)
    print(f"  presence: AUROC {figures['auroc']:.3f}, expected calibration error {figures['ece']:.3f}")
    by_kind: dict[str, list[float]] = defaultdict(list)
    for (question, _), overlap in zip(present, best_overlaps(methods[""], truths), strict=True):
        by_kind[question.kind].append(overlap)
    kinds = (f"{kind} {np.mean(np.array(v) >= 0.5):.2f} of {len(v)}" for kind, v in sorted(by_kind.items()))
    print("  R1@0.5 by kind: " + ", ".join(kinds))
    return figures


def best_overlaps(windows: list[tuple[float, float]], truths: list[tuple[tuple[float, float], ...]]) -> np.ndarray:
    return np.array([tiou(window, truth).max() for window, truth in zip(windows, truths, strict=True)])


def presence(answers: Answers) -> tuple[float, float]:
    """AUROC, and the calibration error over ten bins with present and absent queries weighted alike."""
    p = np.array([prediction.presence for _, prediction in answers], dtype=float)
    y = np.array([bool(question.truth) for question, _ in answers])
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    bins = np.minimum((p * 10).astype(int), 9)
    error = sum(abs((weight * (y - p))[bins == b].sum()) for b in range(10))
    return round(float(roc_auc_score(y, p)), 4), round(float(error), 4)


def fit(answers: Answers) -> None:
    heights = [height(prediction) for _, prediction in answers]
    happens = [bool(question.truth) for question, _ in answers]
    model = LogisticRegression(class_weight="balanced", C=1e3).fit(np.array(heights)[:, None], happens)
    print(f"  fitted: Calibration({model.coef_[0, 0]:.2f}, {model.intercept_[0]:.2f})")


def height(prediction: Prediction) -> float:
    """The peak of what was seen, taken back from its probability."""
    from whenabouts.evidence.presence import CALIBRATION

    slope, bias = CALIBRATION["builtin"]
    p = min(max(float(prediction.presence or 0.0), 1e-4), 1 - 1e-4)
    return (float(np.log(p / (1 - p))) - bias) / slope


if __name__ == "__main__":
    main()
