"""Files from elsewhere are read as their makers write them; damaged ones are refused with place and reason."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts import Moment, Prediction
from whenabouts.errors import InputError, MissingExtra
from whenabouts.interchange.formats import FORMATS, read, write
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

NTSC = Timeline(Path("video.mov"), 600.0, FrameRate(RATES["29.97"], drop=True))

RESOLVE = """TITLE: Timeline 1
FCM: DROP FRAME

001  001      V     C        01:01:00;02 01:01:00;03 01:01:00;02 01:01:00;03
two words in a note |C:ResolveColorRed |M:Marker 1 |D:30

"""
SUBRIP = """1
00:00:01,000 --> 00:00:02,500
<i>a dog</i> &amp;
a cat

2
00:00:03,000 --> 00:00:04,000 X1:1
a dog
""".replace("\n", "\r\n")
WEBVTT = """WEBVTT - made elsewhere

NOTE a --> b

STYLE
::cue {}

01:02.500 --> 01:04.000 align:start
<v Ann>hello</v>
"""
LABELS = [
    {
        "data": {"video": "/data/video.mp4", "fps": 25},
        "predictions": [{"result": []}],
        "annotations": [
            {
                "result": [
                    {"type": "choices", "value": {"choices": ["x"]}},
                    {
                        "type": "timelinelabels",
                        "value": {"ranges": [{"start": 26, "end": 50}], "timelinelabels": ["run"]},
                    },
                ]
            }
        ],
    }
]
ELAN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
    <MEDIA_DESCRIPTOR MEDIA_URL="file:///a.mp4" MIME_TYPE="video/mp4"/></HEADER>
  <TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1500"/>
    <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="2250"/></TIME_ORDER>
  <TIER TIER_ID="runs" LINGUISTIC_TYPE_REF="d"><ANNOTATION>
    <ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
      <ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION>
  </ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>"""
CASES = {
    "a.edl": (RESOLVE, [("Marker 1", 60.06, 61.061)]),
    "million.edl": (RESOLVE.replace("001  001", "1000000  001"), [("Marker 1", 60.06, 61.061)]),
    "a.srt": (SUBRIP, [("a dog & a cat", 1.0, 2.5), ("a dog", 3.0, 4.0)]),
    "a.vtt": (WEBVTT, [("hello", 62.5, 64.0)]),
    "a.labelstudio.json": (json.dumps(LABELS), [("run", 25 * 1001 / 30_000, 50 * 1001 / 30_000)]),
    "a.eaf": (ELAN, [("runs", 1.5, 2.25)]),
    "a.csv": ("query,start,end\na dog,1,2.5\n", [("a dog", 1.0, 2.5)]),
    "a.jsonl": ('{"qid": 1, "query": "q", "vid": "v_0_150", "relevant_windows": [[2, 4]]}\n', [("q", 2.0, 4.0)]),
    "a.tal.json": ('{"results": {"v": [{"segment": [1, 2], "label": "Run", "score": 0.5}]}}', [("Run", 1.0, 2.0)]),
}


@pytest.mark.parametrize("name", CASES)
def test_files_from_elsewhere(tmp_path: Path, name: str) -> None:
    text, wanted = CASES[name]
    path = tmp_path / name
    path.write_bytes(text.encode())
    found = [(mark.query, m.start, m.end) for mark in read(path, NTSC) for m in mark.moments]
    assert [row[0] for row in found] == [row[0] for row in wanted]
    assert [row[1:] for row in found] == [pytest.approx(row[1:], abs=1e-3) for row in wanted]


def test_tasks_of_label_studio_bring_their_own_rate(tmp_path: Path) -> None:
    (tmp_path / "a.labelstudio.json").write_text(json.dumps(LABELS))
    [mark] = read(tmp_path / "a.labelstudio.json")
    assert (mark.moments[0].start, mark.moments[0].end, mark.video) == (1.0, 2.0, "/data/video.mp4")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.edl", RESOLVE.replace("01:01:00;02", "01:01:00;00"), "line 4.*skips it"),
        ("a.edl", RESOLVE.replace("01:01:00;02", "00:01:00;02"), "line 5.*outside the video"),
        ("a.srt", "1\n00:00:99,000 --> 00:00:02,000\nx\n", "cue 1.*is not two times"),
        ("a.srt", "1\n00:00:03,000 --> 00:00:02,000\nx\n", "cue 1.*start < end"),
        ("a.srt", "no subtitles here", "no cues"),
        ("a.vtt", "", "is empty"),
        ("a.metadata.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n", "cue 1.*not a JSON object"),
        ("a.otio", '{"OTIO_SCHEMA": "Nothing.1"}', "not an OpenTimelineIO timeline"),
        ("a.otio", "[]", "not an OpenTimelineIO timeline"),
        ("a.eaf", '<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>', "not an ELAN annotation file"),
        ("a.eaf", ELAN.replace('TIME_VALUE="2250"', ""), "annotation a1.*no time"),
        ("a.eaf", "<x", "not an ELAN annotation file"),
        ("a.csv", "query,start,end\nq,2,one\n", "line 2.*end must be a finite number"),
        ("a.csv", "query,start,end\nq,2,1\n", "line 2.*start < end"),
        ("a.jsonl", '{"query": "q", "vid": "v", "relevant_windows": [[1]]}', "list of 2 numbers"),
        ("a.tal.json", '{"results": {"v": [{"segment": [1], "label": "x"}]}}', "entry|segment"),
        ("a.labelstudio.json", '[{"data": 1}]', "must be a JSON object"),
        ("a.json", '[{"query": "q"}]', "prediction 1: the field moments"),
        ("a.fcpxml", "<fcpxml/>", "can only be written"),
        ("a.txt", "x", "does not have the suffix of a known format"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / name, NTSC)
    assert "\n" not in str(caught.value)


