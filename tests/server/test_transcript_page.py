"""The words of a long video in the page: thousands of lines, their speakers, search, and the use of a selection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser import open_browser, window
from processes import wait_until
from serving import Server, serving
from subtitled import video as subtitled_video

from whenabouts.evidence import TimedText
from whenabouts.server.transcript import matching

pytest.importorskip("fastapi", reason="the extra serve is not installed")

LINES = 5000
SPACING = 0.12  # seconds from line to line
NAMES = ("Ann Lee", "Ben")


SAID = [
    TimedText(0, 1, text, kind, "a.srt")
    for text, kind in [
        ("Die Straße von İstanbul", "said"),
        ("EXIT", "written"),
        ("führt – wir ﬁnden es – nach", "said"),
        ("Hause. It's the harbour's ｆｕｌｌ width", "said"),
        ("오늘은 항구에 갑니다", "said"),
        ("내일도 갑니다.", "said"),
        ("ΟΔΟΣ ı 𝒜b e\u0301t\u00e9", "said"),
    ]
]
SEARCHES = [
    "strasse",
    "istanbul",
    "İSTANBUL",
    "find",
    "nach hause",
    "istanbul führt",
    "istanbul exit",
    "its",
    "it’s THE harbour",
]
SEARCHES += [
    "full",
    "ull",
    "항구",
    "갑니다 내일",
    "width the",
    "οδος",
    "i",
    "ab",
    "été",
    "ÉTÉ",
    "harbour full",
    "...",
    "nowhere",
]
MATCHING = """async ([said, words]) => {
  const { matching, wordsOf } = await import("/page/word_matching.js"), sought = wordsOf(words);
  const lines = said.map(([data, kind]) => ({ text: { data }, kind }));
  const found = sought.length ? matching(lines, sought) : [];
  return [...new Set(found.flatMap((match) => match.map(([line]) => lines.indexOf(line))))].sort((a, b) => a - b);
}"""


def stamp(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{seconds % 60:06.3f}"


def transcript() -> str:
    """Two people in turns of four lines, then dialogue with dashes."""
    cues = ["WEBVTT"]
    for number in range(LINES):
        text = f"<v {NAMES[number // 4 % 2]}>Line {number} of the whole talk."
        if number == 4321:
            text = "- The budget is gone. - Which budget?"
        cues.append(f"{stamp(number * SPACING)} --> {stamp((number + 1) * SPACING)}\n{text}")
    return "\n\n".join(cues) + "\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("videos")
    subtitled_video(folder / "talk.mp4", seconds=LINES * SPACING, fps=1, encoder="libx264")
    (folder / "talk.vtt").write_text(transcript())
    data = tmp_path_factory.mktemp("data")
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def select(page: Any, first: int, last: int) -> None:
    """Press in the middle of a line and move to the middle of another, as a hand does."""
    boxes = [page.locator(f"[data-line='{number}'] .text").bounding_box() for number in (first, last)]
    (x1, y1), (x2, y2) = ((box["x"], box["y"] + box["height"] / 2) for box in boxes)
    page.mouse.move(x1 + 1, y1)
    page.mouse.down()
    page.mouse.move(x2 + 400, y2, steps=5)
    page.mouse.up()


def test_thousands_of_lines_are_searched_and_selected_words_become_a_moment(browser: Any, server: Server) -> None:
    video = server.video("talk.mp4")
    with window(browser, server, f"#video={video}") as page:
        page.locator("#tab-words").click()
        wait_until(lambda: page.locator(".line").count() == LINES)
        assert page.locator(".turn h2").first.inner_text() == NAMES[0]
        assert page.locator(".turn").nth(1).evaluate("turn => turn.nextElementSibling.dataset.line") == "4"
        laid_out = "blocks => blocks.filter(block => block.checkVisibility({contentVisibilityAuto: true})).length"
        assert page.locator(".lines li:first-child").evaluate_all(laid_out) < 10  # the others cost nothing

        page.locator("#word-query").fill("BUDGET")
        wait_until(lambda: page.locator("#word-count").inner_text() == "1 of 2")
        assert page.evaluate("CSS.highlights.get('match').size + CSS.highlights.get('match-now').size") == 2
        found = page.locator("[data-line='4321']")
        wait_until(found.is_visible)
        room, box = page.locator("#lines").bounding_box(), found.bounding_box()
        assert room["y"] <= box["y"] <= room["y"] + room["height"]
        assert found.locator(".text").inner_text() == "- The budget is gone.\n- Which budget?"
        page.keyboard.press("Enter")
        assert page.locator("#word-count").inner_text() == "2 of 2"
        page.locator("#word-query").fill("WHICH BUDGET? line 4322")  # from one line into the next
        wait_until(lambda: page.locator("#word-count").inner_text() == "1 of 1")
        assert page.evaluate("CSS.highlights.get('match-now').size") == 2
        for words in SEARCHES:
            found = page.evaluate(MATCHING, [[[each.text, each.kind] for each in SAID], words])
            assert found == matching(SAID, words), words
        page.keyboard.press("Escape")
        assert page.locator("#word-count").inner_text() == ""

        select(page, 4320, 4322)
        words = page.locator("#picked-words").inner_text()
        assert re.search("“Line 4320 .* - The budget is gone. - Which budget\\? Line 4322 of the whole talk.”", words)
        page.locator("#mark-words").click()
        [saved] = wait_until(lambda: server.json("GET", f"/api/videos/{video}/annotations")["annotations"])
        [[start, end]] = saved["windows"]
        assert start == pytest.approx(4320 * SPACING, abs=1e-9) and end == pytest.approx(4323 * SPACING, abs=1e-9)
        assert saved["query"].startswith("Line 4320 of the whole talk. - The budget")

        page.locator("[data-line='4322'] .time").focus()
        page.keyboard.press("Shift+ArrowDown")
        wait_until(lambda: "Line 4323" in page.locator("#picked-words").inner_text())
        page.locator("#ask-words").click()
        page.locator(".lane h2", has_text="Line 4322 of the whole talk. Line 4323 of the whole talk.").wait_for()
