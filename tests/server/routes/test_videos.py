"""Videos over HTTP: facts, pictures, words, exports; and everything that must not be reached through them."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import av
import pytest
from processes import wait_until
from serving import Server

from whenabouts.video import Video

PREDICTION: dict[str, Any] = {
    "query": "a cat",
    "moments": [{"start": 3.0, "end": 6.0, "score": 0.9, "evidence": [], "spread": None}],
    "duration": 8.0,
}


def test_videos_are_listed_in_parts_and_by_folder(server: Server) -> None:
    told = server.json("GET", "/api/videos")
    assert [(video["within"], video["name"]) for video in told["videos"]] == [
        ("", "cat.mp4"),
        ("old", "bars.mkv"),
    ]
    [folder] = {video["folder"] for video in told["videos"]}
    second = server.json("GET", f"/api/videos?folder={folder}&offset=1&limit=1")
    assert second["total"] == 2 and second["videos"] == told["videos"][1:]
    assert server.client.get("/api/videos?folder=unknown").status_code == 404
    assert {video["duration"] for video in told["videos"]} == {None}


def test_videos_are_filtered_sorted_and_measured(server: Server) -> None:
    found = server.json("GET", "/api/videos?name=BARS&lengths=true")
    assert found["total"] == 1 and found["videos"][0]["duration"] == pytest.approx(2, abs=0.1)
    sizes = [video["size"] for video in server.json("GET", "/api/videos?sort=largest")["videos"]]
    assert sizes == sorted(sizes, reverse=True)
    times = [video["modified"] for video in server.json("GET", "/api/videos?sort=newest")["videos"]]
    assert times == sorted(times, reverse=True)


def test_no_answer_tells_where_anything_lies(server: Server, videos: Path) -> None:
    video_id = server.video("cat.mp4")
    (videos / "gone.mp4").write_bytes(b"no video")
    try:
        server.client.get("/api/videos")
        addresses = [
            "/api/about",
            "/api/videos",
            "/api/jobs",
            f"/api/videos/{video_id}",
            "/metrics",
            "/openapi.json",
            "/docs",
        ]
        answers = [server.client.get(address) for address in addresses]
        wait_until(
            lambda: "gone.mp4" in server.client.get("/api/videos").text
        )  # a look at the folder counts for a while
        broken = server.client.get(f"/api/videos/{server.video('gone.mp4')}")
        assert broken.status_code == 409 and broken.json()["error"].startswith("gone.mp4 cannot be read")
        for answer in [*answers, broken]:
            assert str(videos) not in answer.text and str(videos.parent) not in answer.text
    finally:
        (videos / "gone.mp4").unlink()


def test_what_a_video_is_and_how_browsers_play_it(server: Server) -> None:
    cat = server.json("GET", f"/api/videos/{server.video('cat.mp4')}")
    assert (cat["width"], cat["height"], cat["player"], cat["note"]) == (320, 180, "file", None)
    assert cat["duration"] == pytest.approx(8, abs=0.05) and cat["frame"] == pytest.approx(1 / 24)
    bars = server.json("GET", f"/api/videos/{server.video('bars.mkv')}")
    assert bars["player"] == "copy" and "copy" in bars["note"]


def test_a_foreign_video_plays_as_a_copy_once_it_is_made(server: Server, tmp_path: Path) -> None:
    video_id = server.video("bars.mkv")
    assert server.client.get(f"/api/videos/{video_id}/stream").status_code == 409
    first, second = (server.json("POST", f"/api/videos/{video_id}/copy", status=202) for _ in range(2))
    assert first["id"] == second["id"], "one copy for all who ask"
    done = server.ended(first)
    assert done["state"] == "done", done
    copy = server.client.get(done["result"]["file"])
    (tmp_path / "copy.mp4").write_bytes(copy.content)
    with Video(tmp_path / "copy.mp4") as video:
        assert video.probe.codec == "h264" and video.duration == pytest.approx(2, abs=0.1)
    assert server.client.post(f"/api/videos/{server.video('cat.mp4')}/copy").status_code == 409


def test_pictures_are_of_their_time_and_size(server: Server, videos: Path) -> None:
    video_id = server.video("cat.mp4")
    grey, cat = (server.client.get(f"/api/videos/{video_id}/picture?t={t}&height=90") for t in (1.0, 4.5))
    assert cat.headers["content-type"] == "image/jpeg"
    images = [
        next(av.open(io.BytesIO(each.content)).decode(video=0)).to_ndarray(format="rgb24") for each in (grey, cat)
    ]
    assert images[0].shape == (90, 160, 3)
    assert images[0].std() < 3 < images[1].std()
    assert server.client.get(f"/api/videos/{video_id}/picture?t=1e6").status_code == 200, "the last one stays on show"
    strip = server.json("GET", f"/api/videos/{video_id}/strip?count=4")["pictures"]
    assert len(strip) == 4 and all(base64.b64decode(each.partition(",")[2])[:2] == b"\xff\xd8" for each in strip)
    whole = server.json("GET", f"/api/videos/{video_id}/pictures")["times"]
    assert whole == pytest.approx(Video(videos / "cat.mp4").times, abs=1e-6)
    some = server.json("GET", f"/api/videos/{video_id}/pictures?start={whole[5]}&end={whole[9] + 0.001}")["times"]
    assert some == whole[4:11], "with the one before them and the one after"


@pytest.mark.parametrize("query", ["t=nan", "t=inf", "t=-1", "t=1e308", "height=0", "height=99999999", "t=a", "x=1"])
def test_absurd_numbers_are_refused(server: Server, query: str) -> None:
    answer = server.client.get(f"/api/videos/{server.video('cat.mp4')}/picture?{query}")
    assert answer.status_code == 422 and answer.json()["error"]


def test_words_are_text_and_travel_as_json(server: Server) -> None:
    answer = server.client.get(f"/api/videos/{server.video('cat.mp4')}/words")
    assert answer.headers["content-type"] == "application/json"
    [line] = answer.json()["lines"]
    assert (line["start"], line["end"], line["kind"]) == (1.0, 2.0, "said")
    assert "said the guide" in line["text"]


TRAVERSAL = [
    *("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd"),
    *(
        "..%5c..%5cwindows%5cwin.ini",
        "..\\..\\windows",
        "%00",
        "a%00.mp4",
        "....//....//etc/passwd",
        "%c0%ae%c0%ae%c0%af",
    ),
    *("/etc/passwd", "//etc/passwd", "file:///etc/passwd", "cat.mp4", "~root", "con", "."),
]


@pytest.mark.parametrize("path", TRAVERSAL)
def test_no_path_is_ever_followed(server: Server, path: str) -> None:
    for place in ("/api/videos/{}/stream", "/api/videos/{}", "/page/{}", "/page/shared/{}", "/api/jobs/{}/file", "/{}"):
        request = f"GET {place.format(path)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = server.raw(request.encode())
        status = int(answer.split(b" ", 2)[1])
        assert status in {400, 404, 422} or (place == "/{}" and path in {".", "//etc/passwd"}), (place, answer)
        assert b"root:" not in answer


def test_ids_of_another_server_and_of_other_things_are_unknown(server: Server) -> None:
    video_id, folder = server.video("cat.mp4"), server.json("GET", "/api/videos")["videos"][0]["folder"]
    for id in (video_id[::-1], video_id[:-1], video_id + "A", folder, "uploads", "A" * 24):
        assert server.client.get(f"/api/videos/{id}").status_code == 404
        assert server.client.get(f"/api/videos/{id}/stream").status_code == 404
        assert server.client.post(f"/api/videos/{id}/find", json={"queries": ["x"]}).status_code == 404
        assert server.client.get(f"/api/jobs/{id}").status_code == 404
        assert server.client.get(f"/api/jobs/{id}/events").status_code == 404
        assert server.client.delete(f"/api/videos/{id}").status_code == 404


def test_videos_of_the_operator_cannot_be_deleted(server: Server, videos: Path) -> None:
    assert server.client.delete(f"/api/videos/{server.video('cat.mp4')}").status_code == 403
    assert (videos / "cat.mp4").exists()


def test_every_format_is_exported_under_a_harmless_name(server: Server, videos: Path) -> None:
    video_id = server.video("cat.mp4")
    hostile = {**PREDICTION, "query": "</script><script>alert(1)</script>\r\nSet-Cookie: x=1", "video": "/etc/passwd"}
    for kind in server.json("GET", "/api/about")["formats"]:
        answer = server.client.post(
            f"/api/videos/{video_id}/export", json={"format": kind["name"], "predictions": [PREDICTION, hostile]}
        )
        assert answer.status_code == 200, (kind, answer.text)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="cat{kind["suffix"]}"')
        assert answer.content and str(videos).encode() not in answer.content and b"/etc/passwd" not in answer.content
        assert "set-cookie" not in answer.headers


def test_an_export_is_what_export_on_the_command_line_writes(server: Server, tmp_path: Path) -> None:
    from whenabouts.interchange.formats import read

    video_id = server.video("cat.mp4")
    answer = server.client.post(f"/api/videos/{video_id}/export", json={"format": "csv", "predictions": [PREDICTION]})
    (tmp_path / "a.csv").write_bytes(answer.content)
    [marked] = read(tmp_path / "a.csv")
    assert (marked.query, marked.video) == ("a cat", "cat.mp4")
    assert (marked.moments[0].start, marked.moments[0].end) == pytest.approx((3, 6), abs=1 / 48)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"queries":' * 5000,
        b'{"queries": ["x"], "top": NaN}',
        b'{"queries": ["x"], "fps": 1e309}',
        b'{"queries": ["x"], "fps": -1}',
        b'{"queries": ["x"], "fps": Infinity}',
        b'{"queries": ["x"], "top": ' + b"9" * 10_000 + b"}",
        b'{"queries": ["x"], "top": "5"}',
        b'{"queries": ["x"], "top": true}',
        b'{"queries": 5}',
        b'{"queries": [{}]}',
        b'{"queries": ["x"], "quantised": "1bit"}',
        b'{"queries": ["x"], "evidence": ["felt"]}',
        b'{"queries": [" "]}',
        b'{"queries": ["x"], "path": "/etc/passwd"}',
        b'{"queries": ["\xff"]}',
        json.dumps({"queries": ["x"] * 101}).encode(),
        json.dumps({"queries": ["x" * 2001]}).encode(),
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_bodies_that_are_no_request_are_refused_in_a_sentence(server: Server, body: bytes) -> None:
    video_id = server.video("cat.mp4")
    answer = server.client.post(
        f"/api/videos/{video_id}/find", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert set(answer.json()) == {"error"} and len(answer.json()["error"]) < 300


def test_a_question_of_nothing_is_refused(server: Server) -> None:
    asked = {"queries": []}
    refused = server.json("POST", f"/api/videos/{server.video('cat.mp4')}/find", json=asked, status=409)
    assert refused["error"] == "no query given; say in a few words what to look for"


def test_a_huge_body_is_refused(server: Server) -> None:
    video_id = server.video("cat.mp4")
    body = b'{"queries": ["' + b"x" * (2 << 20) + b'"]}'
    answer = server.client.post(
        f"/api/videos/{video_id}/find", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("model", value)
            for value in ("openai:http://169.254.169.254/#x", "/etc/passwd", "hub:x", "../x.pt", "search")
        ),
        *(("verify", value) for value in ("openai:http://localhost:22/#x", "hub:x", "/x")),
        *(("encoder", value) for value in ("hub:/etc", "hub:x/y")),
        ("speech_model", "/etc"),
        *(("calibrator", value) for value in ("/etc/passwd", "similarity")),  # a file may have the name of a model
        *(("reader", value) for value in ("openai:http://169.254.169.254/#x", "hub:/etc", "similarity#x")),
        ("device", "cuda:7"),
    ],
)
def test_no_request_names_a_file_or_an_address(server: Server, field: str, value: str) -> None:
    video_id = server.video("cat.mp4")
    answer = server.client.post(f"/api/videos/{video_id}/find", json={"queries": ["x"], field: value})
    assert answer.status_code == 403 and field in answer.json()["error"] and value not in answer.json()["error"]


def test_a_stretch_has_pictures_and_loudness_of_its_own(server: Server) -> None:
    address = f"/api/videos/{server.video('cat.mp4')}"
    whole = server.json("GET", f"{address}/strip?count=8", status=200)["pictures"]
    assert server.json("GET", f"{address}/strip?count=2&start=2&end=4", status=200)["pictures"] == whole[2:4]
    facts = server.json("GET", address)
    told = server.json("GET", f"{address}/waveform?count=40&start=1&end=3", status=200)
    assert not told["partial"] and len(told["heights"]) == (40 if facts["sound"] else 0)
    for stretch in ("start=3&end=3", "start=100", "end=0"):
        assert "start" in server.json("GET", f"{address}/waveform?{stretch}", status=409)["error"]
    cues = server.client.get(f"{address}/captions")
    assert cues.headers["content-type"].startswith("text/vtt") and cues.text.startswith("WEBVTT\n")
    assert "00:00:01.000 --> 00:00:02.000" in cues.text and "said the guide" in cues.text
