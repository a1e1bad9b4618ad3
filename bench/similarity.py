"""How well the embedded encoder finds moments in composed videos whose truth is known.

    python bench/similarity.py [--quick | --smoke] [--fit] [--fps 2] [--short] [--coarse]

Beside the grounder stand three answers that do not look at the video: the whole of it, its middle third and a random
third. `--fit` prints `PRESENCE` of `evidence/presence.py`, fitted on the tuning half; `--short` shows ten scenes a
video for 1 to 2 s each, in place of eight for 3 to 9 s; `--coarse` leaves edges where the frames looked at put them.
Beside overlaps and presence two things are measured:

cut_exact  of the cuts between composed shots at which a moment should end, the share where the nearest edge of such a
           moment is within one frame: a moment should end at both ends of a true window that it overlaps by a tIoU of
           at least 0.5. `edge_exact` is the share of all these edges of moments, of however many queries.
spoken     the mean and largest presence (`spoken_mean`, `spoken_max`) of queries that only speech can answer, asked of
           the same videos, none of which has any; they are in no other figure.
told       `absent_told` and `present_denied`, the shares of queries that do not happen, and of those that do,
           which are said to be absent.

One tuning query, "a spacecraft before lift-off at dusk", is read as what happens before something else, of which
nothing is found; it costs 0.05 of `tuning_auroc`.

The last line is JSON: the figures of the held-out half, those of the tuning half with the prefix `tuning_`, of a
baseline with its name.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from _more_queries import MORE
from _size import Size, parser
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.encoders.features import video_features
from whenabouts.evidence.boundaries import segments, shots
from whenabouts.evidence.impression import Impression, described_shots
from whenabouts.evidence.likeness import Likeness
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.synthetic.composed import SCENES, Question, Split, make_video
from whenabouts.video import Video

Answers = list[tuple[Question, Prediction]]
RATE = 24  # frames per second of composed videos
SPOKEN: dict[Split, tuple[str, ...]] = {
    "tuning": (
        "she apologises",
        "he admits a mistake",
        "she talks about her mother",
        "they mention the budget",
        "he thanks his colleagues",
        "what is her name",
        "she explains why she left",
        "he disagrees with the decision",
        "how much did the project cost",
        "the first time they mention the contract",
        "she promises to write",
        "he denies the rumour",
    ),
    "held-out": (
        "he says that he is sorry",
        "she admits a weakness",
        "he corrects what he said earlier",
        "she mentions the election",
        "where was he born",
        "she reveals the final price",
        "he tells the story of his grandfather",
        "they agree on a date",
        "she complains about the noise",
        "the speaker greets the audience",
        "she talks about a helicopter",
        "he warns of the danger",
    ),
}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--fit", action="store_true", help="print a calibration fitted on the tuning half")
    arguments.add_argument("--fps", type=float, default=2.0)
    arguments.add_argument("--short", action="store_true", help="show each scene for 1 to 2 s")
    arguments.add_argument("--coarse", action="store_true", help="leave edges where the frames looked at put them")
    options = arguments.parse_args()
    videos, scenes = options.size.pick((8, 8), (2, 8), (1, 3))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for split in SCENES:
            answers: Answers = []
            spoken: Answers = []
            asked: list[tuple[Path, tuple[Question, ...]]] = []
            for number in range(videos):
                made = make_video(
                    Path(folder) / f"{split}-{number}.mp4",
                    split,
                    number,
                    scenes=10 if options.short else scenes,
                    short=options.short or options.size is Size.SMOKE,
                )
                asked.append((made.path, made.questions))
                questions = [*made.questions, *(Question(query, "spoken", ()) for query in SPOKEN[split])]
                for pair in ask(made.path, questions, options.fps, options.coarse):
                    (spoken if pair[0].kind == "spoken" else answers).append(pair)
            prefix = "tuning_" if split == "tuning" else ""
            figures |= {prefix + name: value for name, value in report(split, answers, spoken).items()}
            if options.fit and split == "tuning":
                fit(asked, options.fps)
    print(json.dumps(figures))


def ask(path: Path, questions: list[Question], fps: float, coarse: bool) -> Answers:
    grounder = Similarity(fps=fps, evidence=("seen",), cache=False)
    queries = [question.query for question in questions]
    with Video(path) as video:
        found = grounder.answer(video, queries) if coarse else grounder.ground(video, queries)
    return list(zip(questions, found, strict=True))


def report(split: Split, answers: Answers, spoken: Answers) -> dict[str, float]:
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
    figures["absent_told"] = round(float(np.mean([p.absent for q, p in answers if not q.truth])), 4)
    figures["present_denied"] = round(float(np.mean([p.absent for _, p in present])), 4)
    print(
        f"  said to be absent: {figures['absent_told']:.3f} of what is, {figures['present_denied']:.3f} of what is not"
    )
    chances = [float(prediction.presence or 0.0) for _, prediction in spoken]
    figures["spoken_mean"], figures["spoken_max"] = round(float(np.mean(chances)), 4), round(max(chances), 4)
    print(f"  presence of {len(spoken)} queries for speech: mean {np.mean(chances):.3f}, largest {max(chances):.3f}")
    figures["cut_exact"], figures["edge_exact"] = exactness(present)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for (question, _), overlap in zip(present, best_overlaps(methods[""], truths), strict=True):
        by_kind[question.kind].append(overlap)
    kinds = (f"{kind} {np.mean(np.array(v) >= 0.5):.2f} of {len(v)}" for kind, v in sorted(by_kind.items()))
    print("  R1@0.5 by kind: " + ", ".join(kinds))
    return figures


def best_overlaps(windows: list[tuple[float, float]], truths: list[tuple[tuple[float, float], ...]]) -> np.ndarray:
    return np.array([tiou(window, truth).max() for window, truth in zip(windows, truths, strict=True)])


def exactness(present: Answers) -> tuple[float, float]:
    """Shares of composed cuts, and of edges of moments, that are within one frame of each other."""
    nearest: dict[tuple[str | None, float], float] = {}
    edges: list[float] = []
    for question, prediction in present:
        for truth in question.truth:
            for moment in prediction.moments:
                if tiou((moment.start, moment.end), truth).item() < 0.5:
                    continue
                for cut, edge in zip(truth, (moment.start, moment.end), strict=True):
                    if 1 / RATE < cut < prediction.duration - 1 / RATE:
                        place = prediction.video, cut
                        nearest[place] = min(nearest.get(place, np.inf), abs(edge - cut))
                        edges.append(abs(edge - cut))
    cut_exact, edge_exact = (
        float(np.mean(np.array(errors) <= 1.01 / RATE)) if errors else 0.0 for errors in ([*nearest.values()], edges)
    )
    print(f"  {len(nearest)} cuts exact to a frame: {cut_exact:.3f}; {len(edges)} edges: {edge_exact:.3f}")
    return round(cut_exact, 4), round(edge_exact, 4)


def presence(answers: Answers) -> tuple[float, float]:
    """AUROC, and the calibration error over ten bins with present and absent queries weighted alike."""
    p = np.array([prediction.presence for _, prediction in answers], dtype=float)
    y = np.array([bool(question.truth) for question, _ in answers])
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    bins = np.minimum((p * 10).astype(int), 9)
    error = sum(abs((weight * (y - p))[bins == b].sum()) for b in range(10))
    return round(float(roc_auc_score(y, p)), 4), round(float(error), 4)


def fit(paths: list[tuple[Path, tuple[Question, ...]]], fps: float) -> None:
    """Weights of height, impression and familiarity; a query counts as much where it happens as where it does not."""
    encoder = BuiltinEncoder()
    likeness, impression = Likeness.of(encoder), Impression.of(encoder)
    rows: list[tuple[str, bool, float, float, float]] = []
    for path, questions in paths:
        with Video(path) as video:
            frames = video_features(video, encoder, fps=fps, cache=False)
        cuts = shots(frames.vectors)
        happens = {q.query: bool(q.truth) for q in questions}
        happens |= {more: happens[first] for first, of in MORE.items() if first in happens for more in of}
        queries = list(happens)
        meanings = encoder.meanings(queries)
        best = impression.best(meanings, described_shots(encoder, frames.half, cuts))
        curves = likeness.curves(encoder.encode_texts(queries), frames.vectors)
        for query, curve, z, known in zip(queries, curves, best, encoder.familiarity(meanings), strict=True):
            found = segments(curve, cuts)
            rows.append((query, happens[query], found[0].peak if found else -1.0, float(z), float(known)))
    count = Counter((query, yes) for query, yes, *_ in rows)
    weight = np.array([0.5 / count[query, yes] if count[query, not yes] else 0.0 for query, yes, *_ in rows])
    x, y = np.array([row[2:] for row in rows]), np.array([row[1] for row in rows])
    if not weight.any():
        print("  too few videos to fit: no query happens in one of them and not in another")
        return
    weights = logistic(x, y, weight) * sharpness(x, y, weight, np.array([scene_of(query) for query, *_ in rows]))
    print(f"  fitted: Presence({', '.join(f'{value:.2f}' for value in weights)})")


def logistic(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Slopes and bias; rows without weight take no part."""
    x, y, weight = x[weight > 0], y[weight > 0], weight[weight > 0]
    mean, spread = x.mean(axis=0), x.std(axis=0)
    model = LogisticRegression(C=1.0).fit((x - mean) / spread, y, sample_weight=weight)
    slopes = model.coef_[0] / spread
    return np.append(slopes, model.intercept_[0] - slopes @ mean)


def sharpness(x: np.ndarray, y: np.ndarray, weight: np.ndarray, scenes: np.ndarray) -> float:
    """The inverse of the temperature of weights that were fitted without the scene that is asked for.

    Here queries that never happen count too, and as many queries happen as do not.
    """
    told = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    odds = np.zeros(len(x))
    for scene in np.unique(scenes):
        without = np.where(scenes == scene, 0.0, weight)
        if len(np.unique(y[without > 0])) < 2:
            return 1.0
        odds[scenes == scene] = told[scenes == scene] @ logistic(x, y, without)
    model = LogisticRegression(C=1e6, fit_intercept=False, class_weight="balanced").fit(odds[:, None], y)
    return float(model.coef_[0, 0])


def scene_of(query: str) -> int:
    """The number of the tuning scene that a query describes, or -1."""
    for number, scene in enumerate(SCENES["tuning"]):
        asked = [query for query, _ in scene.queries]
        if query in (*asked, *MORE.get(asked[0], ())):
            return number
    return -1


if __name__ == "__main__":
    main()
