from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from subtitled import video

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence import gather
from whenabouts.video import Video

NOISE = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.evidence.kinds.find_spec", lambda name: None)
    monkeypatch.setattr("whenabouts.evidence.speech.recogniser.find_spec", lambda name: None)


def test_subtitles_need_no_extra(tmp_path: Path, without_extras: None) -> None:
    path = video(tmp_path / "a.mkv", codec="subrip", lines=[(1.0, 2.0, "inside")], sound=NOISE)
    (tmp_path / "a.srt").write_text(
        "1\n00:00:00,500 --> 00:00:00,900\nbeside\n\n2\n00:00:01,000 --> 00:00:02,000\ninside\n"
    )
    lines = gather(Video(path))
    assert [(line.text, line.source) for line in lines] == [("beside", "a.srt"), ("inside", "a.srt")]


def test_an_absent_extra_is_no_failure_until_its_kind_is_required(tmp_path: Path, without_extras: None) -> None:
    opened = Video(video(tmp_path / "a.mkv", seconds=1, sound=NOISE))
    progress: list[float] = []
    assert gather(opened, progress=progress.append) == []
    assert progress[-1] == 1.0
    with pytest.raises(MissingExtra, match=r"whenabouts\[speech\]"):
        gather(opened, ["said"], required=["said"])
    with pytest.raises(MissingExtra, match=r"whenabouts\[ocr\]"):
        gather(opened, ["written"], required=["written"])


def test_a_named_speech_model_must_be_there(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    opened = Video(video(tmp_path / "a.mkv", seconds=1, sound=NOISE))
    with pytest.raises(ModelError, match="cannot be loaded"):
        gather(opened, ["said"], speech_model=str(tmp_path))