BACK = [name for name, kind in FORMATS.items() if kind.read]
ANSWERS = [Prediction(query, (Moment(1, 2, 0.5), Moment(30, 40.5, 0.25)), 600.0) for query in ("a dog", "a cat")]


@settings(max_examples=60)
@given(edits=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 9), st.text(max_size=4)), min_size=1, max_size=4))
@pytest.mark.parametrize("name", BACK)
def test_damage_is_read_or_refused_and_nothing_else(
    tmp_path: Path, name: str, edits: list[tuple[int, int, str]]
) -> None:
    path = tmp_path / f"a{FORMATS[name].suffix}"
    text = FORMATS[name].write(ANSWERS, NTSC)
    for place, gone, new in edits:
        at = place % (len(text) + 1)
        text = text[:at] + new + text[at + gone :]
    path.write_text(text, "utf-8")
    with contextlib.suppress(InputError):
        assert all(0 <= moment.start < moment.end for mark in read(path, NTSC) for moment in mark.moments)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_senseless_rates_in_otio_are_refused(tmp_path: Path, rate: float) -> None:
    text = FORMATS["otio"].write(ANSWERS, NTSC).replace(f'"rate": {30000 / 1001}', f'"rate": {rate}')
    (tmp_path / "a.otio").write_text(text.replace("nan", "NaN"))
    with pytest.raises(InputError):
        read(tmp_path / "a.otio")


def test_clips_of_otio_are_found_in_order_at_any_depth_and_of_both_versions(tmp_path: Path) -> None:
    content = json.loads(FORMATS["otio"].write(ANSWERS, NTSC))
    [new] = content["tracks"]["children"][0]["children"]
    old = {key: value for key, value in new.items() if key != "media_references"}
    old |= {"OTIO_SCHEMA": "Clip.1", "media_reference": new["media_references"]["DEFAULT_MEDIA"], "name": "old"}
    nested = {"OTIO_SCHEMA": "Stack.1", "children": [old, {"OTIO_SCHEMA": "Gap.1", "markers": []}]}
    for _ in range(400):
        nested = {"OTIO_SCHEMA": "Stack.1", "children": [nested]}
    content["tracks"]["children"].append({"OTIO_SCHEMA": "Track.1", "children": [nested, {"OTIO_SCHEMA": "Gap.1"}]})
    (tmp_path / "a.otio").write_text(json.dumps(content))
    found = read(tmp_path / "a.otio")
    assert [mark.video for mark in found] == ["video.mov", "video.mov", "old", "old"]
    assert [mark.moments for mark in found[:2]] == [mark.moments for mark in found[2:]]


@pytest.mark.parametrize(
    "media", [None, {}, {"DEFAULT_MEDIA": None}, {"other": {"available_range": 1}}, [], "DEFAULT_MEDIA"]
)
def test_a_clip_of_otio_without_its_media_counts_from_zero(tmp_path: Path, media: object) -> None:
    content = json.loads(FORMATS["otio"].write(ANSWERS, NTSC))
    content["tracks"]["children"][0]["children"][0]["media_references"] = media
    (tmp_path / "a.otio").write_text(json.dumps(content))
    assert read(tmp_path / "a.otio")[0].moments[0].start == pytest.approx(1.001 + NTSC.source * 1001 / 30_000, abs=0.04)


def test_without_its_library_otio_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(MissingExtra, match=r"whenabouts\[edit\]"):
        write(ANSWERS, NTSC, tmp_path / "a.otio")
    assert not list(tmp_path.iterdir())


def test_an_edl_needs_its_video(tmp_path: Path) -> None:
    (tmp_path / "a.edl").write_text(RESOLVE)
    with pytest.raises(InputError, match="name its video"):
        read(tmp_path / "a.edl")


def test_writing_refuses_the_video_itself_and_unknown_formats(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "video.json", 9.0, FrameRate.nearest(25))
    with pytest.raises(InputError, match="is the video itself"):
        write([], timeline, tmp_path / "video.json")
    with pytest.raises(InputError, match="unknown format 'aaf'"):
        write([], timeline, tmp_path / "a.aaf", format="aaf")
    assert write([], timeline, tmp_path / "a.aaf", format="srt").read_text() == ""
    assert FORMATS["edl"].suffix == ".edl" and not list(tmp_path.glob("*.part"))


def test_a_status_that_was_changed_in_elan_is_believed(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "a.mp4", 9.0, FrameRate.nearest(25))
    path = write([Prediction("a dog", (Moment(1, 2, 0.5),), 9.0, presence=0.5)], timeline, tmp_path / "a.eaf")
    path.write_text(path.read_text().replace("<ANNOTATION_VALUE>likely</", "<ANNOTATION_VALUE>confirmed</"))
    [mark] = read(path)
    assert (mark.annotator, mark.presence, mark.moments[0].score) == ("", 0.5, 0.5)


def test_a_video_that_eaf_links_is_a_path_again(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "my talk.mp4", 9.0, FrameRate.nearest(25))
    path = write([Prediction("a dog", (Moment(1, 2),), 9.0)], timeline, tmp_path / "a.eaf")
    assert [mark.video for mark in read(path)] == [str(tmp_path / "my talk.mp4")]
