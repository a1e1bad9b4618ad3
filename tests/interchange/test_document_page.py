"""What the page of a report holds, before any browser opens it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from whenabouts.documents.chart import Bars
from whenabouts.documents.document import Document, Section, Table
from whenabouts.errors import StorageError
from whenabouts.interchange.document_page import MAX_ROWS, write_page


def document(text: str = "x") -> Document:
    table = Table((text, "score"), ((text, 0.5), ("b", None), ("c", 7)), digits=1)
    chart = Bars(text, (text,), {text: (1.0,)}, text)
    return Document(text, text, (text,), (Section(text, (text,), (table,), (chart,)),), (text,))


def content(page: Path) -> dict[str, Any]:
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    held: dict[str, Any] = json.loads(data)
    return held


def test_a_page_says_what_the_terminal_says(tmp_path: Path) -> None:
    held = content(write_page(document(), tmp_path / "new" / "page.html", {"figure": 1}))
    [section] = held["sections"]
    [table] = section["tables"]
    assert table["rows"] == [["x", "0.5"], ["b", "–"], ["c", "7"]] and table["right"] == [False, True]
    [chart] = section["charts"]
    assert chart["pictures"]["en"].startswith("<svg ") and chart["table"]["rows"] == [["x", "1.000"]]
    assert held["data"] == {"figure": 1}


def test_a_table_of_many_rows_says_how_many_there_are(tmp_path: Path) -> None:
    rows = tuple((str(i), i) for i in range(30_000))
    page = write_page(Document("t", "f", (), (Section("s", tables=(Table(("a", "b"), rows),)),)), tmp_path / "p.html")
    [table] = content(page)["sections"][0]["tables"]
    assert len(table["rows"]) == MAX_ROWS and table["all"] == 30_000


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028", "\ud800", "/*data*/", "script-digest", "<svg onload>"])
def test_any_text_is_data_and_nothing_else(text: str, tmp_path: Path) -> None:
    hidden = [
        re.sub(r'(id="(?:data|languages)">).*?(?=</script>)', r"\1", page.read_text("utf-8"), flags=re.S)
        for page in (
            write_page(document(text), tmp_path / "a.html"),
            write_page(document("plain"), tmp_path / "b.html"),
        )
    ]
    assert hidden[0] == hidden[1]
    assert content(tmp_path / "a.html")["verdicts"] == [text]


def test_the_policy_names_the_script_and_the_style_and_allows_no_other(tmp_path: Path) -> None:
    text = write_page(document(), tmp_path / "page.html").read_text("utf-8")
    for tag in ("script", "style"):
        [body] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text and not re.search(r"(src|href)=\"?http", text)


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a part of its path is a file"):
        write_page(document(), tmp_path / "file" / "page.html")
