"""The page of a report in a real browser: from a file, without a network, in both themes, by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import HOSTILE, new_page, open_browser

from whenabouts.documents.chart import Bars, Line, Lines
from whenabouts.documents.document import Document, Section, Table
from whenabouts.documents.palette import DARK, LIGHT
from whenabouts.interchange.document_page import write_page

LONG = "word" * 60
ROWS = (("b", 10.0, "0.5 to 12 s"), (HOSTILE, 9.5, LONG), ("a", None, "-"), ("שלום", 100.0, "-"))
REPORT = Document(
    HOSTILE,
    "3 queries · " + LONG,
    (HOSTILE, "R1 is 50 %", "Not looked at"),
    (
        Section(
            "Scores",
            ("all in per cent",),
            (Table(("query", "score", "interval"), ROWS),),
            (Bars(HOSTILE, ("R1",), {"model": (50.0,), "value": (40.0,)}, "per cent"),),
        ),
        Section("Scores", charts=(Lines("value", {"a": Line((0.0, 1.0), (0.0, 1.0))}, "x", "y"),)),
        Section("Examples", tables=(Table(tuple(f"column {i}" for i in range(30)), (tuple(range(30)),)),), detail=True),
    ),
    ("the data are small",),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(REPORT, tmp_path_factory.mktemp("page") / "page.html", {"figure": HOSTILE})


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@contextmanager
def opened(browser: Any, file: Path, anchor: str = "", **options: Any) -> Iterator[Any]:
    """The page; any message, error or request that leaves it fails the test."""
    page = new_page(browser, **options)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda asked: None if asked.url[:5] in ("file:", "blob:") else trouble.append(asked.url))
    page.goto(file.as_uri() + anchor)
    yield page
    page.close()
    assert trouble == []


def test_hostile_text_is_text_and_nothing_is_asked_of_anybody(browser: Any, file: Path) -> None:
    with opened(browser, file) as page:
        assert page.title() == f"{HOSTILE} · whenabouts" and page.text_content("#verdicts li") == HOSTILE
        assert page.locator("img").count() == 0 and page.locator("#sections svg.chart").count() == 2
        assert page.locator("#sections [style], #sections style, #sections script").count() == 0


def test_headings_are_in_order_and_tables_and_pictures_have_names(browser: Any, file: Path) -> None:
    with opened(browser, file) as page:
        levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(h => +h.tagName[1])")
        assert levels[0] == 1 and set(levels[1:]) == {2}
        assert page.locator("th:not([scope])").count() == 0 and page.locator("table:not([aria-label])").count() == 0
        assert page.locator('svg.chart[role="img"] > title').count() == 2
        assert page.evaluate(
            "[...document.querySelectorAll('[id]')].every((e, _, all) => all.filter(o => o.id === e.id).length === 1)"
        )


def test_a_table_is_sorted_by_its_numbers_and_what_is_missing_stays_last(browser: Any, file: Path) -> None:
    with opened(browser, file) as page:
        page.locator("thead button", has_text="score").focus()
        order = "[...document.querySelector('tbody').rows].map(r => r.cells[1].textContent)"
        page.keyboard.press("Enter")
        assert page.evaluate(order) == ["9.50", "10.00", "100.00", "–"]
        page.keyboard.press("Enter")
        assert page.evaluate(order) == ["100.00", "10.00", "9.50", "–"]
        assert page.get_attribute("thead th[aria-sort]", "aria-sort") == "descending"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_and_page_have_the_colours_of_the_theme(scheme: str, browser: Any, file: Path) -> None:
    colours = {"light": LIGHT, "dark": DARK}
    filled = "getComputedStyle(document.querySelector('svg.chart .f-one')).fill"
    rgb = {
        name: f"rgb({', '.join(str(int(one['one'][i : i + 2], 16)) for i in (1, 3, 5))})"
        for name, one in colours.items()
    }
    with opened(browser, file, color_scheme=scheme) as page:
        assert page.evaluate(filled) == rgb[scheme]
        page.click("#theme")
        assert page.evaluate(filled) == rgb["light" if scheme == "dark" else "dark"]
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(filled) == rgb["light"]


def test_nothing_is_wider_than_a_phone_and_no_number_is_broken(browser: Any, file: Path) -> None:
    with opened(browser, file, viewport={"width": 390, "height": 800}) as page:
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        heights = page.evaluate("[...document.querySelectorAll('tbody .number')].map(c => c.getClientRects().length)")
        assert heights and set(heights) == {1}


def test_a_link_opens_the_details_it_leads_to(browser: Any, file: Path) -> None:
    with opened(browser, file, "#examples") as page:
        assert page.evaluate("document.getElementById('examples').open")
    with opened(browser, file) as page:
        page.click("nav a >> text=Examples")
        page.locator("details#examples[open]").wait_for()


def test_every_picture_has_its_values_as_a_table(browser: Any, file: Path) -> None:
    with opened(browser, file) as page:
        page.click("figure summary")
        cells = page.locator("figure details[open] tbody tr").first.locator("th, td").all_text_contents()
        assert cells == ["R1", "50.000", "40.000"]


def test_a_reader_has_it_in_their_language_pictures_too(browser: Any, file: Path) -> None:
    with opened(browser, file, locale="ko-KR") as page:
        assert page.text_content("#found") == "발견한 내용"
        assert "값" in page.locator("svg.chart").first.locator("text").all_text_contents()


def test_the_report_is_given_back_as_json(browser: Any, file: Path, tmp_path: Path) -> None:
    with opened(browser, file) as page:
        with page.expect_download() as given:
            page.click("#download")
        given.value.save_as(tmp_path / "report.json")
    assert HOSTILE.replace('"', '\\"') in (tmp_path / "report.json").read_text("utf-8")
