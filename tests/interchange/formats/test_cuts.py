"""Cuts of EDLs and markers of Premiere as editing programs write them, read as moments of the video, to the frame."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from whenabouts import Moment, Prediction
from whenabouts.errors import AnnotationError
from whenabouts.interchange.formats import read, write, write_cuts
from whenabouts.interchange.stringout import assemble
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

RESOLVE = """TITLE: Selects
FCM: NON-DROP FRAME

001  AX       V     C        00:00:10:00 00:00:12:12 01:00:00:00 01:00:02:12
* FROM CLIP NAME: talk.mov

002  AX       A     C        00:00:10:00 00:00:12:12 01:00:00:00 01:00:02:12
* FROM CLIP NAME: talk.mov

003  BL       V     C        00:00:00:00 00:00:01:00 01:00:02:12 01:00:03:12
004  AX       V     C        00:10:00:00 00:10:00:24 01:00:03:12 01:00:04:11
* LOC: 01:00:03:20 RED     the budget
* FROM CLIP NAME: talk.mov

005  AX       V     C        00:00:20:00 00:00:25:00 01:00:04:11 01:00:09:11
* FROM CLIP NAME: other.mov
"""
AVID = """TITLE:   SEQUENCE.01
FCM: NON-DROP FRAME
001  TALK                             V     C        10:00:05:00 10:00:05:00 01:00:00:00 01:00:00:00
001  OTHER                            V     D    012 09:00:00:00 09:00:02:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME:  TALK
* TO CLIP NAME:  OTHER
002  OTHER                            V     C        09:00:02:00 09:00:02:00 01:00:02:00 01:00:02:00
002  TALK                             V     W001 025 10:00:07:00 10:00:09:00 01:00:02:00 01:00:04:00
* BLEND, CROSS
* FROM CLIP NAME:  OTHER
* TO CLIP NAME:  TALK
M2   TALK           050.0                10:00:07:00
>>> SOURCE TALK TALK 12345
"""
PREMIERE = """TITLE: Sequence 01
FCM: DROP FRAME

