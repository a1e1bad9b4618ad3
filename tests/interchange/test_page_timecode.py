"""Python and the page name frames alike: both are held to the examples of timecodes.json."""

from __future__ import annotations

import json
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

from browser import new_page, open_browser

from whenabouts.interchange.timecode import FrameRate

ROWS = json.loads(Path(__file__).with_name("timecodes.json").read_text("utf-8"))
MODULE = files("whenabouts.interchange").joinpath("page", "timecode.js").read_text("utf-8")


def test_python_names_the_frames_of_the_examples() -> None:
    for row in ROWS:
        rate = FrameRate(Fraction(*row["rate"]), drop=row["drop"])
        assert rate.frame(row["seconds"]) == row["frame"], row
        assert rate.name(row["frame"] + row["start"]) == row["timecode"], row


def test_the_page_names_them_alike_and_shows_the_picture_that_has_begun() -> None:
    body = MODULE.replace("export ", "") + "\nreturn rows.map((row) => [nearestFrame(row.seconds, row), "
    body += "timecodeOf(row.frame, row), frameShown((row.frame * row.rate[1]) / row.rate[0], row)]);"
    with open_browser() as browser:
        page = new_page(browser)
        named = page.evaluate(f"(rows) => {{ {body} }}", ROWS)
        page.close()
    assert named == [[row["frame"], row["timecode"], row["frame"]] for row in ROWS]
