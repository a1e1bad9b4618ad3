from __future__ import annotations

from pathlib import Path

import pytest
from subtitled import film

from whenabouts.evidence.tracks import read_tracks
from whenabouts.video import Video

TRACKS = [("mkv", "subrip"), ("mkv", "ass"), ("mkv", "webvtt"), ("mp4", "mov_text")]
LINES = [(1.0, 2.5, "{\\i1}Where is{\\i0}\\Nthe café?"), (3.0, 4.25, "Over, there.")]


@pytest.mark.parametrize("offset", [0, 7])
@pytest.mark.parametrize(("suffix", "codec"), TRACKS)
def test_a_track_is_read_on_the_media_clock(tmp_path: Path, suffix: str, codec: str, offset: int) -> None:
    path = film(tmp_path / f"film.{suffix}", codec=codec, lines=LINES, offset=offset)
    lines = read_tracks(Video(path))
    assert [line.text.split() for line in lines] == [["Where", "is", "the", "café?"], ["Over,", "there."]]
    assert [line.start for line in lines] == pytest.approx([1.0, 3.0], abs=0.002)
    assert [line.end for line in lines] == pytest.approx([2.5, 4.25], abs=0.002)
    assert {line.source for line in lines} == {"stream 1"}


def test_a_film_without_tracks_has_no_lines(tmp_path: Path) -> None:
    assert read_tracks(Video(film(tmp_path / "film.mp4", seconds=1))) == []
