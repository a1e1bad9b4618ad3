"""Who searches some folders learns nothing from files of others, whatever links and copies there are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import subtitled

from whenabouts.commands import Search
from whenabouts.library.filters import Filters, chosen
from whenabouts.library.run import index_folder, open_library
from whenabouts.library.store import Library

SECRET = "the zebrafish glows in the dark"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos with the secret in `hidden`; in `open` a copy of one, a link to one, and one with borrowed subtitles."""
    pytest.importorskip("lancedb")
    place = tmp_path_factory.mktemp("archive")
    for name in ("hidden/fish.mp4", "open/plain.mp4", "open/lent.mp4"):
        (place / name).parent.mkdir(exist_ok=True)
        subtitled.video(place / name, seconds=2 + len(name) / 10)
    (place / "hidden" / "fish.srt").write_text(f"1\n00:00:00,500 --> 00:00:02,000\n{SECRET}\n")
    shutil.copy(place / "hidden" / "fish.mp4", place / "open" / "copy.mp4")
    (place / "open" / "linked.mp4").symlink_to(place / "hidden" / "fish.mp4")
    (place / "open" / "lent.srt").symlink_to(place / "hidden" / "fish.srt")
    return place


@pytest.fixture(scope="module")
def library(place: Path) -> Library:
    library = open_library(place / "library")
    index_folder(library, place)
    return library


pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


def test_only_files_that_are_wholly_below_the_folders_are_chosen(place: Path, library: Library) -> None:
    inside = chosen(library, Filters(folders=(place / "open",)))
    names = sorted(Path(path).name for paths in inside.paths.values() for path in paths)
    assert names == ["copy.mp4", "plain.mp4"]
    assert {sha256 for sha256, [path, *_] in inside.paths.items() if path.endswith("copy.mp4")} == inside.unquoted
    everything = chosen(library, Filters(folders=(place,)))
    assert not everything.unquoted and sum(map(len, everything.paths.values())) == 5
    relative = chosen(library, Filters(path="open/l*", folders=(place, place / "hidden")))
    assert sorted(Path(path).name for paths in relative.paths.values() for path in paths) == ["lent.mp4", "linked.mp4"]


@pytest.mark.parametrize("query", [SECRET, f'they say "{SECRET}"', f"the second time they say {SECRET}"])
def test_words_of_hidden_videos_do_not_count(place: Path, library: Library, query: str) -> None:
    search = Search.of(query=query, top=50)
    told = search.run(library.path, folders=[place])
    assert any(each.kind == "said" for hit in told for each in hit.moment.evidence) or "second" in query
    hidden = search.run(library.path, folders=[place / "open"])
    assert hidden.videos == 2 and not [hit for hit in hidden for each in hit.moment.evidence if each.kind == "said"]
    without = open_library(place / f"without-{len(query)}")
    (place / "alone").mkdir(exist_ok=True)
    for name in ("plain.mp4", "copy.mp4"):
        shutil.copy(place / "open" / name, place / "alone" / name)
    index_folder(without, place / "alone")
    alone = search.run(without.path, folders=[place / "alone"])
    assert (hidden.presence, hidden.notes) == (alone.presence, alone.notes)
    assert [hit.moment for hit in hidden] == [hit.moment for hit in alone]
