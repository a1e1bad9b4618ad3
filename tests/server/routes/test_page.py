"""The page's own files, and none besides."""

from __future__ import annotations

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
            assert link.startswith(("/", "./", "#", "data:")) and not link.startswith("//"), link
            if link.startswith("/"):
                assert server.client.get(link).status_code == 200, link


def test_scripts_shared_with_the_report_come_with_their_type_and_tag(server: Server) -> None:
    import importlib.resources

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
