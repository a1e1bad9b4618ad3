"""What axe-core finds wrong on a page, by the rules of WCAG 2.2 AA and its own of good practice."""

from __future__ import annotations

import re
from typing import Any

import pytest

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STILL = """() => { for (const one of document.getAnimations()) {
  if (one.effect.getComputedTiming().endTime < Infinity) one.finish(); } }"""  # a colour half way has no contrast


def barriers(page: Any, rules: list[str] | None = None, *, within: str | None = None) -> list[str]:
    """A line for each thing that is wrong, with the element; `page` shows what is to be judged.

    rules:  those to judge by alone, such as one that axe-core runs on request only
    within: the part of the page that is judged, as a selector; by default all of it
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page.evaluate(STILL)
    chosen: Any = {"type": "rule", "values": rules} if rules else TAGS
    told = axe.Axe().run(page, context=within, options={"runOnly": chosen, "preload": False}).response["violations"]
    return [f"{rule['id']}: {_short(node['html'])} ({_why(node)})" for rule in told for node in rule["nodes"]]


def _short(html: str) -> str:
    return re.sub(r"\s+", " ", html)[:200]


def _why(node: dict[str, Any]) -> str:
    return str(next((check["message"] for kind in ("any", "all", "none") for check in node[kind]), ""))
