"""What is written for other programs is opened by readers that are not ours, and lies within half a frame."""

from __future__ import annotations

import html
import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import pytest

from whenabouts import Moment, Prediction
from whenabouts.interchange.formats import FORMATS, read, write
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

otio = pytest.importorskip("opentimelineio", reason="opentimelineio is not installed")

RATE_NAMES = [*(name for name in RATES if RATES[name] < 100), "29.97 DF", "59.94 DF"]  # OTIO counts no more
HOURS = 2.5
MOMENTS = (Moment(3_600.0, 3_605.25, 0.9), Moment(0.0, 0.4, 0.5), Moment(7_201.333, 8_999.9, 0.25))
QUERY = "a man opens the fridge"


def make_timeline(folder: Path, name: str, start: str | None = "10:20:30:12") -> Timeline:
    rate = FrameRate(RATES[name.removesuffix(" DF")], drop=name.endswith("DF"))
    head = None if start is None else rate.parse(start)
    return Timeline(folder / "my video.mp4", HOURS * 3600, rate, head, 1280, 720)


@pytest.fixture(params=RATE_NAMES)
def timeline(request: pytest.FixtureRequest, tmp_path: Path) -> Timeline:
    return make_timeline(tmp_path, request.param)


def export(timeline: Timeline, suffix: str, *predictions: Prediction) -> Path:
    answers = predictions or (Prediction(QUERY, MOMENTS, timeline.duration),)
    return write(answers, timeline, timeline.path.with_name(f"out{suffix}"))


def near(found: list[tuple[Fraction | float, Fraction | float]], timeline: Timeline) -> bool:
    """Whether found spans (seconds) are the moments' within half a frame, in any order."""
    half = 1 / timeline.rate.rate / 2 + Fraction(1, 10**6)
    wanted = sorted((m.start, m.end) for m in MOMENTS)
    pairs = zip(sorted(found), wanted, strict=True)
    return all(abs(Fraction(a) - Fraction(b)) <= half for each, want in pairs for a, b in zip(each, want, strict=True))


def test_otio_opens_its_own_format(timeline: Timeline) -> None:
    content = otio.adapters.read_from_file(str(export(timeline, ".otio")))
    [clip] = content.find_clips()
    assert clip.media_reference.target_url == timeline.uri
    begin = clip.source_range.start_time
    found = []
    for marker in clip.markers:
        span = marker.marked_range
        first = span.start_time - begin
        found.append((first.value / timeline.rate.rate, (first + span.duration).value / timeline.rate.rate))
        assert marker.name == QUERY and marker.metadata["whenabouts"]["rank"] in (1, 2, 3)
    assert near(found, timeline)
    drop = timeline.rate.drop
    assert otio.opentime.to_timecode(begin, drop_frame=drop, rate=begin.rate).replace(";", ":") == "10:20:30:12"


def test_otio_reads_the_edl_by_its_own_timecode(timeline: Timeline) -> None:
    pytest.importorskip("otio_cmx3600_adapter", reason="otio-cmx3600-adapter is not installed")
    path = export(timeline, ".edl")
    text = path.read_text()
    assert f"FCM: {'DROP FRAME' if timeline.rate.drop else 'NON-DROP FRAME'}\n" in text
    content = otio.adapters.read_from_file(str(path), rate=float(timeline.rate.rate), ignore_timecode_mismatch=True)
    lengths = [int(line.rsplit("|D:", 1)[1]) for line in text.splitlines() if "|D:" in line]
    clips = list(content.find_clips())
    assert all(clip.source_range.duration.value == 1 for clip in clips)
    found = []
    for clip, length in zip(clips, lengths, strict=True):
        first = round(clip.source_range.start_time.value) - timeline.head
        found.append((first / timeline.rate.rate, (first + length) / timeline.rate.rate))
    assert near(found, timeline)


def test_otio_reads_xmeml(timeline: Timeline) -> None:
    pytest.importorskip("otio_fcp_adapter", reason="otio-fcp-adapter is not installed")
    content = otio.adapters.read_from_file(str(export(timeline, ".xml")), adapter_name="fcp_xml")
    found = []
    for marker in content.tracks.markers:
        span = marker.marked_range
        assert span.start_time.rate == pytest.approx(float(timeline.rate.rate))
        ends = span.start_time.value, span.start_time.value + span.duration.value
        found.append((ends[0] / timeline.rate.rate, ends[1] / timeline.rate.rate))
        assert marker.name == QUERY
    assert near(found, timeline)
    clips = list(content.find_clips())
    assert {clip.media_reference.target_url for clip in clips} == {timeline.uri}
    assert content.global_start_time.value == timeline.head


