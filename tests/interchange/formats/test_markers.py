"""Markers for editors, players and the web: each format is read by another program's reader, or by its maker's rule."""

from __future__ import annotations

import csv
import json
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from whenabouts import Moment, Prediction
from whenabouts.errors import AnnotationError
from whenabouts.interchange.formats import FORMATS, read, write
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

RATE_NAMES = ["23.976", "24", "25", "29.97 DF", "29.97", "50", "59.94 DF", "60"]
MOMENTS = (Moment(3_600.0, 3_605.25, 0.9), Moment(0.0, 0.4, 0.5), Moment(601.333, 8_999.9, 0.25))
QUERY, OTHER = 'a "man", he opens | the fridge', "=a cat"
START = "10:20:30:12"
LENGTH = 9000.0


@pytest.fixture(params=RATE_NAMES)
def timeline(request: pytest.FixtureRequest, tmp_path: Path) -> Timeline:
    return make_timeline(tmp_path, request.param)


def make_timeline(folder: Path, name: str = "25") -> Timeline:
    rate = FrameRate(RATES[name.removesuffix(" DF")], drop=name.endswith("DF"))
    return Timeline(folder / "my video.mp4", LENGTH, rate, rate.parse(START), 1280, 720)


def answers(*predictions: Prediction) -> list[Prediction]:
    return list(predictions) or [
        Prediction(QUERY, MOMENTS, LENGTH, presence=0.97),
        Prediction(OTHER, (Moment(3_600.0, 3_620.0, 0.75),), LENGTH, annotator="Ann"),
    ]


def export(timeline: Timeline, suffix: str, *predictions: Prediction) -> Path:
    return write(answers(*predictions), timeline, timeline.path.with_name(f"out{suffix}"))


def wanted(timeline: Timeline) -> list[tuple[int, int, str]]:
    """First frame, end and query of each moment, from the first frame of the video on, in order."""
    rows = [(*timeline.span(moment), each.query) for each in answers() for moment in each.moments]
    return sorted(rows)


def label_count(rate: FrameRate, label: str) -> int:
    """The frame of a label by the rule of SMPTE ST 12-1, counted anew: all labels but those that are dropped."""
    hours, minutes, seconds, frames = map(int, re.split("[:;]", label))
    counted = ((hours * 60 + minutes) * 60 + seconds) * rate.nominal + frames
    if ";" not in label:
        return counted
    total = hours * 60 + minutes
    return counted - rate.nominal // 15 * (total - total // 10)


def test_avid_reads_six_fields_with_tabs_between(timeline: Timeline) -> None:
    rows = [line.split("\t") for line in export(timeline, ".markers.txt").read_text("utf-8").splitlines()]
    assert {len(row) for row in rows} == {6} and {row[2] for row in rows} == {"V1"}
    start = label_count(timeline.rate, START.replace(":", ";") if timeline.rate.drop else START)
    firsts = [label_count(timeline.rate, row[1]) - start for row in rows]
    found = [(first, first + int(row[5]), row[4]) for first, row in zip(firsts, rows, strict=True)]
    assert sorted(found) == wanted(timeline) and firsts == sorted(firsts)
    assert {row[3] for row in rows} == {"red", "green"}
    assert rows[0][0] == "likely, presence 0.970, rank 2, score 0.500"


def test_another_reader_opens_the_clips_of_ale(timeline: Timeline) -> None:
    otio = pytest.importorskip("opentimelineio", reason="opentimelineio is not installed")
    pytest.importorskip("otio_ale_adapter", reason="otio-ale-adapter is not installed")
    content = otio.adapters.read_from_file(str(export(timeline, ".ale")))
    header = content.metadata["ALE"]["header"]
    assert (header["VIDEO_FORMAT"], header["TAPE"]) == ("720", "my video.mp4")
    found = []
    for clip in content:
        span, about = clip.source_range, clip.metadata["ALE"]
        assert span.start_time.rate == pytest.approx(float(timeline.rate.rate))
        first = round(span.start_time.value) - timeline.source
        found.append((first, first + round(span.duration.value), about["COMMENTS"]))
        assert clip.name == about["COMMENTS"][:32] and about["Tracks"] == "VA1A2"
    assert sorted(found) == wanted(timeline)
    assert [clip.metadata["ALE"]["Status"] for clip in content] == ["likely"] * 3 + ["confirmed"]


