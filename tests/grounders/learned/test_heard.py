"""Heads that take sound: on a video, on a file of sound alone, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from drawn import drawn  # noqa: E402
from media import make_video  # noqa: E402

import whenabouts  # noqa: E402
from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
from whenabouts.commands import Predict  # noqa: E402
from whenabouts.encoders.clips import load_maker  # noqa: E402
from whenabouts.encoders.pann import Cnn14  # noqa: E402
from whenabouts.errors import ModelError, VideoError  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.checkpoint import save_head  # noqa: E402
from whenabouts.grounders.learned.grounder import Learned, answer_at_length  # noqa: E402
from whenabouts.grounders.learned.submission import answers  # noqa: E402
from whenabouts.video import open_sound_too  # noqa: E402

HEARD = {"encoder": "pann", "words": "builtin", "clip_seconds": 1.0}


@pytest.fixture(scope="module", autouse=True)
def pann(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pann") / "Cnn14_mAP=0.431.pth"
    torch.save({"model": drawn(Cnn14().state_dict(), 7)}, path)
    return path


@pytest.fixture(autouse=True)
def known(pann: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_PANN", str(pann))


def saved(path: Path, video_dim: int, audio_dim: int, **facts: object) -> Path:
    """A small head with random weights for the words of `builtin`."""
    torch.manual_seed(0)
    text_dim = load_maker("builtin").words(["a"])[0].shape[1]
    save_head(HEADS["qd-detr"].sized(video_dim, text_dim, audio_dim, small=True), path, facts)
    return path


def tone(path: Path, codec: str, seconds: float = 4.5, rate: int = 44_100) -> Path:
    """A file of sound alone: silence, and a tone of 440 Hz from 1 to 3 s."""
    times = np.arange(round(seconds * rate)) / rate
    wave = np.where((times >= 1) & (times < 3), 0.3 * np.sin(2 * np.pi * 440 * times), 0)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        for at in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(
                (wave[None, at : at + 1024] * 32767).astype(np.int16), format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = rate, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "mp3"), ("a.flac", "flac")])
def test_a_file_of_sound_is_asked_as_a_video_is(name: str, codec: str, tmp_path: Path) -> None:
    model = saved(tmp_path / "m.pt", 0, 2048, **HEARD)
    [answer] = whenabouts.find(tone(tmp_path / name, codec), "a bell rings", model=str(model), device="cpu")
    assert answer.duration == pytest.approx(4.5, abs=0.06)
    assert answer.moments and all(0 <= m.start < m.end <= 4.001 for m in answer.moments)
    assert {e.kind for m in answer.moments for e in m.evidence} == {"heard"}
    assert answer.saliency is not None and len(answer.saliency.times) == 4
    assert not answer.notes, "half a second at the end is no whole clip, as officially"


def test_the_answer_is_that_on_the_same_features(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.pt", 0, 2048, **HEARD)
    grounder = Learned(checkpoint=path, device="cpu", understand=False)
    with open_sound_too(tone(tmp_path / "a.wav", "pcm_s16le")) as recording:
        [found] = grounder.ground(recording, ["a bell"])
        maker = load_maker("pann", words="builtin", device="cpu")
        nothing, heard = maker.clips(recording, 1.0)
    assert nothing.shape == (4, 0) and heard is not None
    answer = answer_at_length(grounder._loaded.head, nothing, maker.words(["a bell"])[0], 1.0, heard)
    expected = [window for window in answer.windows if window[0] < window[1]][:5]
    assert np.allclose([[m.start, m.end, m.score] for m in found.moments], expected, atol=1e-4)


def test_pictures_and_sound_of_a_video(tmp_path: Path) -> None:
    make_video(tmp_path / "v.mp4", seconds=6, audio=(0, 4))
    seen = load_maker("builtin").rows(open_sound_too(tmp_path / "v.mp4"), 2.0).shape[1]
    path = saved(tmp_path / "m.pt", seen, 2048, encoder="builtin+pann", clip_seconds=2.0)
    [answer] = whenabouts.find(tmp_path / "v.mp4", "a bell", model=str(path), device="cpu")
    assert {e.kind for m in answer.moments for e in m.evidence} == {"seen"}
    assert answer.notes == ("4 s from the start the sound ends: what comes later was not looked at",)
    assert all(m.end <= 4.001 for m in answer.moments)


def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path) -> None:
    sound = tone(tmp_path / "a.wav", "pcm_s16le", 2.0)
    make_video(tmp_path / "silent.mp4", seconds=2)
    heard = str(saved(tmp_path / "heard.pt", 0, 2048, **HEARD))
    seen = str(saved(tmp_path / "seen.pt", 5, 0, encoder="builtin", clip_seconds=2.0))
    with pytest.raises(VideoError, match="holds sound but no video stream"):
        whenabouts.find(sound, "a bell", model=seen)
    with pytest.raises(VideoError, match="holds sound but no video stream"):
        whenabouts.find(sound, "a dog")
    with pytest.raises(VideoError, match=r"silent\.mp4 has no sound"):
        whenabouts.find(tmp_path / "silent.mp4", "a bell", model=heard)
    with pytest.raises(ModelError, match="takes sound, of which builtin makes no features"):
        whenabouts.find(sound, "a bell", model=heard, encoder="builtin")
    with pytest.raises(ModelError, match="pann has no vectors of words"):
        whenabouts.find(sound, "a bell", model=seen, encoder="pann")


def test_a_recording_of_any_length_is_answered_in_pieces() -> None:
    head = HEADS["qd-detr"].sized(0, 6, 8, small=True, longest=10).eval()
    rng = np.random.default_rng(0)
    sound, text = (rng.normal(size=shape).astype(np.float32) for shape in ((25, 8), (3, 6)))
    example = Example("q", "v", "a bell", np.zeros((0, 2)), 25.0)
    [(_, found)] = answers(head, [FeatureExample(example, np.zeros((25, 0), np.float32), text, sound)])
    assert found.windows and all(0 <= start <= end <= 25.001 for start, end, _ in found.windows)
    assert found.saliency is not None and len(found.saliency) == 25


def test_a_benchmark_of_recordings_is_answered_from_its_files(tmp_path: Path) -> None:
    model = saved(tmp_path / "m.pt", 0, 2048, **HEARD)
    (tmp_path / "files").mkdir()
    tone(tmp_path / "files" / "bells.wav", "pcm_s16le")
    asked = {"qid": 1, "query": "a bell rings", "vid": "bells", "duration": 4.5, "relevant_windows": [[1, 3]]}
    (tmp_path / "own.jsonl").write_text(json.dumps(asked) + "\n")
    done = Predict(
        benchmark=str(tmp_path / "own.jsonl"), videos=tmp_path / "files", model=str(model), device="cpu",
        out=tmp_path / "out.jsonl",
    ).run()  # fmt: skip
    assert not done.failures
    [row] = (json.loads(line) for line in done.path.read_text().splitlines())
    assert row["vid"] == "bells" and row["pred_relevant_windows"]
