"""Search by example on the page and over HTTP: a pasted picture, more like a moment, and a library's verdict."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import pytest
from browser import open_browser, window
from processes import wait_until
from serving import Server, serving

from whenabouts.video.compose import Still, compose

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("lancedb")
data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

PASTE = """([place, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], "cat.png", { type: "image/png" }));
  const event = { clipboardData: files, bubbles: true, cancelable: true };
  document.getElementById(place).dispatchEvent(new ClipboardEvent("paste", event));
}"""


@pytest.fixture(scope="module")
def cat() -> bytes:
    file = io.BytesIO()
    images.fromarray(data.chelsea()[20:250:2, 60:400:2]).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, kept = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("data")
    shots = [data.chelsea(), data.rocket(), data.coffee(), data.chelsea()]
    compose(folder / "pets.mp4", [Still(picture, 3) for picture in shots], size=(160, 90), rate=8)
    with serving(folder, "--data", kept, WHENABOUTS_CACHE=str(kept / "cache")) as server:
        yield server


def upload(server: Server, picture: bytes, status: int = 201, kind: str = "image/png") -> Any:
    headers = {"Content-Type": kind}
    return server.json("POST", "/api/pictures", status=status, content=picture, headers=headers)


def test_pictures_are_named_by_their_hash_and_nothing_else_is_taken(server: Server, cat: bytes) -> None:
    sent = upload(server, cat)
    sha256 = hashlib.sha256(cat).hexdigest()
    assert sent == {"like": f"picture:{sha256}", "sha256": sha256, "picture": f"/api/pictures/{sha256}"}
    assert server.client.get(sent["picture"]).content[:3] == b"\xff\xd8\xff"
    upload(server, cat, kind="text/plain", status=415)
    assert "not a picture" in upload(server, b"#EXTM3U", status=409)["error"]
    told = upload(server, cat[:200], status=409)["error"]
    assert "cannot be decoded" in told and "/" not in told
    assert server.client.get(f"/api/pictures/{'0' * 64}").status_code == 404
    find = f"/api/videos/{server.video('pets.mp4')}/find"
    for like, status in {"/etc/passwd": 403, "picture:../x": 403, f"picture:{'0' * 64}": 404, "nobody@3": 404}.items():
        server.json("POST", find, status=status, json={"like": like})
    server.json("POST", find, status=409, json={"like": "@5-3"})
    job = server.ended(server.json("POST", find, status=202, json={"like": sent["like"]}))
    [answer] = job["result"]["predictions"]
    assert job["request"]["queries"] == [answer["query"]] == [f"like picture-{sha256[:8]}.png"]
    assert answer["receipt"]["settings"]["like"]["sha256"] == sha256
    assert sorted(round(moment["start"]) for moment in answer["moments"][:2]) == [0, 9]


def test_a_picture_is_pasted_more_is_asked_for_and_the_library_is_searched(server: Server, cat: bytes) -> None:
    [folder] = [each["id"] for each in server.json("GET", "/api/about")["folders"] if each["id"] != "uploads"]
    server.ended(server.json("POST", f"/api/folders/{folder}/index", status=202, json={}))
    video = server.video("pets.mp4")
    with open_browser() as browser, window(browser, server, f"#video={video}") as page:
        page.locator("#queries:enabled").wait_for()
        page.evaluate(PASTE, ["queries", list(cat)])
        page.locator("#example").wait_for()
        assert page.locator("#example").inner_text().startswith("cat.png")
        page.locator("#queries").press("Enter")
        page.locator(".lane h2 img.example").wait_for()
        wait_until(lambda: page.locator("#video-jobs .job").count() == 0)
        page.locator("#example").wait_for(state="hidden")
        page.locator(".more-like").first.focus()
        page.keyboard.press("Enter")
        page.locator(".lane h2", has_text="like this video from").wait_for()
        wait_until(lambda: page.locator("#video-jobs .job").count() == 0)
        page.reload()
        wait_until(lambda: page.locator(".lane h2 img.example").count() == 2)  # which are known from the jobs

        page.goto(f"{server.address}/#search=someone+slices+tomatoes")
        page.locator("#hits .hit").first.wait_for()
        page.evaluate(PASTE, ["sought", list(cat)])
        page.locator("#search-title img.example").wait_for()
        page.locator("#hits .hit:not(.unlikely)").first.wait_for()
        page.locator("#hits .more-like").first.click()
        page.locator("#search-notes", has_text="the shot that the example is from is left out").wait_for()
