"""Small videos of plain colours whose truth is known, and a grounder that honestly looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from whenabouts.moment import Moment, clips_to_windows
from whenabouts.prediction import Prediction
from whenabouts.trust import Case
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

COLOURS = {
    "red": (200, 30, 30),
    "green": (30, 160, 30),
    "blue": (30, 30, 200),
    "yellow": (220, 220, 40),
    "cyan": (40, 210, 210),
    "magenta": (210, 40, 210),
    "black": (10, 10, 10),
    "white": (245, 245, 245),
    "orange": (250, 140, 20),
    "brown": (110, 60, 20),
}
SHOWN = 6  # colours of a video; the others do not happen in it
RATE = 8
FPS = 4.0


def coloured_cases(folder: Path, videos: int = 5, *, subtitles: bool = True) -> list[Case]:
    """Every colour asked of every video, in two ways; subtitles beside it name half of those that it shows."""
    cases = []
    for number in range(videos):
        rng = np.random.default_rng(number)
        order = [str(name) for name in rng.permutation(list(COLOURS))[:SHOWN]]
        stills = [Still(np.full((48, 64, 3), COLOURS[name], np.uint8), float(rng.uniform(1, 3)), 1.0) for name in order]
        path = folder / f"colours-{number}.mp4"
        times = dict(zip(order, compose(path, stills, size=(64, 48), rate=RATE), strict=True))
        if subtitles:
            rows = [
                f"{n}\n{_stamp(start)} --> {_stamp(end)}\nThis is {name}.\n"
                for n, (name, (start, end)) in enumerate(times.items(), 1)
                if n % 2
            ]
            path.with_suffix(".srt").write_text("\n".join(rows))
        video = Video(path)
        for name in COLOURS:
            truth = np.array([times[name]] if name in times else []).reshape(-1, 2)
            cases += [Case(video, query, truth) for query in (name, f"something {name}")]
    return cases


class SeesColours:
    """Finds the stretch that has the colour of the query; knows when there is none."""

    whole = True
    asked = 0

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The longest stretch of each colour."""
        self.asked += 1
        means = np.array([frame.image.mean(axis=(0, 1)) for frame in video.sample(FPS, size=8)])
        palette = np.array(list(COLOURS.values()), float)
        distance = np.linalg.norm(means[:, None] - palette[None], axis=2)
        nearest = np.where(distance.min(axis=1) < 40, distance.argmin(axis=1), -1)
        return [self._answer(query, nearest, video.duration) for query in queries]

    def _answer(self, query: str, nearest: np.ndarray, duration: float) -> Prediction:
        windows = clips_to_windows(
            np.flatnonzero(nearest == list(COLOURS).index(query.rpartition(" ")[2])).tolist(), 1 / FPS
        )
        if not len(windows):
            return Prediction(query, (Moment(0.0, min(0.5, duration), 0.05),), duration, presence=0.05)
        start, end = max(windows.tolist(), key=lambda window: window[1] - window[0])
        return Prediction(query, (Moment(start, min(end, duration), 0.95),), duration, presence=0.95)


class Oracle:
    """Knows the truth of some cases by the name of the file, and says that nothing else happens."""

    whole = True

    def __init__(self, cases: Sequence[Case]) -> None:
        self.known = {(case.video.path.name, case.query): case.truth for case in cases}

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The true windows."""
        found = [(query, self.known.get((video.path.name, query))) for query in queries]
        return [
            Prediction(query, tuple(Moment(a, b) for a, b in truth), video.duration, presence=1.0)
            if truth is not None and len(truth)
            else Prediction(query, (), video.duration, presence=0.0)
            for query, truth in found
        ]


def _stamp(seconds: float) -> str:
    return f"00:00:{int(seconds):02d},{int(seconds % 1 * 1000):03d}"
