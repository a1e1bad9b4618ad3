"""What a verifier is shown where a selector chooses: its marks stand right, and every time is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from media import make_video, read_number

from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply
from whenabouts.grounders.search.verify import BEGIN, FINISH, Ask
from whenabouts.moment import Moment
from whenabouts.selection import Selection
from whenabouts.video import Video


class Listening:
    """An engine that says yes and keeps what it was shown."""

    name, identity, stamped = "listening", "none", True

    def __init__(self) -> None:
        self.heard: list[tuple[Conversation, Frames]] = []

    def answer(self, conversations: list[Conversation], frames: Frames, decoding: Decoding) -> list[list[Reply]]:
        self.heard += [(each, frames) for each in conversations]
        return [[Reply("Yes")] for _ in conversations]


class Last:
    """Chooses the last pictures that there are."""

    name = "last"

    def select(self, video: Video, query: str, budget: int) -> Selection:
        times = tuple(float(time) for time in video.times[-budget:])
        return Selection(self.name, query, times, tuple(1.0 for _ in times), models={"scorer": "ab"})


def test_chosen_frames_stand_between_the_marks_after_their_times(tmp_path: Path) -> None:
    truth = [float(time) for time in make_video(tmp_path / "film.mp4", fps=10, seconds=12.0)]
    engine = Listening()
    with Video(tmp_path / "film.mp4") as video:
        verifier = Ask(engine, frames=12, selector=Last())
        assert verifier.verify(video, "it", [Moment(4.0, 8.0, 0.9)])[0] > 0.5
    [(conversation, frames)] = engine.heard
    parts = conversation[0].parts
    numbers = [read_number(image) for image in frames.images]
    assert frames.times == pytest.approx([truth[n] - 2.0 for n in numbers], abs=1e-4)  # half its length around it
    inside = [part for part in parts[parts.index(BEGIN) : parts.index(FINISH)] if isinstance(part, int)]
    assert [numbers[i] for i in inside] == [74, 75, 76, 77, 78, 79]
    for place, part in enumerate(parts):
        if isinstance(part, int):
            assert parts[place - 1] == f"<{frames.times[part]:.1f} seconds>"
    assert verifier.models == {"scorer": "ab"}
