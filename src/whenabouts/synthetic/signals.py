"""Videos with known faults of the signal: a moving picture and a voice-like sound into which events are put.

The picture is a soft texture that wanders, with the noise of a camera; the sound is what the caller gives. Every event
begins and ends at a picture, and its true times are what the file's stamps say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

__all__ = ["BARS", "Fault", "hiss", "melody", "mumble", "tone", "write_faulty"]

TICKS = 90_000  # per second
SOUND_RATE = 48_000  # Hz
BARS = ((191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191))
COLOURS = {"white": (255, 255, 255), "blue": (20, 30, 200), "grey": (128, 128, 128)}

Picture = NDArray[np.uint8]
Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` is put from `start` to `end`, in seconds.

    It is "black", "blank white", "bars", "frozen", "still", "flash", "fade out", "fade in", or "cut", which lasts no
    time: the picture that begins at `start` is of another scene.
    """

    what: str
    start: float
    end: float


def write_faulty(
    path: Path,
    faults: Sequence[Fault] = (),
    *,
    times: Sequence[Fraction],
    size: tuple[int, int] = (320, 180),
    sound: Sound | None = None,
    sound_from: float = 0.0,
    offset: float = 0.0,
    motion: float = 1.0,
    brightness: float = 1.0,
    noise: float = 2.0,
    seed: int = 0,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pix_fmt: str = "yuv420p",
    full_range: bool = False,
) -> list[Fault]:
    """Write a video whose pictures begin at `times`; return the faults with the times at which pictures show them.

    `sound` is mono at 48 kHz and begins at `sound_from`; all stamps are `offset` seconds later. `motion` is how fast
    the picture wanders, `noise` the deviation of the camera's noise and `brightness` a factor.
    """
    scenes = _Scenes(size, motion, brightness, noise, seed)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=25, options=options or _encoding(codec))
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        ticks = 30_000 if codec == "mpeg4" else TICKS  # MPEG-4 Part 2 cannot count finer
        stream.codec_context.time_base = Fraction(1, ticks)
        if full_range:
            stream.codec_context.color_range = 2  # JPEG: 0 to 255
        voice: Any = (
            out.add_stream("pcm_s16le" if path.suffix == ".mkv" else "aac", rate=SOUND_RATE, layout="mono")
            if sound is not None
            else None
        )
        if voice is not None and sound is not None:
            _write_sound(out, voice, sound, sound_from + offset)
        for time in times:
            image = scenes.picture(float(time), faults)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(format=pix_fmt, dst_color_range=2 if full_range else 1)
            frame.time_base, frame.pts = Fraction(1, ticks), round((time + Fraction(offset)) * ticks)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    shown = [float(Fraction(round(time * ticks), ticks)) for time in times]
    return [_as_shown(fault, shown) for fault in faults]


def _encoding(codec: str) -> dict[str, str]:
    return {"preset": "ultrafast", "crf": "23"} if codec == "libx264" else {}


def _as_shown(fault: Fault, times: Sequence[float]) -> Fault:
    def first_from(time: float) -> float:
        return next((each for each in times if each >= time - 1e-6), time)

    return Fault(fault.what, first_from(fault.start), first_from(fault.end))


class _Scenes:
    def __init__(self, size: tuple[int, int], motion: float, brightness: float, noise: float, seed: int) -> None:
        self.width, self.height = size
        self.motion, self.brightness, self.noise = motion, brightness, noise
        self.random = np.random.default_rng(seed)
        self._textures: dict[int, NDArray[np.float32]] = {}
        self._held: dict[Fault, Picture] = {}

    def picture(self, time: float, faults: Sequence[Fault]) -> Picture:
        cuts = sum(1 for fault in faults if fault.what == "cut" and time >= fault.start - 1e-6)
        current = [fault for fault in faults if fault.start - 1e-6 <= time < fault.end - 1e-6 and fault.what != "cut"]
        image = self._scene(time, cuts)
        for fault in current:
            image = self._with(fault, image, time)
        return image

    def _with(self, fault: Fault, image: Picture, time: float) -> Picture:
        if fault.what == "black":
            return np.zeros_like(image)
        if fault.what == "bars":
            columns = np.arange(self.width) * 7 // self.width
            return np.broadcast_to(np.array(BARS, np.uint8)[columns], image.shape).copy()
        if fault.what.startswith("blank "):
            return np.full_like(image, COLOURS[fault.what.removeprefix("blank ")])
        if fault.what == "frozen":
            return self._held.setdefault(fault, image)
        if fault.what == "still":
            return self._held.setdefault(fault, self._scene(0.0, 50 + round(10 * fault.start)))
        if fault.what == "flash":
            return np.clip(image.astype(np.int16) + 150, 0, 255).astype(np.uint8)
        done = (time - fault.start) / (fault.end - fault.start)
        level = 1 - done if fault.what == "fade out" else done
        return (image * level).astype(np.uint8)

    def _scene(self, time: float, number: int) -> Picture:
        if number not in self._textures:
            self._textures[number] = np.random.default_rng(1000 + number).uniform(0, 255, (9, 14, 3)).astype(np.float32)
        at = self.motion * time
        left, top = 3 + 2.5 * np.sin(0.9 * at), 2 + 1.6 * np.sin(0.7 * at + 1)
        view = self.brightness * _view(self._textures[number], self.width, self.height, float(left), float(top))
        return np.clip(view + self.random.normal(0, self.noise, (self.height, self.width, 1)), 0, 255).astype(np.uint8)


