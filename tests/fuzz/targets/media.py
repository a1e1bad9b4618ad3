"""Videos, as `find` looks at them: clock, pictures, sound, subtitles, moments, and a clip of one."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

import whenabouts
from fuzz import sound
from fuzz.target import Target
from whenabouts.video import open_sound_too

SIZE = (64, 48)
SRT = b"1\n00:00:00,500 --> 00:00:01,500\nthe dog barks\n"


def seeds(folder: Path) -> Mapping[str, bytes]:
    """A second or two in several containers and codecs, one with sound, one with subtitles, one still."""
    from media import make_sound, make_video

    kinds = {
        "a.mp4": {"audio": (0.0, 1.0)},
        "b.mkv": {"bframes": 2, "offset": 0.5},
        "c.ts": {"muxer": "mpegts", "audio": (0.0, 1.0)},
        "d.avi": {"codec": "mpeg4", "bframes": 0},
        "e.webm": {"codec": "libvpx"},
        "f.mov": {"turn": "90"},
        "g.mpg": {"codec": "mpeg2video", "muxer": "mpeg"},
        "h.flv": {"codec": "flv", "bframes": 0},
        "i.mp4": {"times": [0, 0.04, 0.5, 0.6, 3.0]},
        "j.h264": {"muxer": "h264"},
    }
    for name, how in kinds.items():
        make_video(folder / name, **{"seconds": 1.0, "size": SIZE} | how)  # type: ignore[arg-type]
    make_sound(folder / "k.wav", 0.5)
    _animation(folder / "l.gif")
    _with_words(folder / "m.mkv")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _animation(path: Path) -> None:
    from PIL import Image

    frames = [Image.new("RGB", SIZE, (80 * k, 20, 200)) for k in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    frames[0].save(path.with_name("n.png"))
    frames[1].save(path.with_name("o.jpg"))


def _with_words(path: Path) -> None:
    import subtitled

    subtitled.video(path, seconds=2, pictures=[np.full((48, 64, 3), 99, np.uint8)])


@cache
def _clips() -> Path:
    return Path(tempfile.mkdtemp(prefix="clips-"))


def run(path: Path) -> None:
    """Everything that is done with a video for one question."""
    with open_sound_too(path) as video:
        end = video.duration
        sound.require(np.isfinite(end) and end >= 0, f"a duration of {end}")
        times = [frame.time for frame in islice(video.sample(2.0), 40)]
        sound.require(all(0 <= time <= end + 1e-3 for time in times), f"pictures at {times} of {end} s")
        sound.require(times == sorted(times), f"pictures at {times}")
        sound.predictions(whenabouts.find(video, ["a red square", "someone speaks"], cache=False, top=2), end)
        clip = video.cut(0.0, min(end, 0.5), _clips() / "clip.mkv") if end > 0.1 else None
    if clip is not None:
        with open_sound_too(clip) as cut:
            sound.require(np.isfinite(cut.duration), f"a clip of {cut.duration} s")


TARGET = Target(
    seeds,
    run,
    tokens=(
        *(b"moov", b"mdat", b"stts", b"ctts", b"stsz", b"elst", b"trak", b"stco", b"RIFF", b"LIST", b"idx1", b"G@\x00"),
        *(b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x00\x01g", b"#EXTM3U\nhttp://127.0.0.1:9/x"),
        b"ffconcat version 1.0\nfile /etc/hostname\n",
    ),
)
