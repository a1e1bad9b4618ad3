"""Take the pictures of the page of the demo, in Debian's chromium: light (the README's), dark, and on a phone.

apt-get install chromium fonts-inter
whenabouts demo --out demo && python scripts/screenshot.py demo/page.html docs/images
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = {
    "page.jpg": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "page-dark.jpg": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "page-phone.jpg": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2},
}


def main(page_file: Path, folder: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for name, window in PICTURES.items():
            page = browser.new_page(**window)
            page.goto(page_file.resolve().as_uri())
            page.locator(".bar").nth(2).click()
            page.mouse.move(1, 1)
            page.wait_for_timeout(1000)
            page.keyboard.press("k")
            page.wait_for_timeout(300)
            page.screenshot(path=folder / name, full_page="phone" not in name, type="jpeg", quality=82)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
