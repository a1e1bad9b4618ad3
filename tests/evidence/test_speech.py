from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subtitled import video

from whenabouts.errors import ModelError
from whenabouts.evidence import EvidenceModels, EvidenceSettings
from whenabouts.evidence.said import Said
from whenabouts.evidence.speech import RATE, SpeechRecogniser, believable, pieces, sound
from whenabouts.video import Video


@dataclass
class Heard:
    text: str = "so it begins"
    avg_logprob: float = -0.3
    compression_ratio: float = 1.2
    no_speech_prob: float = 0.1
    start: float = 0.0
    end: float = 1.0
    words: None = None


def test_what_a_recogniser_invents_is_left_out() -> None:
    sure = Heard("so it begins")
    inventions = [
        Heard("thank you for watching", no_speech_prob=0.9, avg_logprob=-0.7),
        Heard("mumble", avg_logprob=-1.4),
        Heard("la la la la la la", compression_ratio=3.1),
        Heard("  "),
    ]
    assert list(believable([*inventions, sure])) == [sure]


def test_a_line_may_be_said_twice_but_not_for_ever() -> None:
    assert len(list(believable([Heard("Help!")] * 20))) == 2


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


def babble(seconds: float) -> np.ndarray:
    """Vowels, six a second, as a voice would sing them: enough for a detector of speech."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(120 * (1 + 0.05 * np.sin(2 * np.pi * 4 * time))) / RATE
    voice = np.zeros_like(time)
    vowels = [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240)]
    for number, formants in enumerate(vowels):
        turn = (time * 6).astype(int) % 3 == number
        for k in range(1, 33):
            level = sum(1 / (1 + ((120 * k - formant) / 60) ** 2) for formant in formants) / k**0.5
            voice += turn * level * np.sin(k * phase)
    return (0.4 * voice / np.abs(voice).max() * np.abs(np.sin(np.pi * 6 * time)) ** 0.5).astype(np.float32)


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> str:
    for module in ("faster_whisper", "transformers", "torch"):
        pytest.importorskip(module, reason="makes a scripted Whisper with ctranslate2, transformers and torch")
    from scripted_whisper import scripted_whisper

    return str(scripted_whisper(tmp_path_factory.mktemp("models") / "tiny", "Hello", 0.0, 1.5))


@pytest.mark.parametrize("offset", [0, 7])
def test_speech_is_recognised_where_it_sounds(tmp_path: Path, whisper: str, offset: int) -> None:
    quiet = np.random.default_rng(0).normal(0, 0.001, 2 * RATE).astype(np.float32)
    voice = np.concatenate([quiet, babble(3.0), quiet])
    found = []
    for sound_from in (0.0, 5.0):
        path = video(tmp_path / f"{sound_from}.mkv", seconds=14, sound=voice, sound_from=sound_from, offset=offset)
        [line] = SpeechRecogniser(whisper).recognise(Video(path))
        assert (line.text, line.kind, line.source) == ("Hello", "said", "speech:tiny")
        assert sound_from + 1.5 <= line.start < line.end <= sound_from + 5.5
        found.append(line.start)
    assert found[1] - found[0] == pytest.approx(5.0, abs=0.05)


def test_the_model_is_loaded_once_for_all_videos(tmp_path: Path, whisper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper

    loaded: list[str] = []
    start = faster_whisper.WhisperModel.__init__

    def counted(self: object, model: str, **settings: object) -> None:
        loaded.append(model)
        start(self, model, **settings)

    monkeypatch.setattr(faster_whisper.WhisperModel, "__init__", counted)
    said = Said(EvidenceModels(speech_model=whisper, device="cpu"))
    assert said.weight_bytes == 0
    for seconds in (2, 3):
        path = video(tmp_path / f"{seconds}.mkv", seconds=seconds, sound=babble(seconds))
        said.lines(Video(path), EvidenceSettings(cache=False))
    assert loaded == [whisper] and said.weight_bytes == (Path(whisper) / "model.bin").stat().st_size


def test_nothing_is_heard_in_silence(tmp_path: Path, whisper: str) -> None:
    path = video(tmp_path / "a.mkv", seconds=4, sound=np.zeros(4 * RATE, np.float32))
    assert SpeechRecogniser(whisper).recognise(Video(path)) == []


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    path = video(tmp_path / "a.mkv", seconds=1, sound=np.zeros(RATE, np.float32))
    with pytest.raises(ModelError, match=r"speech model '/no/such/model' cannot be loaded; give the folder"):
        SpeechRecogniser("/no/such/model").recognise(Video(path))