def test_premiere_lists_markers_with_tabs_in_utf_16(timeline: Timeline) -> None:
    path = export(timeline, ".premiere.csv")
    with path.open(encoding="utf-16", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t")
        rows = list(table)
    assert table.fieldnames == ["Marker Name", "Description", "In", "Out", "Duration", "Marker Type"]
    mark = ";" if timeline.rate.drop else ":"
    start = label_count(timeline.rate, START.replace(":", mark))
    found = []
    for row in rows:
        assert {row[field].count(mark) for field in ("In", "Out", "Duration")} == {3}
        first, end = (label_count(timeline.rate, row[field]) - start for field in ("In", "Out"))
        assert label_count(timeline.rate, row["Duration"]) == end - first
        found.append((first, end, row["Marker Name"].replace("'=", "=")))
    assert found == sorted(found) and sorted(found) == wanted(timeline)


def test_keywords_of_final_cut_are_whole_frames_of_the_video(timeline: Timeline) -> None:
    root = ElementTree.parse(export(timeline, ".keywords.fcpxml")).getroot()
    clip = root.find("library/event/asset-clip")
    assert clip is not None
    frame = 1 / timeline.rate.rate

    def frames(value: str | None) -> int:
        count = Fraction((value or "").removesuffix("s")) / frame
        assert count.denominator == 1
        return int(count)

    begin = frames(clip.get("start"))
    assert begin == timeline.source and clip.get("ref") == root.find("resources/asset").get("id")  # type: ignore[union-attr]
    found = []
    for keyword in clip:
        assert keyword.tag == "keyword" and "," not in (keyword.get("value") or "")
        first = frames(keyword.get("start")) - begin
        found.append(
            (first, first + frames(keyword.get("duration")), (keyword.get("value") or "").replace("\uff0c", ","))
        )
    assert sorted(found) == wanted(timeline)


def test_another_reader_opens_keywords_and_markers_of_one_video(tmp_path: Path) -> None:
    otio = pytest.importorskip("opentimelineio", reason="opentimelineio is not installed")
    pytest.importorskip("otio_fcpx_xml_adapter", reason="otio-fcpx-xml-adapter is not installed")
    path = export(make_timeline(tmp_path), ".keywords.fcpxml")
    content = otio.adapters.read_from_file(str(path), adapter_name="fcpx_xml")
    assert "my video.mp4" in content.to_json_string()


def test_audacity_labels_are_seconds_with_a_point(timeline: Timeline) -> None:
    rows = [line.split("\t") for line in export(timeline, ".labels.txt").read_text("utf-8").splitlines()]
    found = [(timeline.rate.frame(float(row[0])), timeline.rate.frame(float(row[1])), row[2]) for row in rows]
    assert sorted(found) == wanted(timeline)
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{6}", time) for row in rows for time in row[:2])


def test_losslesscut_segments_are_also_plain_json(timeline: Timeline) -> None:
    content = json.loads(export(timeline, ".llc").read_text("utf-8"))
    assert (content["version"], content["mediaFileName"]) == (2, "my video.mp4")
    spans = [tuple(timeline.rate.frame(row[end]) for end in ("start", "end")) for row in content["cutSegments"]]
    assert sorted((*span, row["name"]) for span, row in zip(spans, content["cutSegments"], strict=True)) == wanted(
        timeline
    )
    assert all(isinstance(value, str) for row in content["cutSegments"] for value in row["tags"].values())


def test_clips_of_json_ld_say_where_they_begin(timeline: Timeline) -> None:
    text = export(timeline, ".jsonld").read_text("utf-8")
    content = json.loads(text)
    assert (content["@context"], content["@type"]) == ("https://schema.org", "VideoObject")
    clips = content["hasPart"]
    found = [tuple(timeline.rate.frame(clip[f"{end}Offset"]) for end in ("start", "end")) for clip in clips]
    assert sorted((*span, clip["name"]) for span, clip in zip(found, clips, strict=True)) == wanted(timeline)
    assert {clip["@type"] for clip in clips} == {"Clip"} and clips[-1]["url"] == "?t=3600"
    action = content["potentialAction"]
    [name] = re.findall(r"\{(\w+)\}", action["target"])
    assert action["startOffset-input"] == f"required name={name}"


def chapters(text: str) -> list[tuple[int, str]]:
    """Seconds and titles, as YouTube's rule has them; it takes no list that breaks the rule."""
    found = []
    for line in text.splitlines():
        time, _, title = line.partition(" ")
        parts = [int(part) for part in time.split(":")]
        found.append((sum(part * 60**k for k, part in enumerate(reversed(parts))), title))
    return found


def test_chapters_keep_the_rules_of_youtube_and_say_what_they_cost(tmp_path: Path) -> None:
    timeline = make_timeline(tmp_path)
    at = [(25.9, "a dog"), (31.0, "a cat"), (3_700.5, "a <b> fish"), (3_720.0, "a bird"), (LENGTH - 4, "the end")]
    many = [Prediction(query, (Moment(start, start + 1),), LENGTH) for start, query in at]
    found = chapters(export(timeline, ".chapters.txt", *many).read_text("utf-8"))
    assert found == [
        (0, "Start"),
        (25, "a dog / a cat"),
        (3_700, "a \u2039b\u203a fish"),
        (3_720, "a bird / the end"),
    ]
    added, merged = FORMATS["youtube"].told(many, timeline)
    assert "“0:00 Start” was added" in added
    assert merged.startswith("5 moments became 3 chapters") and "“0:25 a dog / a cat”" in merged
    few = FORMATS["youtube"].told(many[:1], timeline)
    assert "shows chapters from 3 on, and these are 2" in few[-1]
    assert (
        FORMATS["youtube"].told([], timeline) == []
        and not export(timeline, ".chapters.txt", Prediction("x", (), 9.0)).read_text()
    )


def test_chapters_of_a_description_are_read_until_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.chapters.txt"
    path.write_text("My film, 2024\n\n00:00 - Intro\n1:30 a dog: 2 of 3\n01:02:03 the end\nThanks!\n")
    found = [(mark.query, mark.moments[0].start, mark.moments[0].end) for mark in read(path, make_timeline(tmp_path))]
    assert found == [("Intro", 0.0, 90.0), ("a dog: 2 of 3", 90.0, 3723.0), ("the end", 3723.0, LENGTH)]


FOREIGN = {
    "a.labels.txt": (
        "1.5\t2.25\ta dog\r\n\\\t100.0\t200.0\r\n3\t3\t\n4,5\t5,5\ta cat\n",
        [("a dog", 1.5, 2.25), ("", 3.0, 3.0), ("a cat", 4.5, 5.5)],
    ),
    "a.llc": (
        "// made by hand\n{\n  version: 1,\n  mediaFileName: 'it\\'s.mp4',\n  cutSegments: [\n"
        "    { start: 1.5, end: 2.25, name: 'a dog', },\n"
        '    { end: +.5, name: "caf\\u00e9 \\\nbar" }, /* first */\n  ],\n}\n',
        [("a dog", 1.5, 2.25), ("café bar", 0.0, 0.5)],
    ),
    "a.markers.txt": (
        "Isabel\t10:20:31:12\tV1\tred\ta dog\t1\n\n"
        "Editor\t10:20:32:12\tV2\tcyan\ta cat\t50\t\tcyan\nOld\t10:20:30:12\tV1\tred\tx\n",
        [("a dog", 1.0, 1.04), ("a cat", 2.0, 4.0), ("x", 0.0, 0.04)],
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_files_that_other_programs_write(tmp_path: Path, name: str) -> None:
    text, rows = FOREIGN[name]
    (tmp_path / name).write_bytes(text.encode())
    found = [
        (mark.query, m.start, m.end) for mark in read(tmp_path / name, make_timeline(tmp_path)) for m in mark.moments
    ]
    assert [row[0] for row in found] == [row[0] for row in rows]
    assert [row[1:] for row in found] == [pytest.approx(row[1:], abs=1e-5) for row in rows]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.labels.txt", "1\t2\tx\nsoon\t2\tx\n", "line 2.*not a time in seconds"),
        ("a.labels.txt", "1\tnan\tx\n", "line 1.*not a time in seconds"),
        ("a.llc", "{version: 1, cutSegments: [{start: 1, end: 0, name: ''}]}", "cutSegments 1.*start < end"),
        ("a.llc", "{version: 1,\n cutSegments: oops}", "not a LosslessCut project: line 2 has 'oops}'"),
        ("a.llc", "[" * 5000, "nested too deeply"),
        ("a.llc", "{version: 1}", "cutSegments is missing"),
        ("a.llc", '{version: 1, cutSegments: [{start: "1"}]}', "start must be a finite number"),
        ("a.markers.txt", "a\tb\n", "line 1.*tabs between"),
        ("a.markers.txt", "a\t10:20:99:12\tV1\tred\tx\t1\n", "line 1.*not a timecode"),
        ("a.markers.txt", "a\t01:00:00:00\tV1\tred\tx\t1\n", "line 1.*outside the video"),
        ("a.chapters.txt", "no chapters here\n", "has no chapters"),
        ("a.chapters.txt", "1:00 a\n0:30 b\n", "line 1.*start < end"),
    ],
)
def test_damage_is_told_with_its_place(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(AnnotationError, match=message):
        read(tmp_path / name, make_timeline(tmp_path))


CARRYING = ["csv", "otio", "vtt-metadata", "json", "edl", "avid", "losslesscut", "vtt", "srt-scored", "eaf"]


@pytest.mark.parametrize("name", CARRYING)
def test_status_and_score_come_back(tmp_path: Path, name: str) -> None:
    timeline = make_timeline(tmp_path)
    given = [
        Prediction("likely", (Moment(1, 2, 0.875),), LENGTH, presence=0.75),
        Prediction("unlikely", (Moment(3, 4, 0.5),), LENGTH, presence=0.125),
        Prediction("confirmed", (Moment(5, 6, 1.0),), LENGTH, annotator="Ann"),
    ]
    path = write(given, timeline, tmp_path / f"a{FORMATS[name].suffix}", only="all")
    again = [
        Prediction(mark.query, mark.moments, LENGTH, mark.presence, annotator=mark.annotator)
        for mark in read(path, timeline)
    ]
    assert {each.query: each.status for each in again} == {each: each for each in ("likely", "unlikely", "confirmed")}
    assert {each.query: (each.moments[0].score, each.presence) for each in again} == {
        each.query: (each.moments[0].score, each.presence) for each in given
    }
    if name in ("csv", "otio", "vtt-metadata", "json"):
        assert [each.annotator for each in again] == [None, None, "Ann"]


@pytest.mark.parametrize("name", [name for name in CARRYING if name != "json"])
def test_a_status_that_a_person_changed_counts(tmp_path: Path, name: str) -> None:
    """The numbers beside it stay in the file, and say what the model thought."""
    timeline, turned = make_timeline(tmp_path), {"likely": "unlikely", "unlikely": "likely", "confirmed": "unlikely"}
    given = [
        Prediction("a", (Moment(1, 2, 0.9),), LENGTH, presence=0.9),
        Prediction("b", (Moment(3, 4, 0.9),), LENGTH, presence=0.1),
        Prediction("c", (Moment(5, 6, 0.9),), LENGTH, annotator="Ann"),
    ]
    path = write(given, timeline, tmp_path / f"a{FORMATS[name].suffix}", only="all")
    kept, vocabulary, rest = path.read_text("utf-8").partition("<CONTROLLED_VOCABULARY")
    path.write_text(
        re.sub(r"\b(unlikely|likely|confirmed)\b", lambda m: turned[m[1]], kept) + vocabulary + rest, "utf-8"
    )
    again = [
        Prediction(mark.query, mark.moments, LENGTH, mark.presence, annotator=mark.annotator)
        for mark in read(path, timeline)
    ]
    assert {each.query: each.status for each in again} == {"a": "unlikely", "b": "likely", "c": "unlikely"}


@pytest.mark.parametrize("name", list(FORMATS))
def test_only_chooses_among_the_moments(tmp_path: Path, name: str) -> None:
    timeline = make_timeline(tmp_path)
    given = {
        "likely": Prediction("qlikely", (Moment(20, 22),), LENGTH, presence=0.75),
        "unlikely": Prediction("qhidden", (Moment(40, 42),), LENGTH, presence=0.125),
        "confirmed": Prediction("qconfirmed", (Moment(60, 62),), LENGTH, annotator="Ann"),
    }
    kind = FORMATS[name]

    def alone(*kept: str) -> bytes:
        return without_date(
            kind.write([each if key in kept else emptied(each) for key, each in given.items()], timeline)
        )

    def without_date(text: str) -> bytes:
        return re.sub(r' DATE="[^"]*"', "", text).encode(kind.encoding, "backslashreplace")

    def written(only: str | None) -> bytes:
        data = kind.data(list(given.values()), timeline, only)  # type: ignore[arg-type]
        return without_date(data.decode(kind.encoding))

    assert written("likely") == alone("likely", "confirmed")
    assert written("confirmed") == alone("confirmed")
    assert written("all") == alone("likely", "unlikely", "confirmed")
    assert written(None) == written("all" if name in ("json", "qvhighlights", "tal") else "likely")
    assert kind.told([given["likely"]], timeline, "confirmed")[0].startswith("none of the 1 moments was taken")


def emptied(prediction: Prediction) -> Prediction:
    from dataclasses import replace

    return replace(prediction, moments=())
