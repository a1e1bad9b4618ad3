from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from processes import started, wait_until
from spoken import martha, need_voices
from subtitled import video

from whenabouts.errors import ModelError
from whenabouts.evidence import EvidenceModels, EvidenceSettings
from whenabouts.evidence.said import Said
from whenabouts.evidence.speech import SpeechRecogniser
from whenabouts.evidence.speech.sentences import Word
from whenabouts.files import kept as files
from whenabouts.synthetic.voices import Speech, read_aloud
from whenabouts.video import Video
from whenabouts.video.samples import RATE


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
        assert (line.text, line.kind, line.source) == ("Hello", "said", "speech:tiny (en)")
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


@pytest.fixture(autouse=True)
def _fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))


def kept(tmp_path: Path) -> set[Path]:
    return set((tmp_path / "cache" / "text").glob("*.json"))


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return martha()


@pytest.fixture(scope="module")
def packaged() -> Iterator[SpeechRecogniser]:
    """One that holds the packaged model, whatever else is on this machine."""
    need_voices()
    from whenabouts.evidence.speech.weights import packaged

    recogniser = SpeechRecogniser(device="cpu")
    recogniser.__dict__["_weights"] = packaged()
    yield recogniser


@pytest.mark.slow
@pytest.mark.parametrize(("offset", "sound_from", "suffix"), [(0, 0.0, ".mkv"), (7, 3.0, ".mp4")])
def test_a_sentence_is_a_line_with_its_times(
    tmp_path: Path, packaged: SpeechRecogniser, spoken: Speech, offset: int, sound_from: float, suffix: str
) -> None:
    """Sound may be shorter than the picture, begin late, and the clock of the file need not begin at 0."""
    path = video(tmp_path / f"a{suffix}", seconds=14, sound=spoken.samples, sound_from=sound_from, offset=offset)
    lines = packaged.recognise(Video(path))
    assert [line.text for line in lines] == [text for _, _, text in spoken.sentences]
    assert {(line.kind, line.source) for line in lines} == {("said", "speech:base (en)")}
    for line, (start, end, _) in zip(lines, spoken.sentences, strict=True):
        assert (line.start, line.end) == pytest.approx((sound_from + start, sound_from + end), abs=0.15)


@pytest.fixture(scope="module")
def heard(
    tmp_path_factory: pytest.TempPathFactory, packaged: SpeechRecogniser, spoken: Speech
) -> tuple[Path, Path, list[Word]]:
    """A video, the cache that keeps what was heard in it, and that."""
    folder = tmp_path_factory.mktemp("heard")
    path = video(folder / "a.mkv", seconds=9, sound=spoken.samples)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHENABOUTS_CACHE", str(folder / "cache"))
        return path, folder / "cache", packaged.words(Video(path))


