"""A client that cannot play a video sees, hears and reads it, and walks from a question to a clip."""

from __future__ import annotations

import base64
import json
import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from media import make_video, read_number
from serving import Server, serving

pytest.importorskip("fastapi")


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with a video of numbered pictures, a tone and two lines, and with one file that is none."""
    folder = tmp_path_factory.mktemp("looking") / "my videos"
    folder.mkdir()
    make_video(folder / "talk.mp4", fps=25, seconds=8, size=(288, 192), audio=(2.0, 6.0))
    (folder / "talk.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,500\nwelcome to the\n\n2\n00:00:03,000 --> 00:00:04,000\nharbour\n"
    )
    (folder / "broken.mp4").write_bytes(b"no video at all")
    with serving(folder, "--data", folder.parent / "data", WHENABOUTS_CACHE=str(folder.parent / "cache")) as server:
        yield server


def _image(url: str) -> np.ndarray:
    head, _, data = url.partition(",")
    assert head == "data:image/jpeg;base64"
    with av.open(BytesIO(base64.b64decode(data))) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def test_a_frame_a_sheet_and_the_sound_of_a_video(numbered: Server) -> None:
    video = f"/api/videos/{numbered.video('talk.mp4')}"
    shown = numbered.json("GET", f"{video}/frame", status=200, params={"time": 2.0, "size": 288})
    assert read_number(_image(shown.pop("picture"))) == 50
    assert shown == {"time": 2.0, "timecode": "00:00:02:00", "frame": 50}
    sheet = numbered.json("GET", f"{video}/frames", status=200, params={"count": 4, "start": 4})
    image, columns = _image(sheet["picture"]), sheet["columns"]
    height, width = image.shape[0] // -(-4 // columns), image.shape[1] // columns
    for number, place in enumerate(sheet["frames"]):
        row, column = divmod(number, columns)
        tile = image[row * height : (row + 1) * height, column * width : (column + 1) * width].copy()
        tile[height // 2 + 4 :] = 128
        assert read_number(tile) == place["frame"]
    heard = numbered.json("GET", f"{video}/sound", status=200, params={"start": 1, "seconds": 4})
    assert (heard["start"], heard["end"]) == (1, 5) and "tone" in {one["what"] for one in heard["heard"]}
    with wave.open(BytesIO(base64.b64decode(heard["sound"].partition(",")[2]))) as file:
        assert file.getnframes() == pytest.approx(4 * 16_000, abs=1600)


def test_the_text_is_searched_and_read_in_pages(numbered: Server) -> None:
    text = f"/api/videos/{numbered.video('talk.mp4')}/transcript"
    found = numbered.json("GET", text, status=200, params={"search": "the HARBOUR"})
    assert [line["text"] for line in found["lines"]] == ["welcome to the", "harbour"] and found["hits"] == 2
    first = numbered.json("GET", text, status=200, params={"limit": 1})
    second = numbered.json("GET", text, status=200, params={"limit": 1, "offset": first["next"]})
    assert [page["lines"][0]["number"] for page in (first, second)] == [0, 1] and second["next"] is None


def test_no_refusal_tells_a_path(numbered: Server) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("frame", {"time": 1}),
        ("frame", {"time": 99}),
        ("frame", {"time": 1, "size": 9999}),
        ("frames", {"start": 7, "end": 7}),
        ("frames", {"count": 0}),
        ("sound", {"start": 99}),
        ("sound", {"start": 1, "seconds": 3600}),
        ("transcript", {"search": " "}),
        ("transcript", {"page": 2}),
    ]
    refused = 0
    for name in ("broken.mp4", "talk.mp4"):
        for address, params in asked:
            answer = numbered.client.get(f"/api/videos/{numbered.video(name)}/{address}", params=params)
            if answer.status_code != 200:
                refused += 1
                assert answer.status_code in {409, 422} and "my videos" not in answer.text, answer.text
                assert "/tmp" not in answer.text and set(answer.json()) == {"error"}, answer.text
    assert refused >= 2 * len(asked) - 2  # one picture can be shown, and the text of a broken file is empty


def test_from_a_question_to_an_export_and_a_clip_in_milliseconds(numbered: Server, tmp_path: Path) -> None:
    video = numbered.video("talk.mp4")
    asked = {"queries": ["the words harbour"], "evidence": ["said"]}
    job = numbered.ended(numbered.json("POST", f"/api/videos/{video}/find", status=202, json=asked))
    assert job["state"] == "done" and str(numbered.data.parent) not in json.dumps(job)
    [prediction] = job["result"]["predictions"]
    moment = prediction["moments"][0]
    assert moment["start"] == round(moment["start"], 3) and moment["end"] == round(moment["end"], 3)
    body = {"format": "csv", "only": "all", "predictions": [prediction]}
    exported = numbered.client.post(f"/api/videos/{video}/export", json=body)
    assert exported.status_code == 200 and "harbour" in exported.text
    cut = {"start": moment["start"], "end": moment["end"], "query": "harbour"}
    clip = numbered.ended(numbered.json("POST", f"/api/videos/{video}/clip", status=202, json=cut))
    (tmp_path / "clip.mp4").write_bytes(numbered.client.get(clip["result"]["file"]).content)
    with av.open(str(tmp_path / "clip.mp4")) as file:
        first = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert read_number(first) == round(moment["start"] * 25)
