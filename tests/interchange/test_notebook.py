"""In a notebook a prediction shows itself: true positions, no scripts, and nothing from outside but text."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import av
import media
import pytest

from whenabouts import Evidence, Moment, Prediction, Saliency
from whenabouts.interchange.notebook import ACCENT, WIDTH, Svg, plot, to_html

HOSTILE = "</text><script>alert(1)</script><img src=x onerror='a()'> & \" \x00\x1b"
SVG = "{http://www.w3.org/2000/svg}"
CURVE = Saliency(tuple(range(0, 100)), tuple(float(k == 70) for k in range(100)))


def answer(**facts: object) -> Prediction:
    moments = (Moment(25.0, 50.0, 0.8), Moment(70.0, 80.0, 0.4))
    return Prediction(**{"query": "a dog", "moments": moments, "duration": 100.0, **facts})  # type: ignore[arg-type]


def bars(svg: str) -> list[tuple[float, float]]:
    rects = [each for each in ElementTree.fromstring(svg).iter(f"{SVG}rect") if each.get("fill") == ACCENT]
    return [(float(each.get("x", 0)), float(each.get("width", 0))) for each in rects]


def test_bars_lie_where_the_moments_are() -> None:
    assert [round(value) for bar in bars(plot(answer())) for value in bar] == [180, 180, 504, 72]


def test_several_lanes_share_the_longest_videos_scale() -> None:
    svg = plot([answer(), answer(duration=200.0, query="a cat")])
    assert [round(x) for x, _ in bars(svg)] == [90, 252, 90, 252]
    assert [each.text for each in ElementTree.fromstring(svg).iter(f"{SVG}text")][:2] == ["a dog", "a cat"]


def test_the_peak_of_the_curve_is_kept_however_many_points() -> None:
    many = 100_000
    values = [0.0] * many
    values[12_345] = 5.0
    curve = Saliency(tuple(100 * k / many for k in range(many)), tuple(values))
    svg = plot(answer(saliency=curve))
    [area] = ElementTree.fromstring(svg).iter(f"{SVG}polygon")
    points = [tuple(map(float, point.split(","))) for point in str(area.get("points")).split()]
    assert len(points) < 1000
    assert min(points, key=lambda point: point[1])[0] == pytest.approx(0.12345 * WIDTH, abs=1)


@pytest.mark.parametrize(
    "curve",
    [None, Saliency((), ()), Saliency((1.0,), (2.0,)), Saliency((0.0, 1.0), (float("nan"), float("inf"))), CURVE],
)
def test_any_curve_can_be_drawn(curve: Saliency | None) -> None:
    svg = plot(answer(saliency=curve))
    assert isinstance(svg, Svg) and svg._repr_svg_() == svg and "nan" not in svg
    ElementTree.fromstring(svg)


def test_nothing_from_outside_becomes_markup() -> None:
    shown = Moment(1, 2, 0.5, (Evidence("said", 1, 2, HOSTILE),))
    html = answer(query=HOSTILE, video=HOSTILE, moments=(shown,), presence=0.1)._repr_html_()
    root = ElementTree.fromstring(html)
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"div", "p", "strong", "table", "tr", "th", "td", "svg", "text", "rect", "title", "polygon"}
    assert not any(name.startswith("on") for each in root.iter() for name in each.attrib)
    assert "alert(1)" in "".join(root.itertext()) and "\x00" not in html


def test_each_moment_has_its_picture_where_the_video_is_at_hand(tmp_path: Path) -> None:
    media.make_video(tmp_path / "a.mp4", seconds=4)
    moments = Moment(1, 2), Moment(3, 3.5), Moment(90, 95)  # the last one is beyond the video
    html = answer(video=str(tmp_path / "a.mp4"), moments=moments, duration=4.0)._repr_html_()
    sources = [each.get("src", "") for each in ElementTree.fromstring(html).iter("img")]
    assert [source.partition(",")[0] for source in sources] == ["data:image/jpeg;base64"] * len(sources)
    numbers = []
    for source in sources[:2]:
        with av.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as picture:
            numbers.append(media.read_number(next(picture.decode(video=0)).to_ndarray(format="rgb24")))
    assert numbers == [37, 81]
    (tmp_path / "a.mp4").write_bytes(b"no video any more")
    for video in (tmp_path / "a.mp4", tmp_path, tmp_path / "gone.mp4", "x" * 5000, "a\0b"):
        assert "<img" not in answer(video=str(video), moments=moments)._repr_html_()


def test_absence_and_emptiness_are_said() -> None:
    html = to_html(answer(moments=(), presence=0.05))
    assert "no moment found" in html and "probably not in this video" in html and "presence 5%" in html
    assert "and 2 more" in to_html(answer(moments=tuple(Moment(k, k + 1) for k in range(12))))
    assert bars(plot([])) == []
    assert len(bars(plot(answer(duration=0.0, moments=())))) == 0


def test_showing_loads_nothing_heavy() -> None:
    program = (
        "import sys, whenabouts; whenabouts.Prediction('q', (), 1.0)._repr_html_();"
        "print([m for m in ('av', 'torch', 'onnxruntime', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