def test_words_have_their_own_times(
    packaged: SpeechRecogniser,
    spoken: Speech,
    heard: tuple[Path, Path, list[Word]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, cache, words = heard
    budget = next(word for word in words if word.text == " budget")
    start, end, _ = spoken.sentences[3]
    assert start < budget.start < budget.end < end - 0.4 and budget.language == "en"
    monkeypatch.setenv("WHENABOUTS_CACHE", str(cache))
    assert words == packaged.words(Video(path)), "what is kept is what was heard"


@pytest.mark.slow
def test_two_runs_hear_the_same_and_one_without_a_cache_keeps_nothing(
    tmp_path: Path, packaged: SpeechRecogniser, heard: tuple[Path, Path, list[Word]]
) -> None:
    path, _, words = heard
    assert packaged.words(Video(path), cache=False) == words
    assert not kept(tmp_path)


@pytest.mark.parametrize("damage", [b"", b'[[0.5, 1.0, " Hello"', b'[["a", 1.0, " Hello", "en"]]', b"\xff\xfe"])
def test_a_damaged_file_of_the_cache_is_made_anew(tmp_path: Path, whisper: str, damage: bytes) -> None:
    opened = Video(video(tmp_path / "a.mkv", seconds=3, sound=babble(3)))
    words = SpeechRecogniser(whisper).words(opened)
    [file] = kept(tmp_path)
    files.keep(file, damage)
    assert SpeechRecogniser(whisper).words(opened) == words != []
    assert [Word(*row) for row in json.loads(files.kept(file) or b"")] == words


def test_progress_rises_to_the_end_of_the_sound(tmp_path: Path, whisper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.evidence.speech.pieces.PIECE", 8.0)
    quiet = np.zeros(4 * RATE, np.float32)
    sound = np.concatenate([babble(2), quiet] * 5)
    progress: list[float] = []
    SpeechRecogniser(whisper).recognise(
        Video(video(tmp_path / "a.mkv", seconds=30, sound=sound)), progress=progress.append
    )
    assert progress == sorted(progress) and len(progress) >= 8
    assert progress[0] < 0.3 and progress[-1] == pytest.approx(1.0, abs=0.01)


CHILD = """
import sys
from whenabouts.evidence.speech import SpeechRecogniser, pieces
from whenabouts.video import Video
pieces.PIECE = 8.0
recogniser = SpeechRecogniser(sys.argv[2])
seen = lambda done: print(f"{done:.3f}", flush=True)
print(recogniser.recognise(Video(sys.argv[1]), progress=seen), "_whisper" in recogniser.__dict__)
"""


def test_a_run_that_was_killed_goes_on_where_it_stopped(tmp_path: Path, whisper: str) -> None:
    """The pieces that it finished are not listened to again; after the end only the whole is kept."""
    quiet = np.zeros(4 * RATE, np.float32)
    path = video(tmp_path / "a.mkv", seconds=30, sound=np.concatenate([babble(2), quiet] * 5))
    command = [sys.executable, "-c", CHILD, str(path), whisper]
    with started(command, env=os.environ) as first:
        wait_until(lambda: len(kept(tmp_path)) >= 2 or first.poll() is not None)
    before = {file: file.stat().st_mtime_ns for file in kept(tmp_path)}
    assert before
    rewritten: set[Path] = set()

    def watch(_: float) -> None:
        rewritten.update(f for f, stamp in before.items() if f.exists() and f.stat().st_mtime_ns != stamp)

    import whenabouts.evidence.speech.pieces as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", 8.0)
        resumed = SpeechRecogniser(whisper).recognise(Video(path), progress=watch)
        afresh = SpeechRecogniser(whisper).recognise(Video(path), cache=False)
    assert resumed == afresh and len(resumed) == 5
    assert not rewritten and len(kept(tmp_path)) == 1


@pytest.mark.slow
def test_what_was_heard_is_named_in_the_receipt(
    packaged: SpeechRecogniser, heard: tuple[Path, Path, list[Word]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, cache, _ = heard
    monkeypatch.setenv("WHENABOUTS_CACHE", str(cache))
    said = Said(EvidenceModels(device="cpu"))
    said.__dict__["_recogniser"] = packaged
    assert said.identities == {}
    said.lines(Video(path), EvidenceSettings())
    assert said.identities == {"whisper-base": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"}
    path.with_suffix(".srt").write_text("1\n00:00:00,500 --> 00:00:00,900\nbeside\n")
    said.lines(Video(path), EvidenceSettings())
    assert said.identities == {}, "subtitles were read, and nothing was listened to"
    path.with_suffix(".srt").unlink()


@pytest.mark.slow
def test_german_is_told(tmp_path: Path, packaged: SpeechRecogniser) -> None:
    spoken = read_aloud(["Guten Morgen, meine Damen und Herren.", "Das Haus steht am Fluss."], "de")
    lines = packaged.recognise(Video(video(tmp_path / "a.mkv", seconds=6, sound=spoken.samples)))
    assert {line.source for line in lines} == {"speech:base (de)"} and len(lines) == 2
