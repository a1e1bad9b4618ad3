"""Search by example: whether a changed picture finds the scene that it is from, and what is said where it is from none.

    python bench/example.py [--quick | --smoke] [--fit]

Composed videos (`synthetic/composed.py`) are asked for pictures of their own scenes, and of the scenes of their split
that they do not show. A picture is the still that a scene was made of, or a frame of its clip, changed as pictures of
the same thing differ: `crop` shows the middle 40 % of the area or so, `dark` and `bright` halve and lift it, `mirror`
turns it over, `small` has 64 pixels, `jpeg` is compressed to quality 12, `turn` is rotated by 12 degrees.

r1        share of pictures whose best moment has its middle in a shot of the scene, by `whenabouts`, by `pixels` (the
          frame whose 16 × 16 thumbnail is nearest, which is what a plain comparison of frames does) and by `text` (the
          first sentence that describes the scene, asked instead)
auroc     whether presence tells pictures of scenes that are there from others; `ece` is its calibration error over ten
          bins, with both kinds weighted alike
told      `absent_told` and `present_denied`: shares of those that are not there, and of those that are, which are said
          to be absent
again     "more like this" from the middle of a shot that is shown twice: `again_r1` is the share whose best moment is
          the other time, `itself` the share with any moment in the shot that the example is from
worded    a grey scene with the name of a colour beside it, in frames of scenes tinted in four colours each:
          `worded_r1` for both, `picture_r1` and `words_r1` for either alone (chance among tints of the scene is 0.25)

`--fit` prints `ALIKE` of `evidence/presence.py`, fitted on the tuning half. The last line is JSON: the figures of the
held-out half, those of the tuning half with the prefix `tuning_`.
"""

from __future__ import annotations

import io
import json
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _size import parser
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from whenabouts.encoders import Encoder
from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.encoders.example import encode_example
from whenabouts.evidence import Answer, EvidenceModels, EvidenceSettings
from whenabouts.evidence.alike import alike, cosines, standardised
from whenabouts.evidence.presence import ALIKE
from whenabouts.grounders.similarity import Similarity
from whenabouts.prediction import ABSENT
from whenabouts.query import Example
from whenabouts.synthetic.composed import SCENES, ComposedVideo, Scene, Split, make_video
from whenabouts.video import Video

COLOURS = {"red": (1.0, 0.35, 0.3), "green": (0.35, 0.9, 0.35), "blue": (0.3, 0.45, 1.0), "yellow": (1.0, 0.9, 0.25)}
THUMBNAIL = 16


def cropped(image: Image.Image) -> Image.Image:
    w, h = image.size
    return image.crop((round(0.2 * w), round(0.15 * h), round(0.82 * w), round(0.8 * h)))


def compressed(image: Image.Image) -> Image.Image:
    data = io.BytesIO()
    image.save(data, "JPEG", quality=12)
    return Image.open(data)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "crop": cropped,
    "dark": lambda image: image.point(lambda value: value * 0.5),
    "bright": lambda image: image.point(lambda value: min(255, value * 1.3 + 25)),
    "mirror": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "small": lambda image: image.resize((64, max(1, round(64 * image.height / image.width)))),
    "jpeg": compressed,
    "turn": lambda image: image.rotate(12, Image.Resampling.BILINEAR),
}


