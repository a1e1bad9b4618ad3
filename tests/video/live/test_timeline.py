"""The clock of a stream: exact over days, over counters that run over, and over every jump of the source."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import pytest
from av.packet import Packet
from hypothesis import example, given
from hypothesis import strategies as st

from whenabouts.video.live.timeline import Jump, Timeline

TS = Fraction(1, 90_000)
TURN = 2**33


class Wall:
    """A clock on the wall that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def streams() -> list[Any]:
    """Two streams whose packets can be told apart."""
    out = av.open(io.BytesIO(), "w", format="mpegts")
    return [out.add_stream("libx264", rate=25), out.add_stream("aac", rate=48_000)]


TRACKS = streams()


def packet(pts: int | None, dts: int | None, *, length: int = 3600, track: int = 0, base: Fraction = TS) -> Packet[Any]:
    made: Packet[Any] = Packet(1)
    made.stream = TRACKS[track]
    made.pts, made.dts, made.duration, made.time_base = pts, dts, length, base
    return made


def place(timeline: Timeline, made: Packet[Any]) -> tuple[Fraction, Jump | None]:
    jump = timeline.place(made)
    stamp = made.pts if made.pts is not None else made.dts
    assert stamp is not None
    return timeline.clock(Fraction(made.time_base)).time(stamp), jump


def opened(
    start: Fraction = Fraction(0), kind: str = "mpegts", *, live: bool = False, wall: Wall | None = None
) -> Timeline:
    timeline = Timeline(start, live=live, now=wall or Wall())
    timeline.open(kind, Fraction(0), 0.0)
    return timeline


def test_three_days_of_a_counter_of_33_bits_are_exact() -> None:
    timeline, step = opened(), 5 * 90_000
    for k in range(3 * 24 * 3600 // 5):
        stamp = k * step
        time, jump = place(timeline, packet((stamp + 7200) % TURN, stamp % TURN, length=step))
        assert jump is None
        assert time == (stamp + 7200) * TS


def test_a_resumed_stream_begins_where_it_is_told() -> None:
    timeline = Timeline(Fraction(5000), live=False)
    assert timeline.open("mpegts", Fraction(14, 10), 0.0) == 5000
    assert place(timeline, packet(126_000, 126_000))[0] == 5000


def test_streams_that_were_joined_follow_one_another() -> None:
    timeline = opened()
    for part in range(3):
        for k in range(50):
            time, jump = place(timeline, packet(k * 3600, k * 3600))
            assert time == part * 2 + k * Fraction(1, 25)
            assert (jump is not None) == (part > 0 and k == 0)


def test_sound_and_picture_stay_together_over_a_jump() -> None:
    timeline = opened()
    for k in range(50):
        place(timeline, packet(k * 3600, k * 3600))
        place(timeline, packet(k * 3600, k * 3600, track=1))
    later = 700_000_000
    picture, jump = place(timeline, packet(later, later))
    assert jump == Jump(2.0, 2.0)
    assert picture == 2
    old, none = place(timeline, packet(50 * 3600, 50 * 3600, track=1))  # the sound before the jump comes late
    assert (old, none) == (2, None)
    sound, none = place(timeline, packet(later + 900, later + 900, track=1))
    assert none is None
    assert sound - picture == 900 * TS


@pytest.mark.parametrize("jump_by", [-20, -1000, 60, 40_000])
def test_a_jump_of_a_live_source_goes_on_with_the_wall(jump_by: int) -> None:
    wall = Wall()
    timeline = opened(live=True, wall=wall)
    for k in range(125):
        wall.now = k / 25
        place(timeline, packet(k * 3600, k * 3600))
    wall.now += 10
    time, jump = place(timeline, packet(448_000 + (jump_by + 10) * 90_000, 448_000 + (jump_by + 10) * 90_000))
    assert jump is not None
    assert time == pytest.approx(124 / 25 + 10, abs=1e-4)


def test_a_pause_that_source_and_wall_agree_on_is_no_jump() -> None:
    wall = Wall()
    timeline = opened(live=True, wall=wall)
    place(timeline, packet(0, 0))
    wall.now = 100.0
    assert place(timeline, packet(9_000_000, 9_000_000)) == (100, None)


def test_a_hole_in_a_recording_is_a_hole() -> None:
    timeline = opened(kind="mov,mp4,m4a,3gp,3g2,mj2")
    place(timeline, packet(0, 0))
    assert place(timeline, packet(9_000_000, 9_000_000)) == (100, None)


def test_pictures_without_decoding_stamps_may_overtake_one_another() -> None:
    timeline = opened(kind="rtsp")
    for stamp in (0, 4, 2, 1, 3, 8, 6, 5, 7):
        assert place(timeline, packet(stamp * 3600, None)) == (stamp * Fraction(1, 25), None)


def test_a_source_that_is_back_keeps_its_clock_if_it_kept_running() -> None:
    wall = Wall()
    timeline = opened(live=True, wall=wall)
    for k in range(100):
        wall.now = k / 25
        place(timeline, packet(k * 3600, k * 3600))
    wall.now = 10.5
    assert timeline.open("mpegts", Fraction(10), 10.5) == 10  # half a second behind the wall: it takes time to arrive
    assert place(timeline, packet(900_000, 900_000)) == (10, None)


def test_a_source_that_began_again_goes_on_with_the_wall() -> None:
    wall = Wall()
    timeline = opened(live=True, wall=wall)
    for k in range(100):
        wall.now = k / 25
        place(timeline, packet(k * 3600, k * 3600))
    assert timeline.open("mpegts", Fraction(0), 10.0) == pytest.approx(10)
    assert place(timeline, packet(0, 0))[0] == pytest.approx(10)


def test_a_damaged_presentation_stamp_is_not_believed() -> None:
    timeline = opened()
    place(timeline, packet(0, 0))
    made = packet(600_000_000, 3600)
    assert place(timeline, made)[1] is None
    assert made.pts is None
    assert timeline.end < 1


@example([(0, 1, 0.0), (903_601, 1, 0.0), (3601, 0, 0.0)], False)  # sound jumps before the first picture comes
@given(
    st.lists(st.tuples(st.integers(0, TURN - 1), st.sampled_from([0, 1]), st.floats(0, 100)), max_size=60),
    st.booleans(),
)
def test_whatever_the_source_says_decoding_never_steps_back_far(
    stamps: list[tuple[int, int, float]], live: bool
) -> None:
    wall = Wall()
    timeline = opened(live=live, wall=wall)
    last = {0: Fraction(-1), 1: Fraction(-1)}
    for stamp, track, passed in stamps:
        wall.now += passed
        time, _ = place(timeline, packet(stamp, stamp, track=track))
        assert time >= last[track] - Fraction(2)  # sound and picture may jump so far apart
        assert time <= timeline.end
        last[track] = time
    assert timeline.lapse() >= float(timeline.end) - 1e-6


def test_a_length_that_is_not_stated_is_measured() -> None:
    timeline = opened()
    for k in range(3):
        place(timeline, packet(k * 3600, k * 3600, length=0))
    assert timeline.end == 3 * Fraction(1, 25)
