"""What the documentation says is so: its code runs, its links lead somewhere, its tables come from the code."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from documented import blocks, check, prepare, run

ROOT = Path(__file__).parents[1]
PROGRAM = runpy.run_path(str(ROOT / "scripts" / "tables.py"))
TOP = [
    "README.md",
    "README.ko.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "examples/plugin/README.md",
    "examples/research/README.md",
]
PAGES = [*(ROOT / page for page in TOP), *sorted((ROOT / "docs").rglob("*.md"))]
RUN = [page for page in PAGES if page.name != "README.ko.md"]  # its code is that of README.md
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("docs") / "prepared")


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_a_page_runs(page: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = blocks(page)
    for block in found:
        check(block)
    if any(block.not_run is None for block in found):
        folder = shutil.copytree(prepared, prepared.parent / "-".join(page.relative_to(ROOT).with_suffix("").parts))
        monkeypatch.chdir(folder)
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for block in found:
            run(block, folder, namespace)


LIES = {
    "an option that is not there": "```sh\nwhenabouts find talk.mp4 cup --sideways\n```",
    "the same, though it is not run": "<!-- not run: no video -->\n```sh\nwhenabouts find talk.mp4 cup --sideways\n```",
    "a name that is not there": "<!-- not run: no model -->\n```python\nfrom whenabouts import sideways\n```",
    "a command that fails": "```sh\nwhenabouts find no.mp4 cup\n```",
    "another output": "```console\n$ whenabouts --version\nwhenabouts 99.0.0\n```",
    "code that raises": '```python\nassert "a" == "b"\n```',
    "a language that is not said": "```\nwhenabouts find talk.mp4 cup\n```",
    "code that is only indented": "Text.\n\n    whenabouts find talk.mp4 cup\n",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_page_that_lies_is_noticed(lie: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{lie}\n")
    with pytest.raises(AssertionError):
        for block in blocks(page):
            check(block)
            run(block, tmp_path, {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target, heading in LINK.findall(page.read_text("utf-8")):
        there = page.parent / target if target else page
        assert there.exists(), f"{page.name} links to {target}, which is not there"
        if heading:
            headings = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert heading in map(_anchor, headings), f"{page.name} links to {target}#{heading}, which is no heading"


OUTLINE = re.compile(r"^(#+) |^(```.*?^```)|^(\|)|(?<=\]\()([^)\s]+)(?=\))", re.MULTILINE | re.DOTALL)


def outline(page: Path, other: str) -> list[tuple[str, ...]]:
    """Headings by their depth, code, rows of tables and links, in their order, but for the link to `other`."""
    found = [match.groups("") for match in OUTLINE.finditer(page.read_text("utf-8"))]
    assert ("", "", "", other) in found, f"{page.name} does not link to {other}"
    return [part for part in found if part[3] != other]


def numbers(page: Path) -> list[str]:
    """The figures in a page's tables, each column of which is a translation of the other page's."""
    rows = re.findall(r"^\|.*\|$", page.read_text("utf-8"), re.MULTILINE)
    return [
        cell.strip(" *") for row in rows for cell in row.split("|") if re.fullmatch(r"[\d. *]+", cell.strip() or "-")
    ]


def test_the_korean_readme_is_complete() -> None:
    english, korean = ROOT / "README.md", ROOT / "README.ko.md"
    assert sorted(outline(korean, english.name)) == sorted(outline(english, korean.name)), "translate what has changed"
    assert [part for part in outline(korean, english.name) if not part[3]] == [
        part for part in outline(english, korean.name) if not part[3]
    ], "headings, code and tables come in the order of README.md"
    assert numbers(korean) == numbers(english), "the figures of README.md have changed"


def _anchor(heading: str) -> str:
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()))


@pytest.mark.slow
def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = [*tmp_path.rglob("*.html")]
    assert len(pages) > len(PAGES), "the reference is missing"
    for page in pages:
        foreign = re.findall(r"<(?:script|link|img|iframe)\b[^>]*https?://[^>]*>", page.read_text("utf-8"))
        assert not foreign, f"{page.name} loads {foreign[0]}"


@pytest.mark.parametrize("name", PROGRAM["TABLES"])
def test_no_table_has_drifted(name: str) -> None:
    if name in {"heads", "recipes"}:
        pytest.importorskip("torch", reason="torch is not installed")
    if name.startswith("head"):
        pytest.importorskip("torch", reason="the sizes of heads are counted by torch")
    page, make = PROGRAM["TABLES"][name]
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert PROGRAM["written"](text, name, make()) == text, "run scripts/tables.py"
