"""How every report reaches the user: as JSON, as a page, or as text in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.terminal import json_text
from whenabouts.documents.document import Readable
from whenabouts.errors import InputError
from whenabouts.language import translate

__all__ = ["AsJson", "Out", "show"]


def _page(out: Path | None) -> Path | None:
    """Refuse a name that says the page is something else."""
    if out is not None and out.suffix.lower() not in {".html", ".htm"}:
        raise InputError(f"--out {out}: the page is HTML; give it a name that ends in .html")
    return out


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE.html", help="Write a self-contained HTML page.", show_default=False, callback=_page
    ),
]


def show(report: Readable, *, as_json: bool = False, out: Path | None = None) -> None:
    """Write the page if there is a place for it, then print JSON or text.

    Raises InputError where the page cannot be written.
    """
    from whenabouts.documents.text import text

    if out is not None:
        from whenabouts.interchange.document_page import write_page

        print(translate(f"wrote {write_page(report.document(), out, report.to_dict())}"), file=sys.stderr)
    if as_json:
        print(json_text(report.to_dict(), indent=2))
    else:
        print(text(report.document(), translate), end="")