@dataclass(frozen=True)
class Asked:
    """A picture that was asked for in a video, and what came."""

    change: str
    present: bool
    hit: bool
    pixels: bool
    presence: float
    peak: float


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--fit", action="store_true", help="fit the calibration on the tuning half")
    options = arguments.parse_args()
    count = options.size.pick(8, 3, 1)
    figures: dict[str, float] = {}
    models = EvidenceModels(BuiltinEncoder())
    with tempfile.TemporaryDirectory() as folder:
        splits: tuple[Split, ...] = ("tuning", "held-out")
        for split in splits:
            made = [make_video(Path(folder) / f"{split}{number}.mp4", split, number) for number in range(count)]
            asked = [one for video in made for one in ask(video, split, models, Path(folder))]
            if split == "tuning" and options.fit:
                fit(asked)
            found = report(split, asked) | texts(made, split, models) | again(made, split, models)
            print("  ", {name: found[name] for name in list(found)[-3:]})
            figures |= {f"tuning_{name}" if split == "tuning" else name: value for name, value in found.items()}
        figures |= worded(models.frame_encoder)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def picture(scene: Scene, number: int) -> Image.Image:
    """The still of a scene, or a frame of its clip at a time that depends on the video."""
    if scene.part is None:
        return Image.open(scene.path()).convert("RGB")
    start, end = scene.part
    with Video(scene.path()) as video:
        [frame] = video.at([start + (end - start) * (0.15 + 0.7 * ((number * 0.618) % 1))])
    return Image.fromarray(frame.image)


def ask(made: ComposedVideo, split: Split, models: EvidenceModels, folder: Path) -> Iterator[Asked]:
    """Every scene of the split in every change: those that the video shows, and those that it does not."""
    truths = {question.query: question.truth for question in made.questions}
    shown = {scene.file for scene in SCENES[split] if truths.get(scene.queries[0][0])}
    with Video(made.path) as video:
        thumbnails = [
            (frame.time, small(Image.fromarray(frame.image))) for frame in video.sample(2, size=4 * THUMBNAIL)
        ]
        for scene in SCENES[split]:
            truth = truths.get(scene.queries[0][0], ())
            if not truth and scene.file in shown:
                continue  # another part of the same clip may show the same thing
            original = picture(scene, zlib.crc32(made.path.name.encode()))
            original.thumbnail((512, 512))
            for change, changed in CHANGES.items():
                image = changed(original).convert("RGB")
                image.save(path := folder / "example.bmp")
                example = encode_example(Example(str(path)), models.frame_encoder)
                [answer] = alike(video, example, [""], models, EvidenceSettings())
                time = min(thumbnails, key=lambda one: float(np.square(one[1] - small(image)).sum()))[0]
                inside = any(start <= time < end for start, end in truth)
                yield Asked(change, bool(truth), hit(answer, truth), inside, presence(answer), peak(answer))


def small(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX), np.float32)


def hit(answer: Answer, truth: tuple[tuple[float, float], ...]) -> bool:
    if not answer.moments:
        return False
    middle = (answer.moments[0].start + answer.moments[0].end) / 2
    return any(start <= middle < end for start, end in truth)


def presence(answer: Answer) -> float:
    return max((moment.score for moment in answer.moments), default=0.0)


def peak(answer: Answer) -> float:
    """The height that the presence was made of."""
    return ALIKE["builtin"].height(min(max(presence(answer), 1e-9), 1 - 1e-9))


def report(split: Split, asked: list[Asked]) -> dict[str, float]:
    there = [one for one in asked if one.present]
    print(f"\n{split}: {len(there)} pictures of scenes that are there, {len(asked) - len(there)} of others")
    print(f"  {'':8}" + "".join(f"{change:>8}" for change in CHANGES) + f"{'all':>8}")
    found: dict[str, float] = {}
    for name, right in (("r1", lambda one: one.hit), ("pixels", lambda one: one.pixels)):
        by_change = [np.mean([right(one) for one in there if one.change == change]) for change in CHANGES]
        print(f"  {name:8}" + "".join(f"{value:8.3f}" for value in [*by_change, np.mean(by_change)]))
        found |= {f"{name}_{change}": float(value) for change, value in zip(CHANGES, by_change, strict=True)}
        found[name] = float(np.mean(by_change))
    p, y = np.array([one.presence for one in asked]), np.array([one.present for one in asked])
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    bins = np.minimum((p * 10).astype(int), 9)
    found["auroc"] = float(roc_auc_score(y, p))
    found["ece"] = float(sum(abs((weight * (y - p))[bins == b].sum()) for b in range(10)))
    found["absent_told"], found["present_denied"] = float((p[~y] < ABSENT).mean()), float((p[y] < ABSENT).mean())
    print("  ", {name: round(found[name], 3) for name in ("auroc", "ece", "absent_told", "present_denied")})
    return found


