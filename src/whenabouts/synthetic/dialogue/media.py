"""The picture and the sound of a script, cheap to make: an hour takes seconds and a few megabytes.

The picture shows drawn people who sway a little, in other colours in each chapter; it holds nothing that a question
asks for but the events of the script. The sound is a murmur with the rhythm of syllables while somebody speaks, a quiet
room between, and nothing at all in `silence` and `black`. Nobody can understand the murmur: what is said stands in the
subtitles alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from whenabouts.files.atomic import replacing
from whenabouts.synthetic.dialogue.script import RATE, Cue, Script

__all__ = ["SAMPLE_RATE", "SIZE", "write_media"]

SIZE = (160, 90)  # pixels
SAMPLE_RATE = 8_000
BLOCK = 10  # seconds encoded at a time, so that an hour needs no memory
LOOP = 20  # seconds of a sound that is repeated
AAC_FRAME = 1024  # samples
SWAY = 12  # pictures, after which the people stand where they stood
SPEAKING, ROOM, CLAPPING, MUSIC, TONE = 0.12, 0.004, 0.25, 0.2, 0.2  # root mean square of full scale, about

Picture = NDArray[np.uint8]
Sound = NDArray[np.float32]


def write_media(path: Path, script: Script, seed: int = 0) -> None:
    """Write an H.264 mp4 with AAC sound of the length of the script. Raises OSError."""
    rng = np.random.default_rng((20261126, seed))
    loops = _loops(rng)
    pictures = _pictures(script, rng)
    with replacing(path) as part, av.open(str(part), "w", "mp4", options={"movflags": "+faststart"}) as out:
        options = {"preset": "ultrafast", "crf": "32", "g": "60"}
        picture = out.add_stream("libx264", rate=RATE, options=options)
        picture.width, picture.height = SIZE
        picture.pix_fmt = "yuv420p"
        sound = out.add_stream("aac", rate=SAMPLE_RATE, layout="mono", bit_rate=8_000, options={"aac_coder": "fast"})
        total = round(script.duration * SAMPLE_RATE) // AAC_FRAME * AAC_FRAME  # the sound never outlasts the picture
        for block in range(0, round(script.duration * RATE), BLOCK * RATE):
            for number in range(block, min(block + BLOCK * RATE, round(script.duration * RATE))):
                frame = next(pictures)
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                out.mux(picture.encode(frame))
            first = block // RATE * SAMPLE_RATE
            samples = _sound(script, loops, first, min(first + BLOCK * SAMPLE_RATE, total))
            if samples.size:
                chunk = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
                chunk.sample_rate, chunk.pts, chunk.time_base = SAMPLE_RATE, first, Fraction(1, SAMPLE_RATE)
                out.mux(sound.encode(chunk))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))


def _pictures(script: Script, rng: np.random.Generator) -> Iterator[av.VideoFrame]:
    """One frame for each 1 / RATE s; equal pictures are the same object, converted once."""
    chapters = [[_frame(p) for p in _people(rng)] for _ in range(1 + max(cue.chapter for cue in script.cues))]
    black, bars = _frame(np.zeros((SIZE[1], SIZE[0], 3), np.uint8)), _frame(_bars())
    events = [cue for cue in script.cues if cue.show in {"black", "bars", "frozen"}]
    starts = np.array([cue.start for cue in script.cues])
    for number in range(round(script.duration * RATE)):
        now = number / RATE + 0.5 / RATE
        chapter = script.cues[max(0, int(np.searchsorted(starts, now)) - 1)].chapter
        event = next((cue for cue in events if cue.start <= now < cue.end), None)
        if event is None:
            yield chapters[chapter][number % SWAY]
        elif event.show == "frozen":
            yield chapters[chapter][round(event.start * RATE) % SWAY]
        else:
            yield black if event.show == "black" else bars


def _people(rng: np.random.Generator) -> Iterator[Picture]:
    """A room with two people who move, `SWAY` pictures (H, W, 3) that close a circle."""
    width, height = SIZE
    rows, columns = np.mgrid[:height, :width]
    wall, floor, left, right = rng.integers(60, 220, size=(4, 3))
    room = np.where((rows < height * 0.72)[..., None], wall, floor) + (columns[..., None] * 0.15)
    for step in range(SWAY):
        angle = 2 * np.pi * step / SWAY
        picture = room.copy()
        for middle, colour, phase in ((0.3, left, 0.0), (0.7, right, 2.0)):
            x, y = width * middle + 5 * np.sin(angle + phase), height * 0.45 + 2 * np.cos(angle)
            head = (columns - x) ** 2 + (rows - y) ** 2 < 11**2
            body = (np.abs(columns - width * middle) < 16) & (rows > y + 14)
            picture[head], picture[body] = (225, 180, 150), colour
        yield picture.clip(16, 255).astype(np.uint8)


def _bars() -> Picture:
    """Seven vertical colour bars at 75 %: white, yellow, cyan, green, magenta, red, blue."""
    colours = np.array(
        [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191)], np.uint8
    )
    row = colours[np.arange(SIZE[0]) * len(colours) // SIZE[0]]
    return np.ascontiguousarray(np.broadcast_to(row, (SIZE[1], SIZE[0], 3)))


def _frame(picture: Picture) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")


def _loops(rng: np.random.Generator) -> dict[str, Sound]:
    """`LOOP` seconds of each sound, without a seam."""
    count = LOOP * SAMPLE_RATE
    time = np.arange(count) / SAMPLE_RATE

    def noise(low: float, high: float) -> NDArray[np.float64]:
        spectrum = np.fft.rfft(rng.standard_normal(count))
        frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
        spectrum[(frequency < low) | (frequency > high)] = 0
        wave: NDArray[np.float64] = np.fft.irfft(spectrum, count)
        return wave

    syllables = np.clip(np.sin(2 * np.pi * 4 * time) + 0.4 * np.sin(2 * np.pi * 1.3 * time) + 0.3, 0, None)
    claps = np.zeros(count)
    for place in rng.integers(0, count, size=LOOP * 60):
        claps[place : place + 400] += np.exp(-np.arange(min(400, count - place)) / 80) * rng.uniform(0.3, 1)
    notes = np.array([261.65, 329.65, 392.0, 523.25])[(time * 2).astype(int) % 4]  # whole periods in half a second
    sounds = {
        "speech": (noise(200, 3000) * syllables, SPEAKING),
        "room": (noise(50, 4000), ROOM),
        "applause": (noise(500, 3900) * claps, CLAPPING),
        "music": (np.sin(2 * np.pi * notes * time) + 0.5 * np.sin(4 * np.pi * notes * time), MUSIC),
        "tone": (np.sin(2 * np.pi * 1000 * time), TONE),
    }
    return {
        name: (wave * (level / np.sqrt(np.mean(wave**2)))).astype(np.float32) for name, (wave, level) in sounds.items()
    }


def _sound(script: Script, loops: dict[str, Sound], first: int, last: int) -> Sound:
    """The samples from `first` to `last`, mono, in [-1, 1]."""
    if last <= first:
        return np.zeros(0, np.float32)
    mixed = np.take(loops["room"], np.arange(first, last), mode="wrap")
    for cue in script.cues:
        start, end = round(cue.start * SAMPLE_RATE), round(cue.end * SAMPLE_RATE)
        if end <= first or start >= last:
            continue
        inside = slice(max(start, first) - first, min(end, last) - first)
        name = _sound_of(cue)
        if name == "nothing":
            mixed[inside] = 0
        elif name:
            mixed[inside] += np.take(loops[name], np.arange(first, last)[inside], mode="wrap")
    return np.clip(mixed, -1, 1)


def _sound_of(cue: Cue) -> str:
    """The name of a loop, "nothing", or "" for the room alone."""
    if cue.show is None:
        return "speech"
    names = {"black": "nothing", "silence": "nothing", "frozen": "", "bars": "tone"}
    return names.get(cue.show, cue.show)
