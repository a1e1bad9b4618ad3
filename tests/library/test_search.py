"""Moments of a whole library, by pictures and words, within filters, whatever a query looks like."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import av
import pytest

from whenabouts.commands import Search
from whenabouts.encoders import Encoder, load_encoder
from whenabouts.errors import InputError, QueryError
from whenabouts.library.filters import Filters
from whenabouts.library.run import index_folder, open_library
from whenabouts.library.search import Hit, search
from whenabouts.library.store import Library
from whenabouts.moment import Moment


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("builtin")


def file(hit: Hit) -> str:
    return Path(hit.path).stem.removeprefix("it's ")


def test_damage_goes_with_every_hit(videos: Path, tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "videos").mkdir()
    data = (videos / "it's cat.mp4").read_bytes()
    with av.open(str(videos / "it's cat.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        start = packets[len(packets) * 3 // 4].pos or 0
    damaged = data[:start] + bytes(4000) + data[start + 4000 :]
    (tmp_path / "videos" / "cat.mp4").write_bytes(damaged)
    library = open_library(tmp_path / "library")
    report = index_folder(library, tmp_path / "videos")
    [(path, notes)] = report.damaged.items()
    assert Path(path).name == "cat.mp4" and "could not be read" in notes[0]
    best = search(library, encoder, "a cat")[0]
    assert best.notes == notes
    Path(path).unlink()
    index_folder(library, tmp_path / "videos")
    library.compact()
    assert not list((tmp_path / "library" / "notes").iterdir())


@pytest.mark.parametrize("refine", [False, True])
@pytest.mark.parametrize(("query", "video"), [("a cat", "cat"), ("a cup of coffee", "coffee")])
def test_a_picture_is_found_in_its_video_and_its_time(
    indexed: Library, encoder: Encoder, query: str, video: str, refine: bool
) -> None:
    best = search(indexed, encoder, query, refine=refine)[0]
    assert file(best) == video and [e.kind for e in best.moment.evidence] == ["seen"]
    assert (best.moment.start, best.moment.end) == pytest.approx((3, 7), abs=0.6)


@pytest.mark.parametrize(
    "query", ["someone mentions the budget", "the budget was approved", "to be or not to be", 'he says "not to be"']
)
def test_words_are_found_and_quoted(indexed: Library, encoder: Encoder, query: str) -> None:
    best = search(indexed, encoder, query)[0]
    assert file(best) == "rocket" and best.moment.evidence[0].kind == "said"
    assert best.moment.evidence[0].text in {"The budget was approved on Tuesday.", "To be, or not to be?"}


@pytest.mark.parametrize(
    "query", ['"', "'", "a AND (b OR", "*", "-- ;", "text:x^2~", "the", "%", "\\", "🎬", "ñ" * 3000]
)
def test_odd_queries_are_answered(indexed: Library, encoder: Encoder, query: str) -> None:
    assert len(search(indexed, encoder, query, top=3)) <= 3


def test_an_empty_query_and_a_date_that_is_none_are_one_sentence(indexed: Library, encoder: Encoder) -> None:
    with pytest.raises(QueryError, match="a query is empty"):
        search(indexed, encoder, "  ")
    with pytest.raises(QueryError, match="'soon' is not a date; write it as 2024-12-31"):
        search(indexed, encoder, "a cat", filters=Filters(since="soon"))


def test_filters_leave_out_videos(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    old = datetime(2020, 5, 1).timestamp()
    os.utime(folder / "it's cat.mp4", (old, old))
    shutil.copy(folder / "it's cat.mp4", folder / "copy.mp4")
    library = open_library(tmp_path / "library")
    index_folder(library, folder)

    def videos(**filters: object) -> set[str]:
        hits = search(library, encoder, "a cat", filters=Filters(**filters), top=20)  # type: ignore[arg-type]
        return {file(hit) for hit in hits}

    assert videos(path="*rocket*") == {"rocket"}
    assert videos(until="2020-05-01") == {"cat"}  # the whole day counts
    assert videos(since="2020-05-02") == {"copy", "coffee", "rocket"}
    assert videos(shortest=8.0) == set() == videos(language="fre")
    assert videos(longest=7.0, path="*it's*") == {"cat", "coffee", "rocket"}
    [hit, *_] = search(library, encoder, "a cat")
    assert {Path(path).name for path in (hit.path, *hit.copies)} == {"it's cat.mp4", "copy.mp4"}


def test_a_video_whose_file_is_gone_is_not_found(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    library = open_library(tmp_path / "library")
    index_folder(library, folder)
    (folder / "it's cat.mp4").unlink()
    assert file(search(library, encoder, "a cat", refine=True)[0]) == "cat"  # not indexed since: still found
    index_folder(library, folder)
    assert "cat" not in {file(hit) for hit in search(library, encoder, "a cat")}


def test_two_libraries_answer_as_one_of_all_their_videos(folder: Path, indexed: Library, tmp_path: Path) -> None:

    shards = []
    for number, names in enumerate((["it's cat.mp4"], ["it's coffee.mp4", "it's rocket.mp4"])):
        (part := tmp_path / f"part {number}").mkdir()
        for name in names:
            (folder / name).rename(part / name)
        index_folder(open_library(part / "library"), part)
        shards.append(part / "library")
    command = Search.of(query="a cup of coffee", top=4)

    def found(*libraries: Path) -> list[tuple[str, Moment]]:
        return [(Path(hit.path).name, hit.moment) for hit in command.run(*libraries)]

    assert found(*shards) == found(*shards, shards[0]) == found(indexed.path)
    (shards[1] / "encoder.txt").write_text("clip 0123")
    with pytest.raises(InputError, match=r"with the encoder builtin and .* with clip: their scores do not compare"):
        command.run(*shards)


def test_a_file_that_is_gone_is_not_found_and_takes_no_place(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    library = open_library(tmp_path / "library")
    index_folder(library, folder)
    [best, *_] = search(library, encoder, "a cat")
    (folder / "it's cat.mp4").unlink()
    index_folder(library, folder)
    assert len(library.missing()) == 1
    assert best.path not in {hit.path for hit in search(library, encoder, "a cat", top=100)}


@pytest.mark.parametrize("query", ["silence", "nobody speaks"])
def test_what_no_library_holds_is_not_said_to_be_in_none_of_its_videos(
    indexed: Library, encoder: Encoder, query: str
) -> None:
    hits = search(indexed, encoder, query)
    assert hits.presence is None and not hits.absent
    assert any("ask each video with `find`" in note for note in hits.notes)
