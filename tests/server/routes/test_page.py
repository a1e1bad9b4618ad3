"""The page's own files, and none besides."""

from __future__ import annotations

import importlib.resources
import re
from html.parser import HTMLParser

from serving import Server


def test_the_page_and_the_documentation_load_nothing_from_elsewhere(server: Server) -> None:
    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attributes if name in {"src", "href"} and value)

    for address in ("/", "/docs"):
        found: list[str] = []
        answer = server.client.get(address)
        assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
        Links().feed(answer.text)
        for link in found:
            assert not re.match(r"//|(?!data:)[a-z]+:", link), link
            if link.startswith("/"):
                assert server.client.get(link).status_code == 200, link


def test_scripts_shared_with_the_report_come_with_their_type_and_tag(server: Server) -> None:
    room = importlib.resources.files("whenabouts.interchange").joinpath("page")
    for file in room.iterdir():
        answer = server.client.get(f"/page/shared/{file.name}")
        if not file.name.endswith((".js", ".css")):
            assert answer.status_code == 404
            continue
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"].startswith("text/javascript" if file.name.endswith("js") else "text/css")
        again = server.client.get(f"/page/shared/{file.name}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


def test_the_page_learns_kinds_of_evidence_from_the_server_alone(server: Server) -> None:
    from whenabouts.evidence import KINDS

    about = server.json("GET", "/api/about")
    assert [(kind["name"], kind["label"]) for kind in about["evidence"]] == [(n, k.label) for n, k in KINDS.items()]
    names = re.compile(rf"""["'.](?:{"|".join(KINDS)})(?![\w-])|--(?:{"|".join(KINDS)})\b""")
    for package in ("whenabouts.server", "whenabouts.interchange"):
        for file in importlib.resources.files(package).joinpath("page").iterdir():
            if file.name.endswith((".js", ".css", ".html")):
                assert not names.search(file.read_text("utf-8")), f"{file.name} names a kind of evidence"