def texts(made: list[ComposedVideo], split: Split, models: EvidenceModels) -> dict[str, float]:
    """The same scenes by their first sentences."""
    grounder = Similarity(encoder=models.frame_encoder, understand=False)
    right = []
    for one in made:
        truths = {question.query: question.truth for question in one.questions}
        queries = [scene.queries[0][0] for scene in SCENES[split] if truths.get(scene.queries[0][0])]
        with Video(one.path) as video:
            for query, prediction in zip(queries, grounder.answer(video, queries), strict=True):
                best = prediction.best
                middle = (best.start + best.end) / 2 if best else -1
                right.append(any(start <= middle < end for start, end in truths[query]))
    return {"text": float(np.mean(right))}


def again(made: list[ComposedVideo], split: Split, models: EvidenceModels) -> dict[str, float]:
    """Ask for more like this with both times of the scene that each video shows twice."""
    other, itself = [], []
    for one in made:
        twice = next(question.truth for question in one.questions if len(question.truth) == 2)
        with Video(one.path) as video:
            for (start, end), rest in zip(twice, reversed(twice), strict=True):
                middle, reach = (start + end) / 2, (end - start) / 4
                example = encode_example(Example("", middle - reach, middle + reach), models.frame_encoder, video)
                [answer] = alike(video, example, [""], models, EvidenceSettings())
                other.append(hit(answer, (rest,)))
                inside = (m for m in answer.moments if start <= (m.start + m.end) / 2 < end)
                itself.append(any(True for _ in inside))
    return {"again_r1": float(np.mean(other)), "itself": float(np.mean(itself))}


def worded(encoder: Encoder) -> dict[str, float]:
    """Scenes tinted in four colours: the grey scene, the name of the colour, and both."""
    stills = [scene for split in SCENES.values() for scene in split if scene.part is None]
    frames, places = [], []
    for number, scene in enumerate(stills):
        grey = np.asarray(picture(scene, 0).convert("L").resize((encoder.size, encoder.size)), np.float32)
        for colour, factors in COLOURS.items():
            frames.append((grey[..., None] * np.array(factors, np.float32)).astype(np.uint8))
            places.append((number, colour))
    vectors = encoder.encode_images(frames)
    names = dict(zip(COLOURS, encoder.encode_texts(list(COLOURS)) @ vectors.T, strict=True))
    right: dict[str, list[bool]] = {"picture_r1": [], "words_r1": [], "worded_r1": []}
    for number, scene in enumerate(stills):
        grey_picture = picture(scene, 0).convert("L").convert("RGB").resize((encoder.size, encoder.size))
        [vector] = encoder.encode_images([np.asarray(grey_picture)])
        likeness = cosines(vector / np.linalg.norm(vector), vectors)
        for colour in COLOURS:
            curves = {
                "picture_r1": likeness,
                "words_r1": names[colour],
                "worded_r1": standardised(likeness) + standardised(names[colour]),
            }
            for name, curve in curves.items():
                right[name].append(places[int(np.argmax(curve))] == (number, colour))
    found = {name: float(np.mean(values)) for name, values in right.items()}
    print("\nwords beside a picture:", {name: round(value, 3) for name, value in found.items()})
    return found


def fit(asked: list[Asked]) -> None:
    """The logistic function of the height, pictures that are there and others weighted alike."""
    x, y = np.array([[one.peak] for one in asked]), np.array([one.present for one in asked])
    model = LogisticRegression(C=1e4, class_weight="balanced").fit(x, y)
    print(f"  fitted: Calibration({model.coef_[0, 0]:.2f}, {model.intercept_[0]:.2f})")


if __name__ == "__main__":
    main()