def test_fcpxml_times_are_whole_rational_frames(timeline: Timeline) -> None:
    root = ElementTree.parse(export(timeline, ".fcpxml")).getroot()

    def seconds(value: str | None) -> Fraction:
        time = Fraction((value or "").removesuffix("s"))
        assert (time * timeline.rate.rate).denominator == 1
        return time

    clip, asset, sequence = (root.find(f".//{tag}") for tag in ("asset-clip", "asset", "sequence"))
    assert clip is not None and asset is not None and sequence is not None
    begin = seconds(clip.get("start"))
    assert begin == seconds(asset.get("start")) == seconds(sequence.get("tcStart"))
    assert begin == timeline.rate.seconds(timeline.head) and asset.get("src") == timeline.uri
    marks = [(seconds(m.get("start")) - begin, seconds(m.get("duration"))) for m in root.iter("marker")]
    assert near([(start, start + length) for start, length in marks], timeline)


def test_a_file_without_timecode_begins_at_zero_in_a_programme_from_one_hour(tmp_path: Path) -> None:
    """Editors look for the pictures of such a file from 0 on: an hour later there are none."""
    pytest.importorskip("otio_fcp_adapter", reason="otio-fcp-adapter is not installed")
    timeline = make_timeline(tmp_path, "25", start=None)
    hour, at = timeline.rate.parse("01:00:00:00"), 3_600 * 25
    content = otio.adapters.read_from_file(str(export(timeline, ".otio")))
    [clip] = content.find_clips()
    assert content.global_start_time.value == hour and clip.available_range().start_time.value == 0
    assert at in [marker.marked_range.start_time.value for marker in clip.markers]
    content = otio.adapters.read_from_file(str(export(timeline, ".xml")), adapter_name="fcp_xml")
    assert content.global_start_time.value == hour
    assert {each.available_range().start_time.value for each in content.find_clips()} == {0}
    root = ElementTree.parse(export(timeline, ".fcpxml")).getroot()
    facts = [(each.tag, each.get("start"), each.get("offset"), each.get("tcStart")) for each in root.iter()]
    assert ("asset", "0/25s", None, None) in facts and ("sequence", None, None, f"{hour}/25s") in facts
    assert ("asset-clip", "0/25s", f"{hour}/25s", None) in facts and ("marker", f"{at}/25s", None, None) in facts


@pytest.mark.parametrize("name", ["24", "25", "29.97"])
def test_otio_reads_fcpxml(tmp_path: Path, name: str) -> None:
    pytest.importorskip("otio_fcpx_xml_adapter", reason="otio-fcpx-xml-adapter is not installed")
    timeline = make_timeline(tmp_path, name)
    content = otio.adapters.read_from_file(str(export(timeline, ".fcpxml")), adapter_name="fcpx_xml")
    assert QUERY in content.to_json_string()


def test_pysubs2_reads_subtitles_and_chapters(tmp_path: Path) -> None:
    import pysubs2

    timeline = make_timeline(tmp_path, "23.976")
    for suffix in (".srt", ".vtt"):
        lines = pysubs2.load(str(export(timeline, suffix)))
        assert [line.text for line in lines] == [QUERY] * 3
        assert near([(line.start / 1000, line.end / 1000) for line in lines], timeline)
    scored = [line.text for line in pysubs2.load(str(export(timeline, ".scored.srt")))]
    assert scored[0] == f"{QUERY}\\Nlikely, rank 2, score 0.500"


def test_subrip_keeps_every_sign_and_no_markup(tmp_path: Path) -> None:
    import pysubs2

    timeline, query = make_timeline(tmp_path, "25"), "Q&A: is 1 < 2? <b>no</b>"
    path = export(timeline, ".srt", Prediction(query, MOMENTS[:1], timeline.duration))
    assert "Q&A: is 1 < 2?" in path.read_text("utf-8")
    [line] = pysubs2.load(str(path))
    assert line.plaintext.replace("\u200b", "") == query
    assert read(path)[0].query == query


PASTED = ["at 00:00:01,000 --> 00:00:02,000 x", "5\n00:00:03.000-->00:00:04.000", "from 0:0:1,5 to 00:00:02.50"]


