"""Pictures of charts, read as the XML that they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import warnings
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.documents.chart import Bars, Chart, Grid, Histogram, Line, Lines, Points
from whenabouts.documents.draw import svg
from whenabouts.documents.palette import DARK, LIGHT, SERIES

NAN = float("nan")
ODD = [
    "",
    "</script>",
    "<svg onload=alert(1)>",
    "$a_b$ $",
    "שלום עולם",
    "긴 한국어 이름",
    "w" * 300,
    "\ud800\x00\x1b",
    "]]>&amp;",
]
CHARTS: list[Chart] = [
    Bars("b", ("x", "y"), {"A": (1.0, None), "B": (-3.0, NAN)}, "v", {"A": ((0.5, 2.0), None)}, {"m": (1.0, NAN)}),
    Lines("l", {"A": Line((0.0, 1.0, 2.0), (1.0, NAN, 3.0)), "B": Line((), ())}, "x", "y"),
    Lines("log", {"A": Line((0.0, 0.1, 100.0), (-1.0, 2.0, 3.0))}, "x", "y", ("x", "y")),
    Histogram("h", (0.0, 1.0, 2.0), {"A": (0.5, 0.5), "B": (0.0, NAN)}, "x", "y"),
    Grid("g", ((0.0, 1.0), (NAN, 2.0)), "x", "y"),
    Points("p", {"A": ((0.0, 1.0), (NAN, 2.0)), "B": ()}, "x", "y", diagonal=True),
]
EMPTY: list[Chart] = [
    Bars("b", (), {}, "v"),
    Bars("b", ("x",), {"A": (None,)}, "v"),
    Lines("l", {}, "x", "y"),
    Lines("l", {"A": Line((NAN,), (1.0,))}, "x", "y", ("x", "y")),
    Histogram("h", (0.0, 1.0), {}, "x", "y"),
    Histogram("h", (0.0, 1.0), {"A": (NAN,)}, "x", "y"),
    Grid("g", (), "x", "y"),
    Grid("g", ((NAN, NAN),), "x", "y"),
    Points("p", {}, "x", "y", diagonal=True),
]


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def paths(picture: str, role: str) -> list[str]:
    """The paths painted in the colour of a role."""
    return re.findall(rf'<path d="([^"]*)" class="[^"]*\b{role}\b', picture)


def test_bars_begin_at_zero_and_are_as_long_as_their_values() -> None:
    picture = svg(Bars("t", ("a", "b"), {"all": (10.0, 20.0)}, "v"))
    lefts, widths = zip(
        *(
            (min(x), max(x) - min(x))
            for x in ([float(n) for n in re.findall(r"[ML]([\d.]+)", d)] for d in paths(picture, "f-one"))
        ),
        strict=True,
    )
    assert lefts[0] == lefts[1] and widths[1] == pytest.approx(2 * widths[0], rel=0.01)
    assert {"a", "b", "v", " 10 ".strip(), "20"} <= {text.strip() for text in texts(picture)}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_the_same_chart_gives_the_same_bytes(chart: Chart) -> None:
    assert svg(chart) == svg(chart) and "no values" not in svg(chart)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_a_picture_needs_no_style_and_no_identifier_so_that_any_page_may_hold_many(chart: Chart) -> None:
    for element in ElementTree.fromstring(svg(chart)).iter():
        assert not {"style", "id", "href"} & element.attrib.keys() and not element.tag.endswith(("style", "image"))
    colours = set(re.findall(r'(?:fill|stroke)="(#\w+)"', svg(chart)))
    assert colours <= set(LIGHT.values()), "every colour has a role, so that a page can change it"


@pytest.mark.parametrize("chart", EMPTY, ids=repr)
def test_where_there_is_nothing_the_picture_says_so(chart: Chart) -> None:
    assert "no values to draw" in texts(svg(chart))


@pytest.mark.parametrize("odd", ODD)
def test_any_text_is_text(odd: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in (
            Bars(odd, (odd, odd), {odd: (1.0, 2.0)}, odd, None, {odd + "2": (1.0, 1.0)}),
            Lines(odd, {odd: Line((1.0,), (1.0,)), odd + "2": Line((1.0,), (1.0,))}, odd, odd),
            Points(odd, {odd: ((1.0, 1.0),)}, odd, odd),
        ):
            for picture in (svg(chart), svg(chart, alone=True)):
                tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}
                assert tags <= {"svg", "title", "path", "text", "style", "rect", "g", "circle"}


def test_many_long_labels_lie_apart_and_inside() -> None:
    labels = tuple(f"{i} a label of many words that goes on and on" for i in range(200))
    picture = svg(Bars("t", labels, {"A": (1.0,) * 200, "B": (2.0,) * 200}, "v"))
    width, height = map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture)[0])
    places = [
        (float(x), float(y))
        for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" font-size="12" text-anchor="end"', picture)
    ]
    assert len(places) == 2 * 200 and all(0 < x < width and 0 < y < height for x, y in places)
    ys = sorted(y for _, y in places)
    assert min(b - a for a, b in pairwise(ys)) >= 12


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_are_clear_of_their_paper(colours: dict[str, str]) -> None:
    assert contrast(colours["ink"], colours["paper"]) >= 7 and contrast(colours["soft"], colours["paper"]) >= 4.5
    assert all(contrast(colours[role], colours["paper"]) >= 3 for role in SERIES)


def test_thousands_of_points_are_thinned() -> None:
    picture = svg(Points("t", {"A": tuple((float(i), float(i % 7)) for i in range(30_000))}, "x", "y"))
    assert len(picture) < 500_000


numbers = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=15)
@given(st.lists(numbers, min_size=1, max_size=5))
def test_any_numbers_can_be_drawn(values: list[float | None]) -> None:
    known = tuple(NAN if value is None else value for value in values)
    for chart in (
        Bars("t", ("a",) * len(values), {"A": tuple(values)}, "v"),
        Lines("t", {"A": Line(known, known)}, "x", "y", ("x",)),
        Points("t", {"A": tuple((v, v) for v in known)}, "x", "y", diagonal=True),
        Grid("t", (known, known), "x", "y"),
    ):
        assert not re.search(r"\b(nan|inf)\b", svg(chart))


def test_two_threads_draw_at_once() -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(map(svg, CHARTS))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted([*map(svg, CHARTS)] * 3)


def test_a_home_that_cannot_be_written_is_no_reason_to_warn(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")  # no folder can be made below a file, by root neither
    code = (
        "from whenabouts.documents.draw import svg; from whenabouts.documents.chart import Bars;"
        "print(len(svg(Bars('t', ('a',), {'A': (1.0,)}, 'v'))))"
    )
    home = str(tmp_path / "file" / "home")
    environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home}
    environment.pop("MPLCONFIGDIR", None)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert int(done.stdout) > 500 and done.stderr == ""


@pytest.mark.parametrize("x", [(127.0, 150.0), (150.0,), (95.0, 120.0, 150.0), (20.0, 3000.0)])
def test_a_logarithmic_axis_has_numbers_however_short_it_is(x: tuple[float, ...]) -> None:
    drawn = svg(Lines("log", {"A": Line(x, x)}, "x", "y", ("x",)))
    flat = svg(Lines("log", {"A": Line(x, x)}, "x", "y", ("x", "y")))
    for chart in (drawn, flat):
        assert len(re.findall(r">[\d,.]+<", chart)) >= 4