000001  AX       AA/V  C        00:00:59;28 00:01:00;02 00:00:00;00 00:00:00;02
* FROM CLIP NAME: TALK.MOV
* COMMENT: a red car passes, likely, rank 1, score 0.900
"""


def timeline(rate: str = "25", *, drop: bool = False, start: str | None = None) -> Timeline:
    counted = FrameRate(RATES[rate], drop=drop)
    made = Timeline(Path("talk.mov"), 3600.0, counted)
    return made if start is None else replace(made, start=counted.parse(start))


def moments(path: Path, of: Timeline) -> list[tuple[str, int, int]]:
    return [
        (each.query, *(of.rate.frame(time) for time in (moment.start, moment.end)))
        for each in read(path, of)
        for moment in each.moments
    ]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding)
    return path


def test_cuts_of_other_programs_are_moments_of_their_source(tmp_path: Path) -> None:
    resolve = written(tmp_path / "resolve.edl", RESOLVE)
    assert moments(resolve, timeline()) == [("Selects", 250, 312), ("the budget", 15_000, 15_024)]
    avid = written(tmp_path / "avid.edl", AVID.replace("\n", "\r\n"))
    assert moments(avid, timeline(start="10:00:00:00")) == [("SEQUENCE.01", 175, 225)]
    premiere = written(tmp_path / "premiere.edl", PREMIERE)
    for start in (None, "00:00:00:00"):
        [found] = read(premiere, timeline("29.97", start=start))
        assert (found.query, found.moments[0].score) == ("a red car passes", 0.9)
        assert moments(premiere, timeline("29.97", start=start))[0][1:] == (1798, 1800), "drop-frame, as it says"


def test_what_is_not_of_the_video_is_refused(tmp_path: Path) -> None:
    others = written(tmp_path / "a.edl", RESOLVE.replace("talk.mov", "meeting.mov"))
    with pytest.raises(AnnotationError, match=r"no cut of talk\.mov, but of meeting\.mov, other\.mov; name the video"):
        read(others, timeline())
    renamed = RESOLVE.replace("talk.mov", "Interview A").replace("other.mov", "Interview A")
    assert len(moments(written(tmp_path / "b.edl", renamed), timeline())) == 3, "one clip by a name of the editor"
    with pytest.raises(AnnotationError, match=r"line 4: the cut is outside the video, which begins at 10:00:00:00"):
        read(written(tmp_path / "c.edl", RESOLVE), timeline(start="10:00:00:00"))
    with pytest.raises(AnnotationError, match=r"line 4: the timecode 00:00:10:25 does not exist"):
        read(written(tmp_path / "d.edl", RESOLVE.replace("00:00:10:00", "00:00:10:25")), timeline())


EVERY = [(rate, drop) for rate in RATES for drop in (False, True) if not drop or FrameRate(RATES[rate]).can_drop]


@pytest.mark.parametrize("start", [None, "10:59:59:00"])
@pytest.mark.parametrize(("rate", "drop"), EVERY)
def test_what_is_written_is_read_back_to_the_frame(tmp_path: Path, rate: str, drop: bool, start: str | None) -> None:
    of = timeline(rate, drop=drop, start=start)
    spans = [(0, 1), (1797, 1803), (17_981, 18_000), (of.frames - 1, of.frames)]
    found = tuple(of.moment(*span, 0.875) for span in spans)
    answers = [Prediction("=a dog", found, of.duration, presence=0.9, video=str(of.path))]
    write_cuts(assemble([(of, answers)], "selects"), [tmp_path / "cuts.edl"])
    write(answers, of, tmp_path / "a.premiere.csv")
    for name in ("cuts.edl", "a.premiere.csv"):
        assert moments(tmp_path / name, of) == [("=a dog", *span) for span in spans], name
        [back] = read(tmp_path / name, of)
        assert (back.presence, back.annotator, {each.score for each in back.moments}) == (0.9, None, {0.875})


def test_cuts_of_several_videos_are_told_apart(tmp_path: Path) -> None:
    one, two = timeline(), replace(timeline(), path=Path("my meeting.mp4"))
    given = [(each, [Prediction("x", (Moment(at, at + 1),), 3600.0)]) for at, each in ((1, one), (2, two))]
    write_cuts(assemble(given, "both"), [tmp_path / "both.edl"])
    assert [moments(tmp_path / "both.edl", each)[0][1:] for each in (one, two)] == [(25, 50), (50, 75)]


MARKERS = (
    "Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\t\n"
    "budget\t\t00;00;59;28\t00;01;00;02\t00;00;00;02\tComment\t\n"
    "\ta goal\t00;10;00;00\t00;10;00;00\t00;00;00;00\tChapter\t\n"
)


def test_markers_as_premiere_lists_them(tmp_path: Path) -> None:
    path = written(tmp_path / "m.premiere.csv", MARKERS, "utf-16")
    of = timeline("29.97", start="00:00:00:00")
    assert moments(path, of) == [("budget", 1798, 1800), ("a goal", 17_982, 17_983)]
    short = written(tmp_path / "s.premiere.csv", "Marker Name\tIn\nx\t00:00:00:00\n", "utf-16")
    with pytest.raises(AnnotationError, match=r"line 2: a marker has Marker Name, Description, In"):
        read(short, of)
    beyond = written(tmp_path / "o.premiere.csv", MARKERS.replace("00;10;00;00", "05;10;00;00"), "utf-16")
    with pytest.raises(AnnotationError, match=r"line 3: the marker is outside the video"):
        read(beyond, of)


@pytest.mark.parametrize(("rate", "start"), [("23.976", "10:00:00:00"), ("25", None), ("59.94", "00:59:59:00")])
def test_cuts_of_otio_without_markers_are_moments(tmp_path: Path, rate: str, start: str | None) -> None:
    pytest.importorskip("opentimelineio")
    of = timeline(rate, start=start)
    spans = [(0, 1), (1798, 1803), (17_981, 18_000)]
    answers = [Prediction("a dog", tuple(of.moment(*span) for span in spans), of.duration, video=str(of.path))]
    write_cuts(assemble([(of, answers)], "selects"), [tmp_path / "cuts.otio"])
    content = json.loads((tmp_path / "cuts.otio").read_text())
    for track in content["tracks"]["children"]:
        for clip in track["children"]:
            clip["markers"] = []
    (tmp_path / "cuts.otio").write_text(json.dumps(content))
    assert moments(tmp_path / "cuts.otio", of) == [("selects", *span) for span in spans], "picture and sound once"
    assert read(tmp_path / "cuts.otio")[0].video == "talk.mov"
    write([replace(answers[0], moments=())], of, tmp_path / "none.otio")
    assert read(tmp_path / "none.otio") == [], "the whole file is no cut"


def clip(name: str = "talk.mov", span: tuple[int, int] | None = (50, 100), **more: Any) -> dict[str, Any]:
    """A clip of OTIO, of media of 250 frames; `span`: its first frame, and how many."""

    def stretch(first: int, frames: int) -> dict[str, Any]:
        times = [{"OTIO_SCHEMA": "RationalTime.1", "rate": 25.0, "value": float(value)} for value in (first, frames)]
        return {"OTIO_SCHEMA": "TimeRange.1", "start_time": times[0], "duration": times[1]}

    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"file:///{name}", "available_range": stretch(0, 250)}
    shown = span and stretch(*span)
    return {"OTIO_SCHEMA": "Clip.1", "name": name, "source_range": shown, "media_reference": media, **more}


def track(*clips: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "name": "V1", "children": list(clips), **more}


def of_otio(tmp_path: Path, *clips: dict[str, Any], of: Timeline | None = None, **more: Any) -> list[Any]:
    content = {"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": track(*clips, **more)}
    path = written(tmp_path / "cut.otio", json.dumps(content))
    return [(each.video, moment.start, moment.end) for each in read(path, of) for moment in each.moments]


def test_a_clip_without_a_range_shows_all_of_its_media(tmp_path: Path) -> None:
    assert of_otio(tmp_path, clip(span=None)) == [], "alone it is no cut"
    assert of_otio(tmp_path, clip(), clip(span=None)) == [("talk.mov", 2, 6), ("talk.mov", 0, 10)]
    with pytest.raises(AnnotationError, match=r"clip 'talk.mov' states no range"):
        of_otio(tmp_path, clip(), clip(span=None, media_reference=None))


def test_clips_that_are_off_are_no_cuts(tmp_path: Path) -> None:
    assert of_otio(tmp_path, clip(), clip(span=(0, 10), enabled=False)) == [("talk.mov", 2, 6)]


@pytest.mark.parametrize("effect", ["FreezeFrame.1", "LinearTimeWarp.1", "TimeEffect.1"])
def test_a_range_that_is_not_what_is_shown_is_refused(tmp_path: Path, effect: str) -> None:
    with pytest.raises(AnnotationError, match="its speed is changed"):
        of_otio(tmp_path, clip(effects=[{"OTIO_SCHEMA": effect, "time_scalar": 2.0}]))
    assert of_otio(tmp_path, clip(effects=[{"OTIO_SCHEMA": "Effect.1"}]))


def test_a_part_of_nested_clips_is_refused(tmp_path: Path) -> None:
    part = clip()["source_range"]
    for nested in ({"source_range": part}, {}):
        inside = track(clip(), clip(span=(0, 10)), **nested)
        if nested:
            with pytest.raises(AnnotationError, match=r"only a part of the clips in .V1. is shown"):
                of_otio(tmp_path, inside)
        else:
            assert len(of_otio(tmp_path, inside)) == 2
    with pytest.raises(AnnotationError, match=r"only a part of the clips in .V1. is shown"):
        of_otio(tmp_path, clip(), source_range=part)


def test_cuts_of_one_video_are_taken_from_those_of_several(tmp_path: Path) -> None:
    several = clip(), clip("my meeting.mp4", (0, 10))
    assert of_otio(tmp_path, *several, of=timeline()) == [("talk.mov", 2, 6)]
    assert len(of_otio(tmp_path, *several)) == 2
    with pytest.raises(AnnotationError, match=r"has no cut of other\.mov"):
        of_otio(tmp_path, *several, of=replace(timeline(), path=Path("other.mov")))


def test_a_cut_behind_the_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="the cut ends after the video"):
        of_otio(tmp_path, clip(span=(200, 200)), of=replace(timeline(), duration=10.0))


def test_an_event_that_runs_backwards_is_refused_as_such(tmp_path: Path) -> None:
    turned = RESOLVE.replace("00:00:10:00 00:00:12:12", "00:00:12:12 00:00:10:00")
    assert turned != RESOLVE
    with pytest.raises(AnnotationError, match="the cut runs backwards"):
        read(written(tmp_path / "b.edl", turned), timeline())
