"""A hook of MkDocs: pages that are not written in docs/, and links that lead out of it.

The site also has CONTRIBUTING.md and CHANGELOG.md, and a reference page for every room of the package, so that a new
room needs no edit. Links of the pages are those that work in the repository; here they become those of the site.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "whenabouts"
ADOPTED = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
SOURCE = "https://github.com/whenabouts/whenabouts/blob/main/"
LINK = re.compile(r"(?<=\]\()([^)\s:#]+)")
HIDDEN = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def rooms() -> list[str]:
    """Packages, and modules that stand alone, as they are imported; the face itself comes first."""
    folders = [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    modules = [path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("_")]
    return ["whenabouts", *(f"whenabouts.{name}" for name in sorted(folders + modules))]


def face() -> list[str]:
    """What the package exports, functions first; the errors have a page of their own."""
    errors = _exported(PACKAGE / "errors.py")
    names = [name for name in _exported(PACKAGE / "__init__.py") if name not in errors and not name.startswith("_")]
    return sorted(names, key=lambda name: (name[0].isupper(), name))


def _exported(module: Path) -> list[str]:
    for node in ast.parse(module.read_text("utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name("__all__")], value=value):
                names: list[str] = ast.literal_eval(value)
                return names
    return []


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the rooms below "Reference"."""
    [reference] = [section["Reference"] for section in config.nav or [] if "Reference" in section]
    reference += [{room: f"reference/{room}.md"} for room in rooms()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the adopted pages and one for each room."""
    for source, page in ADOPTED.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    for room in rooms():
        options = (
            f"    options: {{show_submodules: false, group_by_category: false, members: {face()}}}\n"
            if room == "whenabouts"
            else ""
        )
        files.append(File.generated(config, f"reference/{room}.md", content=f"# `{room}`\n\n::: {room}\n{options}"))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Follow the links of a page as the repository has them."""
    adopted = {new: old for old, new in ADOPTED.items()}
    place = (ROOT / adopted[page.file.src_uri]) if page.file.src_uri in adopted else ROOT / "docs" / page.file.src_uri

    def link(match: re.Match[str]) -> str:
        target = (place.parent / match[1]).resolve()
        if not target.is_relative_to(ROOT):
            return match[1]
        inside = target.relative_to(ROOT).as_posix()
        if inside in ADOPTED:
            return "../" * page.file.src_uri.count("/") + ADOPTED[inside]
        if not inside.startswith("docs/"):
            return SOURCE + inside
        return match[1] if place.is_relative_to(ROOT / "docs") else inside.removeprefix("docs/")

    return LINK.sub(link, HIDDEN.sub("", markdown))
