from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subtitled import video

from whenabouts.evidence.speech.pieces import pieces
from whenabouts.video import Video
from whenabouts.video.samples import RATE
from whenabouts.video.samples import samples as sound


@given(
    lengths=st.lists(st.integers(0, RATE * 3), max_size=12),
    seconds=st.floats(0.5, 4.0),
)
def test_pieces_are_the_whole_sound_in_order(lengths: list[int], seconds: float) -> None:
    whole = np.arange(sum(lengths), dtype=np.float32)
    blocks = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    got = list(pieces(blocks, seconds=seconds))
    assert np.array_equal(np.concatenate([np.zeros(0, np.float32), *(samples for _, samples in got)]), whole)
    assert all(samples[0] == round(start * RATE) for start, samples in got)
    assert all(len(samples) <= round(seconds * RATE) for _, samples in got)


def test_a_piece_ends_where_it_is_quiet() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, 8 * RATE).astype(np.float32)
    noise[int(2.9 * RATE) : int(3.3 * RATE)] = 0
    starts = [start for start, _ in pieces([noise], seconds=4.0)]
    assert 2.9 <= starts[1] <= 3.3


@pytest.mark.parametrize("offset", [0, 7])
@pytest.mark.parametrize("sound_from", [0.0, 2.0])
def test_sound_is_on_the_media_clock(tmp_path: Path, offset: int, sound_from: float) -> None:
    tone = np.zeros(2 * RATE, np.float32)
    tone[RATE : RATE + RATE // 2] = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE // 2) / RATE)
    path = video(tmp_path / "a.mkv", seconds=6, sound=tone, sound_from=sound_from, offset=offset)
    samples = np.concatenate(list(sound(Video(path))))
    loud = np.flatnonzero(np.abs(samples) > 0.05) / RATE
    assert samples.dtype == np.float32
    assert loud[0] == pytest.approx(sound_from + 1.0, abs=0.03)
    assert loud[-1] == pytest.approx(sound_from + 1.5, abs=0.03)


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def test_sound_that_outlasts_the_picture_ends_with_it(tmp_path: Path) -> None:
    opened = Video(video(tmp_path / "a.mkv", seconds=2, sound=tone(1)))
    assert sum(map(len, sound(opened))) == RATE
    opened = Video(video(tmp_path / "b.mkv", seconds=2, sound=tone(5)))
    assert sum(map(len, sound(opened))) <= round(opened.duration * RATE)


def with_tracks(path: Path, tracks: list[tuple[str, np.ndarray, bool]]) -> Path:
    """A video of 3 s with tracks of 48 kHz sound: layout, samples (channels, N) float32, whether it is the default."""
    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        streams = []
        for layout, _, default in tracks:
            stream = out.add_stream("flac", rate=48_000)
            stream.layout = layout
            stream.disposition = av.stream.Disposition.default if default else av.stream.Disposition(0)
            streams.append(stream)
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts = number
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        for stream, (layout, samples, _) in zip(streams, tracks, strict=True):
            for at in range(0, samples.shape[1], 4096):
                block = np.ascontiguousarray((samples[:, at : at + 4096].T * 32767).astype(np.int16).reshape(1, -1))
                frame = av.AudioFrame.from_ndarray(block, format="s16", layout=layout)
                frame.sample_rate, frame.pts = 48_000, at
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path


def burst(channels: int, channel: int, second: float) -> np.ndarray:
    """Three seconds with half a second of a tone in one channel."""
    samples = np.zeros((channels, 3 * 48_000), np.float32)
    time = np.arange(24_000) / 48_000
    samples[channel, round(second * 48_000) : round(second * 48_000) + 24_000] = 0.5 * np.sin(2 * np.pi * 440 * time)
    return samples


def first_loud(path: Path) -> float:
    samples = np.concatenate(list(sound(Video(path))))
    return float(np.flatnonzero(np.abs(samples) > 0.05)[0] / RATE)


@pytest.mark.parametrize("channel", [0, 1, 2, 4])
def test_a_voice_in_any_channel_of_surround_sound_is_heard(tmp_path: Path, channel: int) -> None:
    path = with_tracks(tmp_path / "a.mkv", [("5.1", burst(6, channel, 1.0), True)])
    assert first_loud(path) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("chosen", [0, 1])
def test_of_several_tracks_the_default_one_is_heard(tmp_path: Path, chosen: int) -> None:
    tracks = [("stereo", burst(2, 0, 0.5 + number), number == chosen) for number in range(2)]
    assert first_loud(with_tracks(tmp_path / "a.mkv", tracks)) == pytest.approx(0.5 + chosen, abs=0.01)
