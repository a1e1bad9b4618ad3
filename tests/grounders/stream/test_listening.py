from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import MARTHA, martha, need_voices

from whenabouts.errors import InputError
from whenabouts.evidence.speech import SpeechRecogniser
from whenabouts.evidence.speech.sentences import Word
from whenabouts.grounders.stream import load_online
from whenabouts.grounders.stream.listening import WAITING, Listener, Piece, Pieces
from whenabouts.video.live import Sound

RATE = 16_000


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(np.arange(round(seconds * RATE)) * 0.2)).astype(np.float32)


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def chunks(samples: np.ndarray, start: float = 0.0, size: int = 8000) -> list[Sound]:
    return [Sound(start + at / RATE, samples[at : at + size]) for at in range(0, len(samples), size)]


def cut(pieces: Pieces, sounds: list[Sound]) -> list[Piece]:
    return [piece for sound in sounds for piece in pieces.push(sound)] + pieces.rest()


class Recorded(SpeechRecogniser):
    """Writes down one word a piece, once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may, self.heard_at = threading.Event(), list[float]()

    def heard(self, piece, offset, language=None, progress=None):  # type: ignore[no-untyped-def]
        self.may.wait()
        self.heard_at.append(offset)
        if offset < 0:
            raise InputError("before all time")
        return [Word(offset, offset + 0.5, "Hello.", "en")]


def test_pieces_are_cut_in_pauses() -> None:
    found = cut(Pieces(), chunks(np.concatenate([tone(2), quiet(1), tone(3), quiet(2)]), 10.0))
    assert [round(piece.start) for piece in found] == [10, 13]
    assert found[0].start + len(found[0].samples) / RATE == pytest.approx(12.25, abs=0.26)


def test_nobody_pauses_for_ever() -> None:
    found = cut(Pieces(longest=5.0), chunks(tone(23)))
    assert all(len(piece.samples) <= 5 * RATE for piece in found)
    assert sum(len(piece.samples) for piece in found) == 23 * RATE


def test_silence_is_not_kept() -> None:
    pieces = Pieces()
    assert cut(pieces, chunks(quiet(60))) == []
    assert len(pieces._held) < RATE


def test_a_hole_in_the_sound_ends_a_piece() -> None:
    found = cut(Pieces(), [*chunks(tone(1)), *chunks(tone(1), 30.0)])
    assert [(piece.start, len(piece.samples)) for piece in found] == [(0.0, RATE), (30.0, RATE)]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0.05, 4.0), st.booleans(), st.sampled_from([0.0, 0.0, 0.02, 7.0])), max_size=8),
    st.integers(1000, 40_000),
)
def test_all_that_is_loud_is_in_one_piece_at_its_time(parts: list[tuple[float, bool, float]], size: int) -> None:
    at, sounds, loud = 0.0, list[Sound](), 0
    for seconds, silent, gap in parts:
        at += gap
        samples = quiet(seconds) if silent else tone(seconds)
        sounds += chunks(samples, at, size)
        loud += 0 if silent else len(samples)
        at += len(samples) / RATE
    found = cut(Pieces(longest=3.0), sounds)
    assert all(len(piece.samples) <= 3 * RATE for piece in found)
    ends = [(piece.start, piece.start + len(piece.samples) / RATE) for piece in found]
    assert all(one[1] <= other[0] + 0.06 for one, other in pairwise(ends))
    kept = sum(int((np.abs(piece.samples) > 0).sum()) for piece in found)
    assert kept == sum(int((np.abs(sound.samples) > 0).sum()) for sound in sounds)
    assert not ends or (ends[0][0] >= 0 and ends[-1][1] <= at + 0.06)


def test_lines_come_from_a_thread_of_their_own() -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    recogniser = Recorded()
    with Listener(recogniser) as listener:
        assert [line for sound in chunks(np.concatenate([tone(1), quiet(1)])) for line in listener.push(sound)] == []
        recogniser.may.set()
        [line] = listener.lost(wait=60.0)
    assert (line.start, line.text, line.kind) == (0.0, "Hello.", "said")


def test_what_cannot_be_listened_to_in_time_is_dropped_and_counted() -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    recogniser, spoken = Recorded(), np.concatenate([tone(1), quiet(1)])
    with Listener(recogniser) as listener:
        for number in range(20):
            for sound in chunks(spoken, 2.0 * number):
                listener.push(sound)
        recogniser.may.set()
        lines = listener.lost(wait=60.0)
        assert len(lines) + listener.dropped == 20 and len(lines) in {WAITING, WAITING + 1}
        assert listener.dropped < listener.dropped_seconds < 2 * listener.dropped + 1
    assert lines[-1].start == pytest.approx(38.0, abs=0.5)  # the newest are kept


def test_who_may_not_drop_waits() -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    recogniser, spoken = Recorded(), np.concatenate([tone(1), quiet(1)])
    recogniser.may.set()
    with Listener(recogniser, drops=False) as listener:
        sounds = [sound for number in range(20) for sound in chunks(spoken, 2.0 * number)]
        lines = [line for sound in sounds for line in listener.push(sound)] + listener.lost(wait=60.0)
    assert [line.start for line in lines] == pytest.approx([2.0 * number for number in range(20)], abs=0.5)
    assert listener.dropped == 0


def test_a_failure_is_told_once_and_listening_goes_on() -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    recogniser = Recorded()
    recogniser.may.set()
    with Listener(recogniser) as listener, pytest.raises(InputError, match="before all time"):
        for sound in chunks(np.concatenate([tone(1), quiet(1)]), -5.0):
            listener.push(sound)
        listener.lost(wait=60.0)
    with Listener(recogniser) as listener:
        for sound in chunks(tone(1)):
            listener.push(sound)
        assert len(listener.lost(wait=60.0)) == 1


def test_a_closed_listener_hears_nothing_more() -> None:
    pytest.importorskip("faster_whisper", reason="needs the extra: speech")
    listener = Listener(Recorded(), drops=False)
    listener.close()
    assert [line for sound in chunks(tone(30)) for line in listener.push(sound)] == listener.lost() == []


@pytest.mark.parametrize("setting", [{"longest": 0.5}, {"pause": 0.0}, {"pause": 9.0}, {"longest": float("inf")}])
def test_settings_that_mean_nothing_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(InputError, match="a piece of sound"):
        Listener(**setting)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_voice_answers_standing_queries() -> None:
    need_voices()
    speech, grounder = martha(), load_online("similarity")
    for query in ("what is her name", "someone mentions the budget", "a dog"):
        grounder.add(query)
    with Listener(drops=False) as listener:
        lines = [line for sound in chunks(speech.samples, 100.0) for line in listener.push(sound)]
        lines += listener.lost(wait=300.0)
    assert [line.text for line in lines] == list(MARTHA)
    for line, (start, end, _) in zip(lines, speech.sentences, strict=True):
        assert abs(line.start - 100 - start) < 0.3 and abs(line.end - 100 - end) < 0.3
    told = [event for line in lines for event in grounder.hear(line, 120.0) if event.state == "ended"]
    assert [(event.query, event.evidence[0].text) for event in told] == [
        ("what is her name", MARTHA[1]),
        ("someone mentions the budget", MARTHA[3]),
    ]
