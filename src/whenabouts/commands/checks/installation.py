"""All that `doctor` looks at, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from whenabouts.commands.check import Check, broken
from whenabouts.commands.checks.extras import extras
from whenabouts.commands.checks.models import models
from whenabouts.commands.checks.outward import outward, telemetry
from whenabouts.commands.checks.stored import cache, leftovers, libraries
from whenabouts.commands.checks.versions import codecs, dependencies, program

__all__ = ["decoding", "installation"]


def installation(places: list[Path], *, deep: bool, repair: bool) -> Iterator[Check]:
    """Each check when it is done.

    deep:   extras are imported, models work once, and every file of the cache is read
    repair: what is damaged or left over is removed
    """
    yield program()
    yield dependencies()
    yield codecs()
    yield decoding()
    yield from models(load=deep)
    yield from cache(read=deep, repair=repair)
    yield leftovers(repair=repair)
    yield from libraries(places, repair=repair)
    yield telemetry()
    yield outward()
    yield from extras(load=deep)


def decoding() -> Check:
    """Whether a video is written, and read with its times."""
    try:
        from whenabouts.video import Video
        from whenabouts.video.compose import Still, compose

        stills = [Still(np.full((48, 64, 3), level, np.uint8), 1.0, 1.0) for level in (0, 120, 240)]
        with TemporaryDirectory(prefix="whenabouts-") as folder:
            path = Path(folder) / "three-seconds.mp4"
            compose(path, stills, size=(64, 48), rate=8)
            with Video(path) as video:
                seen = [round(float(frame.image.mean()) / 120) for frame in video.sample(1.0, start=0.5)]
                right = abs(video.duration - 3.0) < 0.01 and seen == [0, 1, 2]
    except Exception as error:  # whatever a damaged FFmpeg does
        return broken("video", error)
    if not right:
        return Check("video", "broken", "a video of three seconds was read back with other times or pictures")
    return Check("video", "ok", "written and read back: times and pictures are exact")