@pytest.mark.parametrize("suffix", [".srt", ".scored.srt", ".vtt"])
@pytest.mark.parametrize("words", PASTED)
def test_times_in_a_query_are_not_those_of_a_cue(tmp_path: Path, suffix: str, words: str) -> None:
    import pysubs2

    timeline = make_timeline(tmp_path, "25")
    path = export(
        timeline, suffix, Prediction(words, (Moment(10, 12),), 60.0), Prediction("a", (Moment(20, 22),), 60.0)
    )
    wanted = [" ".join(words.split()), "a"]
    lines = pysubs2.load(str(path))
    assert [html.unescape(line.text.split("\\N")[0]).replace("\u200b", "") for line in lines] == wanted
    assert [(line.start, line.end) for line in lines] == [(10_000, 12_000), (20_000, 22_000)]
    with av.open(str(path)) as cues:
        packets = [(p.pts, p.pts + p.duration, bytes(p)) for p in cues.demux() if p.pts is not None]
    assert [packet[:2] for packet in packets] == [(10_000, 12_000), (20_000, 22_000)]
    assert all(text for *_, text in packets)
    assert [mark.query for mark in read(path)] == wanted


@pytest.mark.parametrize("suffix", [".otio", ".edl", ".xml", ".fcpxml", ".vtt", ".srt", ".csv", ".json", ".jsonl"])
def test_the_nearest_moments_of_what_is_not_there_are_only_where_that_is_told(tmp_path: Path, suffix: str) -> None:
    timeline = make_timeline(tmp_path, "25")
    there, absent = (Prediction(QUERY, MOMENTS, timeline.duration, presence) for presence in (0.9, 0.1))
    both, alone = (export(timeline, suffix, *answers).read_bytes() for answers in ((there, absent), (there,)))
    assert (both == alone) is (suffix not in {".json", ".jsonl"})


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".metadata.vtt"])
def test_ffmpeg_reads_cues(tmp_path: Path, suffix: str) -> None:
    timeline = make_timeline(tmp_path, "25")
    with av.open(str(export(timeline, suffix))) as cues:
        packets = [(p.pts, p.pts + p.duration, p.time_base) for p in cues.demux() if p.pts is not None]
    assert near([(start * base, end * base) for start, end, base in packets], timeline)


def test_ffmpeg_reads_chapters_with_hostile_titles(tmp_path: Path) -> None:
    timeline = make_timeline(tmp_path, "59.94")
    title = r"a=b; #c \ d [CHAPTER]"
    path = export(timeline, ".ffmetadata", Prediction(f"{title}\n[CHAPTER]\nSTART=0", MOMENTS, timeline.duration))
    with av.open(str(path), format="ffmetadata") as video:
        chapters = video.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == [f"{title} [CHAPTER] START=0"] * 3
    assert near([(c["start"] * c["time_base"], c["end"] * c["time_base"]) for c in chapters], timeline)


def test_a_title_that_ends_in_a_backslash_keeps_its_comment(tmp_path: Path) -> None:
    timeline = make_timeline(tmp_path, "25")
    path = export(timeline, ".ffmetadata", Prediction("path C:\\", MOMENTS, timeline.duration))
    with av.open(str(path), format="ffmetadata") as video:
        told = [chapter["metadata"] for chapter in video.chapters()]
    assert [(each["title"].rstrip(), each["comment"].split(",")[0]) for each in told] == [("path C:\\", "likely")] * 3


def test_the_shortest_moment_still_lasts_in_every_reader(tmp_path: Path) -> None:
    import pysubs2

    timeline = make_timeline(tmp_path, "25")
    tiny = Prediction(QUERY, (Moment(1.5, 1.5000001), Moment(2.5004, 2.50049)), timeline.duration)
    for suffix in (".srt", ".vtt"):
        path = export(timeline, suffix, tiny)
        assert [line.duration for line in pysubs2.load(str(path))] == [1, 1]
        assert len(read(path)[0].moments) == 2
    with av.open(str(export(timeline, ".ffmetadata", tiny)), format="ffmetadata") as video:
        assert all(chapter["start"] < chapter["end"] for chapter in video.chapters())


def test_thousands_of_markers_keep_their_places(tmp_path: Path) -> None:
    pytest.importorskip("otio_cmx3600_adapter", reason="otio-cmx3600-adapter is not installed")
    timeline = make_timeline(tmp_path, "29.97 DF", start="23:59:50:00")  # past midnight from the 300th frame on
    many = Prediction(QUERY, tuple(Moment(k / 2, k / 2 + 1) for k in range(1200)), timeline.duration)
    path = export(timeline, ".edl", many)
    content = otio.adapters.read_from_file(str(path), rate=float(timeline.rate.rate), ignore_timecode_mismatch=True)
    clips = list(content.find_clips())
    starts = [round(clip.source_range.start_time.value) for clip in clips]
    wanted = [timeline.rate.frame(moment.start) for moment in many.moments]
    assert [(start - timeline.head) % timeline.rate.day for start in starts] == wanted
    [mark] = read(path, timeline)
    assert [round(moment.start * timeline.rate.rate) for moment in mark.moments] == wanted


