"""Stringouts: readers that are not ours find the very frames of every cut, at every rate."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError
from whenabouts.interchange.formats import FORMATS, read, write_cuts
from whenabouts.interchange.selects import by_video
from whenabouts.interchange.stringout import CutList, assemble, with_room
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

otio = pytest.importorskip("opentimelineio", reason="opentimelineio is not installed")

EIGHT = ["23.976", "24", "25", "29.97 DF", "29.97", "50", "59.94 DF", "60"]
MOMENTS = (Moment(3_600.0, 3_605.25, 0.9), Moment(0.25, 0.5, 0.5), Moment(3_607.0, 3_700.1, 0.25))
SPANS = tuple[tuple[int, int], tuple[int, int]]


def written(cuts: CutList, path: Path) -> Path:
    [made] = write_cuts(cuts, [path])
    return made


def timeline_at(rate: str, name: str = "my talk.mp4", start: str | None = "10:20:30:12", channels: int = 2) -> Timeline:
    counted = FrameRate(RATES[rate.removesuffix(" DF")], drop=rate.endswith("DF"))
    head = None if start is None else counted.parse(start)
    return Timeline(Path("/videos") / name, 7200.0, counted, head, 1280, 720, channels)


def answer(*moments: Moment, query: str = "a dog", presence: float | None = None) -> Prediction:
    return Prediction(query, moments or MOMENTS, 7200.0, presence)


def cut(timeline: Timeline, **options: Any) -> CutList:
    return assemble([(timeline, [answer()])], "selects", **{"handles": 1.0, **options})


def wanted(cuts: CutList) -> list[SPANS]:
    """Timecode frames [first, end) of source and record of every cut."""
    return [
        (
            (cuts.source(c).source + c.frames[0], cuts.source(c).source + c.frames[1]),
            (cuts.start + c.record[0], cuts.start + c.record[1]),
        )
        for c in cuts.cuts
    ]


def as_read(content: Any, track: Any, start: int) -> list[SPANS]:
    """The same, of the clips of a track that OpenTimelineIO has read."""
    found = []
    for clip in track.find_clips():
        source, record = clip.source_range, clip.range_in_parent()
        first, at = round(source.start_time.value), start + round(record.start_time.value)
        assert record.duration == source.duration
        length = round(source.duration.value)
        found.append(((first, first + length), (at, at + length)))
    return found


@pytest.mark.parametrize("rate", EIGHT)
@pytest.mark.parametrize("order", ["time", "score"])
def test_otio_reads_every_cut_to_the_frame(tmp_path: Path, rate: str, order: str) -> None:
    cuts = cut(timeline_at(rate), order=order)
    content = otio.adapters.read_from_file(str(written(cuts, tmp_path / "a.otio")))
    start = round(content.global_start_time.value)
    assert [track.kind for track in content.tracks] == ["Video", "Audio"]
    for track in content.tracks:
        assert as_read(content, track, start) == wanted(cuts)
    assert {clip.media_reference.target_url for clip in content.find_clips()} == {cuts.sources[0].uri}


@pytest.mark.parametrize("rate", EIGHT)
@pytest.mark.parametrize("channels", [0, 1, 2])
def test_the_edl_is_read_by_its_timecodes(tmp_path: Path, rate: str, channels: int) -> None:
    pytest.importorskip("otio_cmx3600_adapter", reason="otio-cmx3600-adapter is not installed")
    cuts = cut(timeline_at(rate, channels=channels))
    path = written(cuts, tmp_path / "a.edl")
    content = otio.adapters.read_from_file(str(path), rate=float(cuts.rate.rate))
    assert [track.name for track in content.tracks] == ["V", "A1", "A2"][: 1 + channels]
    for track in content.tracks:
        start = -round(track.source_range.start_time.value)
        assert start == cuts.rate.parse("01:00:00:00")
        assert as_read(content, track, start) == wanted(cuts)
        assert {clip.name for clip in track.find_clips()} == {"my talk.mp4"}
    marked = [marker.name for clip in content.tracks[0].find_clips() for marker in clip.markers]
    assert marked == ([] if cuts.rate.drop else ["a dog"] * 3)  # the adapter reads no locator with a semicolon


@pytest.mark.parametrize("rate", EIGHT)
def test_xmeml_is_read_to_the_frame(tmp_path: Path, rate: str) -> None:
    pytest.importorskip("otio_fcp_adapter", reason="otio-fcp-adapter is not installed")
    cuts = cut(timeline_at(rate))
    content = otio.adapters.read_from_file(str(written(cuts, tmp_path / "a.xml")), adapter_name="fcp_xml")
    assert round(content.global_start_time.value) == cuts.start
    offset = cuts.sources[0].source
    for track in content.tracks:
        found = as_read(content, track, cuts.start)
        begin = {round(clip.available_range().start_time.value) for clip in track.find_clips()}
        assert begin == {offset}
        assert found == wanted(cuts)
        assert [clip.name for clip in track.find_clips()] == ["a dog"] * 3


@pytest.mark.parametrize("rate", EIGHT)
def test_fcpxml_lays_clips_in_a_row_on_whole_frames(tmp_path: Path, rate: str) -> None:
    cuts = cut(timeline_at(rate))
    root = ElementTree.parse(written(cuts, tmp_path / "a.fcpxml")).getroot()

    def frame(element: ElementTree.Element, name: str) -> int:
        time = Fraction(element.get(name, "").removesuffix("s")) * cuts.rate.rate
        assert time.denominator == 1
        return int(time)

    found = []
    for clip in root.iter("asset-clip"):
        first, at, length = (frame(clip, name) for name in ("start", "offset", "duration"))
        found.append(((first, first + length), (at, at + length)))
        [marker] = clip
        assert first <= frame(marker, "start") < frame(marker, "start") + frame(marker, "duration") <= first + length
    assert found == wanted(cuts)


@pytest.mark.parametrize("rate", ["24", "25"])  # the adapter rounds others
def test_otio_reads_the_clips_of_fcpxml(tmp_path: Path, rate: str) -> None:
    pytest.importorskip("otio_fcpx_xml_adapter", reason="otio-fcpx-xml-adapter is not installed")
    cuts = cut(timeline_at(rate))
    content = otio.adapters.read_from_file(str(written(cuts, tmp_path / "a.fcpxml")), adapter_name="fcpx_xml")
    [timeline] = (
        [content] if isinstance(content, otio.schema.Timeline) else list(content.find_children(otio.schema.Timeline))
    )
    lengths = [clip.source_range.duration.value for clip in timeline.video_tracks()[0].find_clips()]
    assert lengths == [c.record[1] - c.record[0] for c in cuts.cuts]


def test_the_moments_of_a_stringout_come_back(tmp_path: Path) -> None:
    timeline = timeline_at("29.97 DF")
    path = written(cut(timeline), tmp_path / "a.otio")
    [mark] = read(path)
    assert mark.video == "my talk.mp4" and mark.query == "a dog"
    found = sorted(timeline.span(moment) for moment in mark.moments)
    assert found == sorted(timeline.span(moment) for moment in MOMENTS)


def test_a_file_with_two_paths_is_one_source() -> None:
    paths = ["a.mp4", "./a.mp4", str(Path("a.mp4").absolute()), "b.mp4"]
    found = by_video(Prediction(path, (), 9.0, video=path) for path in paths)
    assert {str(path): [each.query for each in answers] for path, answers in found.items()} == {
        "a.mp4": paths[:3],
        "b.mp4": paths[3:],
    }


def test_sources_of_several_rates_go_where_the_format_can(tmp_path: Path) -> None:
    sources = [(timeline_at("25"), [answer()]), (timeline_at("24", "old.mov"), [answer(Moment(10, 12))])]
    cuts = assemble(sources, "selects")
    assert cuts.cuts[-1].frames == (240, 288) and cuts.cuts[-1].record[1] - cuts.cuts[-1].record[0] == 50
    assert cuts.notes == ("old.mov has 24 frames per second in a timeline of 25",)
    with pytest.raises(InputError, match=r"old\.mov has 24 frames per second.*\.otio"):
        write_cuts(cuts, [tmp_path / "before.otio", tmp_path / "a.edl"])
    assert not any(tmp_path.iterdir()), "all are written or none"
    content = otio.adapters.read_from_file(str(written(cuts, tmp_path / "a.otio")))
    last = list(content.tracks[0].find_clips())[-1]
    assert (last.source_range.start_time.rate, last.source_range.duration.to_seconds()) == (24, 2.0)
    root = ElementTree.parse(written(cuts, tmp_path / "a.xml")).getroot()
    item = root.findall(".//video/track/clipitem")[-1]
    assert [item.findtext(tag) for tag in ("in", "out", "rate/timebase")] == ["240", "288", "24"]
    root = ElementTree.parse(written(cuts, tmp_path / "a.fcpxml")).getroot()
    assert [form.get("frameDuration") for form in root.iter("format")] == ["1/25s", "1/24s"]


def test_one_rate_counted_in_two_ways_is_not_for_an_edl(tmp_path: Path) -> None:
    sources = [(timeline_at("29.97 DF"), [answer()]), (timeline_at("29.97", "b.mp4"), [answer()])]
    with pytest.raises(InputError, match="drop-frame"):
        written(assemble(sources, "selects"), tmp_path / "a.edl")


def test_files_of_like_names_have_reels_of_their_own(tmp_path: Path) -> None:
    names = ["a long name 1.mp4", "a long name 2.mp4", "회의.mp4"]
    cuts = assemble([(timeline_at("25", name), [answer(Moment(1, 2))]) for name in names], "selects")
    lines = written(cuts, tmp_path / "a.edl").read_text().splitlines()
    assert [line.split()[1] for line in lines if line[:3].isdigit()] == ["ALONGNAM", "ALONGNA2", "REEL3"]


def test_what_is_not_there_gives_no_cut_and_nothing_is_one_sentence() -> None:
    timeline = timeline_at("25")
    cuts = assemble([(timeline, [answer(presence=0.1), answer(Moment(1, 2), query="a cat")])], "selects")
    assert [c.query for c in cuts.cuts] == ["a cat"]
    for only, why in (("likely", "probably not in this video"), ("confirmed", "no moment was confirmed by a person")):
        with pytest.raises(InputError, match=f"no moment to cut: none of the 3 moments was taken: .*{why}"):
            assemble([(timeline, [answer(presence=0.1)])], "selects", only=only)
    assert len(assemble([(timeline, [answer(presence=0.1)])], "selects", only="all").cuts) == 3


def test_a_timeline_begins_where_it_should(tmp_path: Path) -> None:
    assert cut(timeline_at("29.97 DF")).start == FrameRate(RATES["29.97"], drop=True).parse("01:00:00:00")
    assert cut(timeline_at("25"), start="00:00:00:00").start == 0
    with pytest.raises(InputError, match="beyond 24 hours"):
        cut(timeline_at("25"), start="23:59:59:00")
    with pytest.raises(InputError, match="not a timecode"):
        cut(timeline_at("25"), start="an hour")


@pytest.mark.parametrize("suffix", [kind.suffix for kind in FORMATS.values() if not kind.cuts])
def test_other_formats_say_which_hold_cuts(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InputError, match=r"no timeline of cuts; choose from: \.otio, \.edl, \.xml, \.fcpxml"):
        written(cut(timeline_at("25")), tmp_path / f"a{suffix}")


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=12), st.integers(0, 80))
def test_room_stays_in_the_file_and_shows_no_frame_twice(drawn: list[tuple[int, int]], room: int) -> None:
    frames = 500
    spans = [(first, first + length) for first, length in drawn]
    roomy = with_room(spans, room, frames)
    shown = [0] * frames
    for (first, end), (low, high) in zip(spans, roomy, strict=True):
        assert 0 <= low <= first < end <= high <= frames
        assert first - low <= room and high - end <= room
        for frame in (*range(low, first), *range(end, high)):
            shown[frame] += 1
    inside = {frame for first, end in spans for frame in range(first, end)}
    alone = all(a[1] <= b[0] for a, b in zip(sorted(spans), sorted(spans)[1:], strict=False))
    if alone:
        assert all(count <= 1 for count in shown)
        assert not any(shown[frame] for frame in inside)
