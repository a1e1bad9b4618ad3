"""What a page holds, before any browser opens it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import make_video

from whenabouts import Evidence, Moment, Prediction, Receipt, Saliency
from whenabouts.errors import InputError
from whenabouts.interchange.report import LANE_POINTS, write_report
from whenabouts.video import Video


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video_path") / "video.mp4"
    make_video(path, seconds=1.0)
    return path


def content(page: Path) -> dict[str, Any]:
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    held: dict[str, Any] = json.loads(data)
    return held


def test_the_predictions_come_back_out_of_the_page(video_path: Path, tmp_path: Path) -> None:
    receipt = Receipt("1", "similarity", "ab" * 32, {"builtin": "cd" * 32}, {"fps": 2.0})
    moment = Moment(0.2, 0.6, 0.9, (Evidence("said", 0.2, 0.6, "a quote"),))
    given = [Prediction("a", (moment,), 1.0, 0.9, Saliency((0.0, 0.5), (0.1, 0.7)), "video.mp4", receipt)]
    with Video(video_path) as video:
        page = write_report(given, video, tmp_path / "new" / "folder" / "page.html", truth={"a": [(0.1, 0.5)]})
    assert [Prediction.from_dict(row) for row in content(page)["predictions"]] == given
    assert content(page)["queries"][0]["truth"] == [[0.1, 0.5]]


@settings(max_examples=30)
@given(st.text() | st.sampled_from(["</script>", "<!--", "\u2028", "\ud800", "/*data*/", "script-digest", "&lt;"]))
def test_any_text_is_data_and_nothing_else(video_path: Path, tmp_path: Path, text: str) -> None:
    said = Evidence("said", 0.0, 1.0, text)
    given = [Prediction(text, (Moment(0.0, 1.0, 1.0, (said,)),), 1.0)]
    with Video(video_path) as video:
        page = write_report(given, video, tmp_path / "page.html", title=text)
        plain = write_report([], video, tmp_path / "plain.html", title="plain")
    markup, data = re.subn(r'(id="data">).*?(?=</script>)', r"\1", page.read_text("utf-8"), flags=re.S)
    assert (markup, data) == re.subn(r'(id="data">).*?(?=</script>)', r"\1", plain.read_text("utf-8"), flags=re.S)
    assert content(page)["queries"][0]["query"] == text
    assert content(page)["queries"][0]["moments"][0]["evidence"] == [{"kind": "said", "text": text}]


def test_the_policy_names_the_script_and_the_style_and_allows_no_other(video_path: Path, tmp_path: Path) -> None:
    with Video(video_path) as video:
        text = write_report([], video, tmp_path / "page.html").read_text("utf-8")
    for tag in ("script", "style"):
        [body] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text and "unsafe" not in text.split("</head>")[0].split("<style>")[0]
    assert not re.search(r"(src|href)=\"?http", text)


def test_numbers_that_json_does_not_know_do_not_break_the_page(video_path: Path, tmp_path: Path) -> None:
    curve = Saliency((0.0, 0.2, 0.4, 0.6), (float("nan"), 1.0, float("inf"), 3.0))
    none = Saliency((0.0,), (float("-inf"),))
    given = [
        Prediction("a", (Moment(0.0, 0.5, float("inf")),), 1.0, saliency=curve),
        Prediction("b", (), 1.0, None, none),
    ]
    with Video(video_path) as video:
        held = content(write_report(given, video, tmp_path / "page.html"))
    assert held["queries"][0]["moments"][0]["score"] is None
    assert [query["lane"] for query in held["queries"]] == [[[0.2, 0.0], [0.6, 1.0]], []]


def test_a_long_curve_is_thinned_and_keeps_its_peak(video_path: Path, tmp_path: Path) -> None:
    values = [0.0] * 100_000
    values[77_777] = 1.0
    curve = Saliency(tuple(k / 100_000 for k in range(100_000)), tuple(values))
    with Video(video_path) as video:
        lane = content(write_report([Prediction("a", (), 1.0, saliency=curve)], video, tmp_path / "page.html"))
    points = lane["queries"][0]["lane"]
    assert len(points) <= LANE_POINTS
    assert [time for time, height in points if height == 1.0] == pytest.approx([0.78], abs=0.01)


def test_a_file_name_that_is_no_unicode_is_no_obstacle(video_path: Path, tmp_path: Path) -> None:
    odd = tmp_path / "caf\udce9.mp4"
    try:
        odd.write_bytes(video_path.read_bytes())
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes Unicode names only")
    with Video(odd) as video:
        page = write_report([Prediction("a", (), 1.0, video=str(odd))], video, tmp_path / "page.html", embed=False)
    assert content(page)["source"] == "./caf%E9.mp4"


def test_a_page_that_cannot_be_written_leaves_nothing_behind(video_path: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with Video(video_path) as video, pytest.raises(InputError, match="cannot be written"):
        write_report([], video, tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
