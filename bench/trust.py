"""Whether probabilities and ranges of the embedded default are what they say, and known flaws are named.

    python bench/trust.py [--quick | --smoke]

Videos of many lengths are joined from pieces of the composed benchmark (`synthetic/composed.py`), 3 to 14 scenes of 3
to 9 s each; the vectors of a picture or a sentence are kept from one video to the next. Of each video all queries that
happen are asked, and as many that do not, drawn by seed from those of scenes that it does not show and of things that
no video shows.

Calibration is on other *videos* than the test, drawn alike: of the videos of the held-out scenes a third is drawn to
test on, again and again, and figures are means over the draws; `low` and `high` are the 5th and 95th percentile. With
the prefix `tuning_` stand the same figures where the calibrator was fitted on videos of the tuning half, which shows
other scenes, so that nothing is promised of them.

auroc, ece, brier, fpr95 …                         of the calibrated presence; `auroc_raw` and `ece_raw` as it came
coverage_90, and with `_short`, `_middle`, `_long` of ranges for 90 %, and of thirds of the videos by length
half_width_…                                       median radius, in seconds and as a share of the video
answered_…                                         of queries that happen and have a presence of 0.5 or more
flaws_named                                        of 5 grounders with one flaw each, those called by it (`_flaws.py`);
                                                   `named` is what each was called, `accused` what honest ones were

The last line is JSON.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _flaws import flaws
from _size import parser

from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.grounders.similarity import Similarity
from whenabouts.synthetic.composed import ABSENT, SCENES, Split
from whenabouts.synthetic.composed import _shot as shot_of
from whenabouts.trust.answered import Answered
from whenabouts.trust.calibration.presence import Presence
from whenabouts.trust.conformal import Ranges
from whenabouts.trust.held_out import HeldOut, held_out, parted
from whenabouts.video import Video
from whenabouts.video.compose import compose
from whenabouts.video.join import join

RATE, SIZE = 8, (256, 144)
LENGTHS = 3  # pieces of each scene
SCENES_AT_MOST = 14
HELD_OUT = 1 / 3  # of the videos; the others are calibrated on


class Kept(BuiltinEncoder):
    """The embedded encoder, with the vectors of all pictures and sentences it was given."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: dict[bytes, np.ndarray] = {}
        self._texts: dict[str, np.ndarray] = {}

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Vectors of images, those of each picture made once."""
        keys = [image.tobytes() for image in images]
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in self._pictures}
        self._pictures |= dict(zip(new, super().encode_images(list(new.values())), strict=True))
        return np.stack([self._pictures[key] for key in keys]) if keys else super().encode_images([])

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, that of each text made once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        self._texts |= {text: super(Kept, self).encode_texts([text])[0] for text in new}
        return np.stack([self._texts[text] for text in texts]) if texts else super().encode_texts([])


@dataclass(frozen=True)
class Scale:
    """How many videos are answered, of how many scenes at most, and how often they are parted."""

    held_out: int
    tuning: int
    scenes: int
    splits: int
    coverage: float = 0.9


SCALES = Scale(120, 60, SCENES_AT_MOST, 100), Scale(40, 20, 8, 20), Scale(3, 2, 2, 2, coverage=0.5)


def main() -> None:
    options = parser(__doc__).parse_args()
    print(json.dumps(calibration(options.size.pick(*SCALES)) | flaws(options.size)))


def calibration(scale: Scale) -> dict[str, object]:
    """Figures of presence and of ranges."""
    with tempfile.TemporaryDirectory() as folder:
        answers = answered(Path(folder), "held-out", range(scale.held_out), scale.scenes)
        others = answered(Path(folder), "tuning", range(scale.tuning), scale.scenes)
    return figures_of(answers, others, scale)


def figures_of(answers: list[Answered], others: list[Answered], scale: Scale) -> dict[str, object]:
    rounds = [measure(*parted(answers, HELD_OUT, seed), seed, scale.coverage) for seed in range(scale.splits)]
    figures = {"videos": len({one.video for one in answers}), "queries": len(answers), **summed(rounds)}
    shifted = summed([measure(others, answers, 0, scale.coverage)])
    return figures | {f"tuning_{name}": value for name, value in shifted.items()}


def measure(fitted: list[Answered], tested: list[Answered], seed: int, coverage: float) -> HeldOut:
    return held_out(fitted, tested, Presence.fit(fitted, seed=seed), Ranges.fit(fitted, coverage), seed=seed)


def summed(rounds: list[HeldOut]) -> dict[str, object]:
    """Means over the rounds, with their 5th and 95th percentile where there are several."""
    values: dict[str, list[float]] = defaultdict(list)
    for found in rounds:
        calibrated, raw = found.figures["calibrated"], found.figures["as it came"]
        ranges = found.ranges
        assert ranges is not None
        for name in ("auroc", "ece", "brier", "fpr95", "aurc", "e_aurc", "accuracy@50", "rejection_f1"):
            values[name].append(calibrated[name])
        values["auroc_raw"].append(raw["auroc"])
        values["ece_raw"].append(raw["ece"])
        values["coverage_90"].append(ranges.coverage.mean)
        for third, held in zip(("short", "middle", "long"), ranges.by_length.values(), strict=False):
            values[f"coverage_90_{third}"].append(held.mean)
        values["half_width_seconds"].append(ranges.width[0])
        values["half_width_share"].append(ranges.width[1])
        values["answered_coverage_90"].append(ranges.answered[0])
        values["answered_half_width_seconds"].append(ranges.answered[1])
    means: dict[str, object] = {name: round(float(np.mean(each)), 4) for name, each in values.items()}
    if len(rounds) > 1:
        for name in ("ece", "coverage_90"):
            low, high = np.quantile(values[name], [0.05, 0.95])
            means |= {f"{name}_low": round(float(low), 4), f"{name}_high": round(float(high), 4)}
    return means


def answered(folder: Path, split: Split, numbers: Iterable[int], most: int) -> list[Answered]:
    """The answers to the queries of these videos of a split, of `most` scenes at most, beside their truth."""
    pieces = pieces_of(folder, split, most)
    grounder = Similarity(encoder=Kept(), evidence=("seen",), cache=False)
    answers: list[Answered] = []
    began = time.monotonic()
    for number in numbers:
        path = folder / f"{split}.mp4"
        truths = make(path, split, pieces, number)
        with Video(path) as video:
            found = grounder.ground(video, list(truths))
        rows = zip(found, truths.values(), strict=True)
        answers += [Answered.of(f"{split}-{number}", one, np.array(true)) for one, true in rows]
        told = f"{found[0].duration:.0f} s, {len(truths)} queries, after {time.monotonic() - began:.0f} s"
        print(f"{split} {number}: {told}", flush=True)
    return answers


def pieces_of(folder: Path, split: Split, most: int) -> list[list[tuple[Path, int]]]:
    """Files with their numbers of frames, `LENGTHS` of each scene; of part of a clip one."""
    rng = np.random.default_rng((20261127, split == "tuning"))
    scenes = SCENES[split] if most >= SCENES_AT_MOST else SCENES[split][: most + 1]
    pieces = []
    for number, scene in enumerate(scenes):
        ways = []
        for length in range(1 if scene.part else LENGTHS):
            path = folder / f"{split}-{number}-{length}.mp4"
            [(_, end)] = compose(path, [shot_of(scene, float(rng.uniform(3, 9)), short=False)], size=SIZE, rate=RATE)
            ways.append((path, round(end * RATE)))
        pieces.append(ways)
    return pieces


def make(
    path: Path, split: Split, pieces: list[list[tuple[Path, int]]], number: int
) -> dict[str, list[tuple[float, float]]]:
    """Join video `number`, and the true windows of queries about it, of which half do not happen."""
    rng = np.random.default_rng((20261127, split == "tuning", number))
    scenes = SCENES[split]
    chosen = [int(i) for i in rng.permutation(len(pieces))[: rng.integers(3, min(SCENES_AT_MOST, len(pieces)) + 1)]]
    order = [*chosen, chosen[0]]
    while any(order[i] == order[i - 1] for i in range(len(order))):  # the first has none before it but the last
        order = [int(i) for i in rng.permutation(order)]
    times = join(path, [pieces[scene][int(rng.integers(len(pieces[scene])))] for scene in order], RATE)
    truths: dict[str, list[tuple[float, float]]] = {
        query: [time for scene, time in zip(order, times, strict=True) if scene == one]
        for one in chosen
        for query, _ in scenes[one].queries
    }
    files = {scenes[i].file for i in chosen}
    absent = [query for scene in scenes if scene.file not in files for query, _ in scene.queries] + [*ABSENT[split]]
    drawn = rng.permutation(len(absent))[: len(truths)]
    return truths | {absent[i]: [] for i in drawn}


if __name__ == "__main__":
    main()
