"""Files that break readers: each is refused in one sentence, or read for what it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import WhenaboutsError
from whenabouts.interchange.formats import read
from whenabouts.interchange.timecode import RATES, FrameRate
from whenabouts.interchange.timeline import Timeline

TIMELINE = Timeline(Path("v.mp4"), 600.0, FrameRate(RATES["25"]))
CUE = "1\n00:00:01,000 --> 00:00:02,000\n"
DIGITS = "9" * 5000


def otio(rate: Any = 25, value: Any = 25, duration: Any = 25, begin: Any = 0) -> str:
    """A clip with one marker; numbers may be what JSON has no token for."""

    def time(count: Any) -> dict[str, Any]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": count}

    marker = {"name": "x", "marked_range": {"start_time": time(value), "duration": time(duration)}}
    media = {"available_range": {"start_time": time(begin), "duration": time(25)}}
    return json.dumps({"OTIO_SCHEMA": "Clip.1", "media_reference": media, "markers": [marker]})


def eaf(first: str, last: str, url: str = "file:///v.mp4") -> str:
    slots = f'<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="{first}"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="{last}"/>'
    note = '<ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" TIME_SLOT_REF2="b"/>'
    return (
        f'<ANNOTATION_DOCUMENT><HEADER><MEDIA_DESCRIPTOR MEDIA_URL="{url}"/></HEADER><TIME_ORDER>{slots}</TIME_ORDER>'
        f'<TIER TIER_ID="x"><ANNOTATION>{note}</ANNOTATION></TIER></ANNOTATION_DOCUMENT>'
    )


LAUGHS = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))
REFUSED = {
    "brackets.otio": "[" * 100_000,
    "closed.otio": "[" * 100_000 + "]" * 100_000,
    "objects.otio": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "stacks.otio": '{"OTIO_SCHEMA":"Stack.1","children":[' * 30_000 + "]}" * 30_000,
    "infinite.otio": otio(value=float("inf")),
    "nan.otio": otio(value=float("nan")),
    "infinite_rate.otio": otio(rate=float("inf")),
    "no_rate.otio": otio(rate=0),
    "backwards_rate.otio": otio(rate=-25),
    "huge.otio": otio(value=1e308),
    "begin.otio": otio(begin=float("-inf")),
    "digits.otio": otio().replace("25", DIGITS),
    "numbers.otio": '{"OTIO_SCHEMA": 5}',
    "tracks.otio": '{"OTIO_SCHEMA": "Timeline.1", "tracks": 5}',
    "laughs.eaf": f'<!DOCTYPE a [<!ENTITY a0 "lol">{LAUGHS}]><ANNOTATION_DOCUMENT>&a9;</ANNOTATION_DOCUMENT>',
    "external.eaf": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "deep.eaf": "<a>" * 200_000,
    "digits.eaf": eaf("5", DIGITS),
    "large.eaf": eaf("5", "9" * 400),
    "label.edl": "001  001      V     C        01:00:00:00 01:00:00:01 99:99:99:99 01:00:00:01\n",
    "infinite.csv": "query,start,end\nx,inf,nan\n",
    "large.csv": "query,start,end\nx,1,1e400\n",
    "cell.csv": f"query,start,end\n{'x' * 200_000},1,2\n",
    "times.srt": "1\n99999999:00:00,000 --> 99999999:00:00,001\nx\n",
    "deep.metadata.vtt": f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n{'[' * 100_000}\n",
    "deep.json": "[" * 100_000,
    "infinite.json": '{"query": "x", "duration": 5, "moments": [{"start": 1, "end": Infinity, "score": 1}]}',
    "large.jsonl": '{"query": "x", "vid": "v", "pred_relevant_windows": [[0, 1e400, 1]]}',
}
READ = {
    "url.eaf": eaf("5", "6", url="file://[bad"),
    "entity.srt": f"{CUE}&#{DIGITS};",
    "tags.srt": f"{CUE}{'<a' * 100_000}",
    "names.edl": "001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01\n"
    f" |C:x |M:{'a + ' * 100_000}a |D:9\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(REFUSED[name], "utf-8")
    with pytest.raises(WhenaboutsError) as refused:
        read(path, TIMELINE)
    assert name in str(refused.value) and len(str(refused.value).replace(str(tmp_path), "")) < 400


@pytest.mark.parametrize("name", READ)
def test_it_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(READ[name], "utf-8")
    assert len(read(path, TIMELINE)) == 1
