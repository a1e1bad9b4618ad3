"""Clips: cut once the seconds after a moment have arrived, and named so that any file system takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.commands.watching import Clip, Told
from whenabouts.commands.watching.sinks.clips import Clips, file_name
from whenabouts.errors import InputError, VideoError
from whenabouts.grounders.stream import Event
from whenabouts.video.live.clip import Clip as Cut


class Kept:
    """What is kept of a stream: from `since` on; a cut writes its bounds."""

    def __init__(self, since: float = 0.0) -> None:
        self.since = since
        self.cuts: list[tuple[float, float]] = []

    def clip(self, start: float, end: float, out: Path) -> Cut:
        if end <= self.since:
            raise VideoError("nothing of it is kept")
        self.cuts.append((start, end))
        out.write_text("a clip")
        return Cut(out, max(start, self.since), end)


def ended(start: float, end: float, query: str = "a dog") -> Event:
    return Event(query, 1, "ended", start, end, 0.5, end)


def test_a_clip_waits_for_the_seconds_after_its_moment(tmp_path: Path) -> None:
    kept, told = Kept(), list[Told]()
    clips = Clips(tmp_path / "clips", kept.clip, told.append, pytest.fail, pre=3, post=2, longest=60)
    clips(Event("a dog", 1, "started", 10.0, None, 0.5, 10.0))
    clips(ended(10.0, 15.0))
    clips.at(16.0)
    assert kept.cuts == []
    clips.at(17.5)
    clips(ended(1.0, 100.0))
    clips(ended(101.0, 102.0))
    clips.close()
    assert kept.cuts == [(7.0, 17.0), (37.0, 102.0), (98.0, 104.0)], "a long one holds its end; the last did not wait"
    [first, *_] = told
    assert isinstance(first, Clip) and Path(first.path).read_text() == "a clip"


def test_what_is_kept_no_more_is_said(tmp_path: Path) -> None:
    said: list[Any] = []
    clips = Clips(tmp_path, Kept(since=50).clip, pytest.fail, lambda *told: said.append(told), pre=0, post=0, longest=9)
    clips(ended(1.0, 2.0))
    clips.close()
    assert said[0] == ("clips", "nothing of it is kept", 1)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        Clips(tmp_path / "file" / "clips", Kept().clip, pytest.fail, pytest.fail, pre=0, post=0, longest=9)


@given(st.text(min_size=1, max_size=300))
def test_names_are_plain(query: str) -> None:
    name = file_name(Event(query, 7, "ended", 1e6, 1e6 + 1, 0.5, 1e6 + 1))
    assert len(name.encode("utf-8", "replace")) <= 255
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t') and name.endswith(".mp4") and not name.startswith(".")