def test_pympi_reads_eaf_without_overlap_in_a_tier(tmp_path: Path) -> None:
    elan = pytest.importorskip("pympi.Elan", reason="pympi-ling is not installed")
    timeline = make_timeline(tmp_path, "29.97 DF")
    over = (*MOMENTS, Moment(3_604, 3_610), Moment(3_603, 3_620))
    document = elan.Eaf(str(export(timeline, ".eaf", Prediction(QUERY, over, timeline.duration))))
    assert document.get_linked_files()[0]["MEDIA_URL"] == timeline.uri
    tiers = [QUERY, f"{QUERY} (2)", f"{QUERY} (3)"]
    assert list(document.get_tier_ids_for_linguistic_type("moment")) == tiers
    rows = [document.get_annotation_data_for_tier(tier) for tier in tiers]
    assert document.get_parameters_for_tier(f"{QUERY}: status")["PARENT_REF"] == QUERY
    assert {values[2] for values in document.get_ref_annotation_data_for_tier(f"{QUERY}: status")} == {"likely"}
    entries = document.get_cv_entries("status").values()
    assert [value for values, _ in entries for value, *_ in values] == ["confirmed", "likely", "unlikely"]
    for row in rows:
        assert all(before[1] <= after[0] for before, after in zip(sorted(row), sorted(row)[1:], strict=False))
    found = sorted((start / 1000, end / 1000) for row in rows for start, end, value in row if value == QUERY)
    assert found == sorted((m.start, m.end) for m in over)


def test_label_studio_counts_frames_from_one(tmp_path: Path) -> None:
    timeline = make_timeline(tmp_path, "25")
    [task] = json.loads(export(timeline, ".labelstudio.json").read_text())
    ranges = [result["value"]["ranges"][0] for result in task["predictions"][0]["result"]]
    assert ranges[1] == {"start": 1, "end": 10}  # 0 to 0.4 s: the first ten frames
    assert task["data"]["fps"] == 25.0


def test_fiftyone_labels_index_their_classes(tmp_path: Path) -> None:
    timeline = make_timeline(tmp_path, "25")
    answers = [Prediction(query, MOMENTS[:1], timeline.duration) for query in ("a", "b", "a")]
    content = json.loads(export(timeline, ".fiftyone.json", *answers).read_text())
    assert content["classes"] == ["a", "b"]
    assert [content["classes"][row["label"]] for row in content["labels"]["my video"]] == ["a", "b", "a"]
    assert content["labels"]["my video"][0]["timestamps"] == [3_600.0, 3_605.25]


READABLE = [name for name, kind in FORMATS.items() if kind.read and name != "youtube"]  # chapters have no ends


@pytest.mark.parametrize("name", READABLE)
def test_what_is_written_is_read_back(timeline: Timeline, name: str) -> None:
    queries = ["a man <opens> the fridge", "=1+1 & more", 'c, "d"']
    answers = [Prediction(query, MOMENTS, timeline.duration) for query in queries]
    path = export(timeline, FORMATS[name].suffix, *answers)
    back = read(path, timeline)
    assert sorted(mark.query for mark in back) == sorted(queries)
    for mark in back:
        assert near([(moment.start, moment.end) for moment in mark.moments], timeline)


@pytest.mark.parametrize("name", ["otio", "csv", "label-studio", "qvhighlights", "tal", "vtt-metadata", "json"])
def test_scores_come_back_too(tmp_path: Path, name: str) -> None:
    timeline = make_timeline(tmp_path, "24")
    [mark] = read(export(timeline, FORMATS[name].suffix))
    assert sorted(moment.score for moment in mark.moments) == [0.25, 0.5, 0.9]


def test_markers_that_share_a_frame_are_all_kept_in_resolve(tmp_path: Path) -> None:
    """Resolve drops the second marker of a frame: it is recorded a frame later, and nothing else of it changes."""
    pytest.importorskip("otio_cmx3600_adapter", reason="otio-cmx3600-adapter is not installed")
    timeline = make_timeline(tmp_path, "25", start=None)
    named = [("a | b", 1.0, 2.0), ("c + d", 1.0, 4.0), ("e", 1.04, 3.0)]
    answers = [Prediction(query, (Moment(start, end),), 9.0) for query, start, end in named]
    path = export(timeline, ".edl", *answers)
    content = otio.adapters.read_from_file(str(path), rate=25)  # no record times overlap
    starts = [clip.source_range.start_time.value - timeline.head for clip in content.find_clips()]
    assert starts == [25, 25, 26]
    events = [line.split()[6] for line in path.read_text().splitlines() if "  V  " in line]
    assert events == ["01:00:01:00", "01:00:01:01", "01:00:01:02"]
    assert "|C:ResolveColorGreen |M:c + d |D:75" in path.read_text()
    found = [(mark.query, moment.start, moment.end) for mark in read(path, timeline) for moment in mark.moments]
    assert found == named
    assert FORMATS["edl"].told(answers, timeline)[0].endswith("their notes say so: 2")


