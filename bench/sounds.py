"""How well signals and sounds are found, where they are known by construction, and how much their probability says.

    python bench/sounds.py [--quick | --smoke] [--data FOLDER]

Videos of forty seconds are made with black, frozen, blank and barred pictures, flashes, cuts and fades at random times,
at several rates, codecs and depths, over scenes that move, stand still or are dark; their sound has voices, music,
tones, bangs and silence over rooms of several loudnesses. Every query is asked of every video. A moment is right where
it overlaps a true one by half of their union (a cut: within one frame; a change of loudness: where it holds the true
time). For each query: of the true ones how many are found, of the moments told how many are right, their mean
probability, the median error of an edge in seconds, and in how many videos without it presence is 0.3 or more. With
--data real videos are measured too. The last line is JSON of all.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from _size import parser

from whenabouts.evidence import EvidenceSettings, MomentKind
from whenabouts.evidence.heard import Heard
from whenabouts.evidence.signal import Signal
from whenabouts.moment import Moment, tiou
from whenabouts.synthetic.signals import SOUND_RATE, Fault, Sound, hiss, melody, mumble, tone, write_faulty
from whenabouts.video import Video

SECONDS = 40
FIRST = 100  # of the seeds; those below were looked at while the thresholds were chosen
TOLD = 0.3  # probability from which a moment counts as told
SIGNALS = {
    "black": "black screen",
    "frozen": "the picture freezes",
    "bars": "colour bars",
    "blank white": "a white screen",
    "flash": "a flash",
    "cut": "a hard cut",
    "fade out": "fade to black",
    "fade in": "fade in",
}
SOUNDS = {
    "silence": "silence",
    "long silence": "a long silence",
    "music": "music",
    "speech": "speech",
    "no speech": "nobody speaks",
    "tone": "a beep",
    "sudden": "a sudden loud noise",
    "louder": "it gets louder",
}
WAYS: tuple[dict[str, Any], ...] = (
    {"codec": "libx264"},
    {"codec": "libx264", "options": {"preset": "veryfast", "crf": "32"}},
    {"codec": "libx264", "pix_fmt": "yuv420p10le"},
    {"codec": "mpeg4", "options": {"qscale": "5"}},
    {"codec": "libx264", "full_range": True},
)
RATES = (Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(12))
SCENES: tuple[dict[str, Any], ...] = (
    {"motion": 1.0},
    {"motion": 3.0, "noise": 4.0},
    {"motion": 0.0, "noise": 3.0},
    {"motion": 0.6, "brightness": 0.25},
    {"motion": 0.8, "brightness": 0.12, "noise": 3.0},
)


@dataclass
class Tally:
    """Of one query over all videos."""

    true: int = 0
    found: int = 0
    scores: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    absent: int = 0
    false_alarms: int = 0

    def figures(self) -> dict[str, float | None]:
        """Shares and means, None where there is nothing to share."""
        return {
            "true": self.true,
            "found": ratio(self.found, self.true),
            "told": len(self.right),
            "right": ratio(sum(self.right), len(self.right)),
            "probability": round(mean(self.scores), 3) if self.scores else None,
            "edge_error": round(median(self.edges), 3) if self.edges else None,
            "absent": self.absent,
            "false_alarms": ratio(self.false_alarms, self.absent),
        }


def ratio(some: int, of: int) -> float | None:
    return round(some / of, 3) if of else None


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--data", type=Path, default=Path(os.environ.get("WHENABOUTS_DATA", "../shared/data")))
    options = arguments.parse_args()
    count = options.size.pick(40, 10, 2)
    tallies: dict[str, Tally] = defaultdict(Tally)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FIRST, FIRST + count):
            path = Path(folder) / f"{number}.mkv"
            truths = composed(path, number)
            with Video(path) as video:
                frame = 1 / float(video.probe.average_rate or 25)
                for kind, queries in ((Signal(), SIGNALS), (Heard(), SOUNDS)):
                    ask(kind, queries, video, truths, frame, tallies)
            path.unlink()
    figures = {name: tally.figures() for name, tally in tallies.items()}
    for name, row in figures.items():
        print(f"{name:13}", "  ".join(f"{key} {value}" for key, value in row.items()))
    print(json.dumps(figures | (real(options.data) if options.data.is_dir() else {})))


def ask(
    kind: MomentKind,
    queries: dict[str, str],
    video: Video,
    truths: dict[str, list[tuple[float, float]]],
    frame: float,
    tallies: dict[str, Tally],
) -> None:
    """Ask every query of one video and count what comes."""
    for (name, _), answer in zip(
        queries.items(), kind.answers(video, list(queries.values()), EvidenceSettings(cache=False)), strict=True
    ):
        tally, true = tallies[name], truths[name]
        told = [moment for moment in answer.moments if moment.score >= TOLD]
        hits = [[k for k, span in enumerate(true) if matches(name, moment, span, frame)] for moment in told]
        if name == "cut":  # every hard edge of another signal is one too, but not sought
            others = truths["edges"]
            hits = [
                hit or [-1] * any(matches(name, m, span, frame) for span in others)
                for m, hit in zip(told, hits, strict=True)
            ]
        tally.true += len(true)
        tally.found += len({k for hit in hits for k in hit if k >= 0})
        tally.scores += [moment.score for moment in told]
        tally.right += [bool(hit) for hit in hits]
        for moment, hit in zip(told, hits, strict=True):
            if hit and hit[0] >= 0 and name not in {"cut", "louder"}:
                tally.edges += [abs(moment.start - true[hit[0]][0]), abs(moment.end - true[hit[0]][1])]
        if not true and not (name == "cut" and truths["edges"]):
            tally.absent += 1
            tally.false_alarms += bool(told)


def matches(name: str, moment: Moment, span: tuple[float, float], frame: float) -> bool:
    if name == "cut":
        return moment.start - 0.1 * frame <= span[0] <= moment.end + 0.1 * frame
    if name == "louder":
        return moment.start - 0.5 <= span[0] <= moment.end + 0.5
    return float(tiou([moment.start, moment.end], span)[0, 0]) >= (0.3 if name in {"sudden", "flash"} else 0.5)


def composed(path: Path, number: int) -> dict[str, list[tuple[float, float]]]:
    """Write one video and return what is true of it, by the names of queries."""
    chance = random.Random(number)
    rate = RATES[number % len(RATES)]
    times = [Fraction(k) / rate for k in range(int(SECONDS * rate))]
    scene = SCENES[number % len(SCENES)]
    faults = list(_faults(chance, still=scene["motion"] == 0.0))
    sound, heard = _sound(chance)
    shown = write_faulty(
        path, faults, times=times, size=(320, 180), sound=sound, seed=number, **scene, **WAYS[number % len(WAYS)]
    )
    truths: dict[str, list[tuple[float, float]]] = defaultdict(list, heard)
    hard = {"black", "bars", "blank white", "still", "frozen"}
    for fault in shown:
        truths[fault.what].append((fault.start, fault.end))
        if fault.what in hard:
            truths["edges"] += [(fault.start, fault.start), (fault.end, fault.end)]
    truths["edges"] += truths["cut"]
    return truths


def _faults(chance: random.Random, *, still: bool) -> Iterator[Fault]:
    kinds = ["black", "bars", "blank white", "flash", "cut", "faded", "still", *([] if still else ["frozen"])]
    at = chance.uniform(2, 4)
    for what in chance.sample(kinds, 4):
        length = chance.uniform(2.6, 5) if what in {"frozen", "still"} else chance.uniform(0.5, 4)
        length = {"flash": 0.09, "cut": 0.0}.get(what, length)
        if what == "faded":
            out, back = chance.uniform(0.6, 1.6), chance.uniform(0.6, 1.6)
            yield Fault("fade out", at, at + out)
            yield Fault("black", at + out, at + out + length)
            yield Fault("fade in", at + out + length, at + out + length + back)
            length += out + back
        else:
            yield Fault(what, at, at + length)
        at += length + chance.uniform(2.5, 4)


def _sound(chance: random.Random) -> tuple[Sound, dict[str, list[tuple[float, float]]]]:
    """Voices, music, tones, bangs and gaps one after the other, and where they are."""
    room = chance.choice([0.0, 0.0003, 0.001, 0.003])
    whole = hiss(SECONDS, level=room, seed=chance.randrange(1000))
    true: dict[str, list[tuple[float, float]]] = defaultdict(list)
    at, last_voice = 0.0, None
    while at < SECONDS - 6:
        what = chance.choice(["speech", "speech", "music", "tone", "gap", "gap", "long gap", "sudden", "louder"])
        if what == "louder" and last_voice != at:
            what = "speech"
        length = {"tone": 0.7, "sudden": 0.15, "gap": chance.uniform(2.6, 4), "long gap": chance.uniform(7.5, 10)}.get(
            what, chance.uniform(4, 7)
        )
        length = min(length, SECONDS - at)
        seed = chance.randrange(1000)
        if what == "speech":
            piece = mumble(length, level=0.08, seed=seed)
        elif what == "louder":
            piece, what = mumble(length, level=0.5, seed=seed), "speech"
            true["louder"].append((at, at))
        elif what == "music":
            piece = melody(length, level=0.12, seed=seed)
        elif what == "tone":
            piece = tone(length, pitch=chance.choice([440.0, 1000.0, 2000.0]))
        elif what == "sudden":
            fading = np.exp(-np.arange(round(0.15 * SOUND_RATE)) / SOUND_RATE / 0.04)
            piece = (np.random.default_rng(seed).normal(0, 0.8, len(fading)) * fading).astype(np.float32)
            length = len(piece) / SOUND_RATE
        else:
            piece = np.zeros(0, np.float32)
        first = round(at * SOUND_RATE)
        whole[first : first + len(piece)] += piece[: len(whole) - first]
        true[what].append((at, at + length))
        at += length
        last_voice = at if what == "speech" else None
        if what in {"tone", "sudden"}:
            true["gap"].append((at, at + 1.5))
            at += 1.5
    if at < SECONDS:
        true["gap"].append((at, float(SECONDS)))
    return whole, _told(true)


def _told(true: dict[str, list[tuple[float, float]]]) -> dict[str, list[tuple[float, float]]]:
    """As people name it: neighbouring gaps are one silence, a long one from five seconds on."""
    silent = _joined(true["gap"] + true["long gap"])
    spoken = _joined(true["speech"])
    edges = [0.0, *(edge for span in spoken for edge in span), float(SECONDS)]
    unspoken = [(edges[k], edges[k + 1]) for k in range(0, len(edges), 2)]
    return {
        "silence": [span for span in silent if span[1] - span[0] >= 2.0],
        "long silence": [span for span in silent if span[1] - span[0] >= 5.0],
        "music": _joined(true["music"]),
        "speech": spoken,
        "no speech": [span for span in unspoken if span[1] - span[0] >= 2.5],
        "tone": true["tone"],
        "sudden": true["sudden"],
        "louder": true["louder"],
    }


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + 1e-6:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def real(data: Path) -> dict[str, object]:
    """Of real videos: moments told of what two of them have not, and the black of the long interview."""
    told = []
    for path in sorted((data / "videos").glob("*.mp4")):
        with Video(path) as video:
            for kind, queries in ((Signal(), SIGNALS), (Heard(), SOUNDS)):
                answers = kind.answers(video, list(queries.values()), EvidenceSettings(cache=False))
                for name, answer in zip(queries, answers, strict=True):
                    told += [
                        f"{path.stem}: {name} {m.start:.2f} to {m.end:.2f}" for m in answer.moments if m.score >= TOLD
                    ]
    for line in told:
        print(line, file=sys.stderr)
    interview = data / "interview" / "interview.mp4"
    if not interview.is_file():
        return {"real_told": told}
    with Video(interview) as video:
        begun = time.perf_counter()
        [black] = Signal().answers(video, ["black screen"], EvidenceSettings(cache=False))
        seconds = time.perf_counter() - begun
    return {
        "real_told": told,
        "interview_black": [(round(moment.start, 3), round(moment.end, 3)) for moment in black.moments],
        "interview_seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