def _view(coarse: NDArray[np.float32], width: int, height: int, left: float, top: float) -> NDArray[np.float32]:
    """Six by four cells of a coarse picture, from (left, top) on, smoothly enlarged."""
    rows, columns = top + np.linspace(0, 4, height), left + np.linspace(0, 6, width)
    above, before = rows.astype(int), columns.astype(int)
    down, right = (rows - above)[:, None, None], (columns - before)[None, :, None]
    wide = coarse[:, before] * (1 - right) + coarse[:, before + 1] * right
    mixed: NDArray[np.float32] = (wide[above] * (1 - down) + wide[above + 1] * down).astype(np.float32)
    return mixed


def _write_sound(out: Any, stream: Any, sound: Sound, start: float) -> None:
    first = round(start * SOUND_RATE)
    pcm = stream.codec_context.name.startswith("pcm")
    for at in range(0, len(sound), 1024):
        piece = np.clip(sound[at : at + 1024], -1, 1)[None]
        data = (piece * 32767).astype(np.int16) if pcm else np.ascontiguousarray(piece, np.float32)
        frame = av.AudioFrame.from_ndarray(data, format="s16" if pcm else "fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, first + at, Fraction(1, SOUND_RATE)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE


def mumble(seconds: float, *, level: float = 0.25, seed: int = 0) -> Sound:
    """Vowels of a voice, a few a second with short pauses between words: what a detector takes for speech."""
    random = np.random.default_rng(seed)
    rate = SOUND_RATE // 3  # nothing of a voice is above 8 kHz
    time = np.arange(-(-round(seconds * SOUND_RATE) // 3)) / rate
    pitch = 115 * (1 + 0.08 * np.sin(2 * np.pi * 0.7 * time) + 0.03 * np.sin(2 * np.pi * 4 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    vowels = np.array([(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480)])
    turn = random.integers(0, len(vowels), int(seconds * 5) + 2)[(time * 5).astype(int)]
    voice = np.zeros_like(time)
    for k in range(1, 28):
        gains = (1 / (1 + ((115 * k - vowels) / 70) ** 2)).sum(axis=1) / k**0.5
        voice += gains[turn] * np.sin(k * phase)
    words = np.clip(np.sin(2 * np.pi * 1.3 * time + 0.4 * np.sin(2 * np.pi * 0.31 * time)) * 3 + 2.2, 0, 1)
    words[(time < 0.2) | (time > seconds - 0.2)] = 1  # it begins and ends with sound
    voice *= words * (0.35 + np.abs(np.sin(np.pi * 5 * time)) ** 0.6)
    fine = np.interp(_time(seconds), time, voice)
    return (level * fine / max(float(np.abs(fine).max()), 1e-9)).astype(np.float32)


def melody(seconds: float, *, level: float = 0.2, seed: int = 0) -> Sound:
    """Plucked notes over chords."""
    random, time = np.random.default_rng(seed), _time(seconds)
    music = np.zeros_like(time)
    scale = 220 * 2 ** (np.array([0, 2, 4, 7, 9, 12]) / 12)
    for beat in range(int(seconds / 0.4) + 1):
        since = time - 0.4 * beat
        ringing = (since >= 0) & (since < 1.6)
        notes = [random.choice(scale), *(0.5 * scale[[0, 2, 3]] if beat % 4 == 0 else [])]
        for note in notes:
            part = since[ringing]
            music[ringing] += sum(
                np.exp(-(2 + k) * part) * np.sin(2 * np.pi * note * k * part) / k for k in range(1, 7)
            )
    return (level * music / max(float(np.abs(music).max()), 1e-9)).astype(np.float32)


def hiss(seconds: float, *, level: float = 0.001, seed: int = 0) -> Sound:
    """The noise of a room: low frequencies prevail."""
    white = np.random.default_rng(seed).normal(0, 1, len(_time(seconds)))
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(1 + (np.fft.rfftfreq(len(white), 1 / SOUND_RATE) / 300) ** 2)
    room = np.fft.irfft(spectrum, len(white))
    return (level * room / max(float(room.std()), 1e-9)).astype(np.float32)


def tone(seconds: float, *, pitch: float = 1000.0, level: float = 0.2) -> Sound:
    """A sine."""
    return (level * np.sin(2 * np.pi * pitch * _time(seconds))).astype(np.float32)