@pytest.mark.parametrize("name", ["23.976", "29.97 DF"])
def test_markers_at_the_end_stay_inside_the_video(tmp_path: Path, name: str) -> None:
    """An editor has no frame for a marker beyond the last."""
    timeline = replace(make_timeline(tmp_path, name), duration=60.0)
    answers = [Prediction(f"q{k}", (Moment(59.0, 60.0),), 60.0) for k in range(60)]
    answers.append(Prediction("last", (Moment(59.99, 60.0),), 60.0))
    path = export(timeline, ".edl", *answers)
    events = [line.split()[6] for line in path.read_text().splitlines() if "  V  " in line]
    frames = [timeline.rate.parse(event) - timeline.head for event in events]
    assert frames == list(range(timeline.frames - 61, timeline.frames))
    found = {mark.query: timeline.span(moment) for mark in read(path, timeline) for moment in mark.moments}
    assert found == {each.query: timeline.span(moment) for each in answers for moment in each.moments}
    [note] = FORMATS["edl"].told(answers, timeline)
    assert "Resolve keeps one marker per frame" in note
    short = replace(timeline, duration=1.0)
    assert "61 markers do not fit" in FORMATS["edl"].told(answers, short)[1]


HOSTILE = [
    "</marker><script>alert(1)</script>",
    "]]><!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "line\nbreak\r\n\r\n00:00:01.000 --> 00:00:02.000\nmore -->",
    "\x00\x07\x1b[31m \ud800 \uffff",
    '"; DROP TABLE\t|M:x |D:9 | + y',
    '=HYPERLINK("http://x")',
    "{{7*7}} ${x} \\N \\h {\\b1}",
]


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_break_out_of_their_place(tmp_path: Path, name: str, words: str) -> None:
    folder = tmp_path / "a&b<c>'\""
    folder.mkdir()
    timeline = Timeline(folder / "video & <b> ' \" ]]> %.mp4", 10.0, FrameRate.nearest(25))
    answers = [Prediction(words, (Moment(1, 2), Moment(4, 6)), 10.0)]
    path = write(answers, timeline, tmp_path / f"out{FORMATS[name].suffix}")
    text = path.read_text(FORMATS[name].encoding)
    assert "\x00" not in text and "\x1b" not in text
    if name in ("xmeml", "fcpxml", "eaf"):
        root = ElementTree.fromstring(text.split("\n", 2)[2] if name != "eaf" else text)
        assert not list(root.iter("script"))
        tag = "ALIGNABLE_ANNOTATION" if name == "eaf" else "marker"
        assert len(list(root.iter(tag))) == 2
    if name in READABLE:
        marks = read(path, timeline)
        spans = [(moment.start, moment.end) for mark in marks for moment in mark.moments]
        assert set(spans) == {(1.0, 2.0), (4.0, 6.0)}
    if name == "csv":
        assert ",=" not in text and '"=' not in text


def test_empty_answers_are_written_everywhere(tmp_path: Path) -> None:
    timeline = make_timeline(tmp_path, "25")
    for kind in FORMATS.values():
        assert export(timeline, kind.suffix, Prediction("nothing", (), 9.0)).exists()


def test_a_moment_keeps_one_frame_inside_the_video(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "a.mp4", 2.0, FrameRate.nearest(25))
    assert timeline.span(Moment(1.999, 2.0)) == (49, 50)
    assert timeline.span(Moment(1.0, 1.001)) == (25, 26)


@pytest.mark.parametrize("name", RATE_NAMES)
def test_half_a_frame_is_a_promise_of_the_timeline(tmp_path: Path, name: str) -> None:
    timeline = make_timeline(tmp_path, name)
    for k in range(500):
        moment = Moment(k * math.pi, k * math.pi + 5)
        first, end = timeline.span(moment)
        back = timeline.moment(first, end)
        assert abs(back.start - moment.start) <= 0.5 / timeline.rate.rate + 1e-9
        assert abs(back.end - moment.end) <= 0.5 / timeline.rate.rate + 1e-9
