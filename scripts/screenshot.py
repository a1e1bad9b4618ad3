"""Take the picture of the README: the page of the demo, in Debian's chromium.

whenabouts demo --out demo && python scripts/screenshot.py demo/page.html docs/images/page.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright


def main(page_file: Path, out: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1180, "height": 900}, color_scheme="light")
        page.goto(page_file.resolve().as_uri())
        page.locator(".bar").nth(2).click()
        page.wait_for_timeout(1000)
        page.keyboard.press("k")
        page.wait_for_timeout(300)
        page.screenshot(path=out, full_page=True, type="jpeg", quality=82)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
