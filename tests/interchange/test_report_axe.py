"""Nothing on the page of a report keeps people out: axe-core finds no fault, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe import barriers
from browser import new_page, open_browser
from media import make_video
from processes import wait_until

from whenabouts import Evidence, Moment, Prediction, Receipt, Saliency
from whenabouts.interchange.report import write_report
from whenabouts.video import Video

LABELS = ["label-content-name-mismatch"]  # of speech control; axe-core runs it on request only
VIEWS = [(scheme, width) for scheme in ("light", "dark") for width in (1440, 390)]


def answers() -> list[Prediction]:
    """An answer of each kind: found by several kinds of evidence, absent, failed, without moments."""
    kinds = [Evidence(kind, 1.0, 2.0, "a line") for kind in ("seen", "said", "written", "heard")]
    curve = Saliency((0.0, 1.0, 2.0, 3.0), (0.1, 0.9, 0.4, 0.1))
    moments = tuple(Moment(k / 2, k / 2 + 0.4, 0.9 - k / 5, (kind,)) for k, kind in enumerate(kinds))
    uncertain = Moment(3.0, 3.5, 0.4, spread=(0.4, 0.2))
    receipt = Receipt("0", "similarity", "ab" * 32, {"builtin": "cd" * 32}, {"fps": 2.0})
    return [
        Prediction("a dog", (*moments, uncertain), 4.0, 0.996, curve, None, receipt),
        Prediction("a cat", (Moment(0.5, 1.5, 0.1),), 4.0, presence=0.05),
        Prediction("nothing", (), 4.0, failure="no interval in the answer", notes=("an end was cut",)),
    ]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    make_video(folder / "video.mp4", audio=(0, 4))
    with Video(folder / "video.mp4") as video:
        return write_report(answers(), video, folder / "page.html", truth={"a dog": [(1.0, 2.0)]})


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_a_report_has_no_barriers(browser: Any, report: Path, scheme: str, width: int) -> None:
    page = new_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page.goto(report.as_uri())
    wait_until(lambda: page.evaluate("video.readyState >= 2"))
    assert barriers(page) == []
    page.locator(".bar").first.dispatch_event("click")
    page.evaluate("video.pause()")
    page.locator("summary").click()
    page.evaluate("document.getElementById('keys').showPopover()")
    assert barriers(page) == []
    page.close()


def test_the_button_for_speed_is_called_what_it_shows(browser: Any, report: Path) -> None:
    page = new_page(browser, viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page.goto(report.as_uri())
    wait_until(lambda: page.evaluate("video.readyState >= 2"))
    assert barriers(page, LABELS) == []
    page.get_by_role("button", name="Speed 1×").click()
    page.get_by_role("button", name="Speed 1.5×").wait_for()
    assert barriers(page, LABELS) == []
    page.close()
