"""Data of other versions: what whenabouts 0.1 wrote is upgraded, what a newer one wrote is refused in one sentence."""

from __future__ import annotations

import base64
import hmac
import json
import sqlite3
from pathlib import Path

import pytest
from media import make_video
from serving import serving

from whenabouts.errors import InputError
from whenabouts.server.annotations import AnnotationStore, Correction
from whenabouts.server.database import VERSION, Database
from whenabouts.server.jobs.store import JobStore
from whenabouts.server.settings import read_secret
from whenabouts.server.videos import VideoFiles

JOBS_0_1 = """
create table if not exists jobs (
  number integer primary key autoincrement, id text unique not null, kind text not null, state text not null,
  client text not null, key text, film text, request text not null, turn integer not null default -1,
  tries integer not null default 0, error text, result text, created text not null, started text, ended text,
  unique (client, key)
);
create index if not exists by_state on jobs (state, number);
"""
ANNOTATIONS_0_1 = """
create table if not exists annotations (
  number integer primary key autoincrement, film text not null, name text not null, duration real not null,
  query text not null, annotator text not null, windows text not null, saved text not null,
  unique (film, query, annotator)
);
"""
SECRET = bytes(range(32))


def write(path: Path, schema: str, statement: str, rows: list[tuple[object, ...]]) -> None:
    database = sqlite3.connect(path)
    database.executescript(schema)
    database.executemany(statement, rows)
    database.commit()
    database.close()


def old_id(path: Path) -> str:
    """The id of a video as whenabouts 0.1 made it."""
    return base64.urlsafe_b64encode(hmac.digest(SECRET, b"film\0" + bytes(path.resolve()), "sha256")[:18]).decode()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a server of version 0.1, with a finished job and an annotation of one video."""
    folder = tmp_path / "data"
    for each in (folder, tmp_path / "videos"):
        each.mkdir()
    make_video(tmp_path / "videos" / "bars.mp4", seconds=2)
    (folder / "secret").write_bytes(SECRET)
    video = old_id(tmp_path / "videos" / "bars.mp4")
    moment = {"start": 0.0, "end": 1.0, "score": 0.9, "evidence": [], "spread": None}
    result = {
        "predictions": [{"query": "bars", "moments": [moment], "duration": 2.0, "presence": None}],
        "thumbnails": [[f"/api/films/{video}/picture?t=0.5&height=126"]],
    }
    write(
        folder / "jobs.sqlite",
        JOBS_0_1,
        "insert into jobs (id, kind, state, client, film, request, result, created) values (?,?,?,?,?,?,?,?)",
        [
            (
                "a" * 20,
                "find",
                "done",
                "ann",
                video,
                '{"queries": ["bars"]}',
                json.dumps(result),
                "2026-01-01T00:00:00",
            ),
            ("b" * 20, "find", "queued", "ann", video, '{"queries": ["bars"], "told": 1}', None, "2026-01-02T00:00:00"),
        ],
    )
    write(
        folder / "annotations.sqlite",
        ANNOTATIONS_0_1,
        "insert into annotations (film, name, duration, query, annotator, windows, saved) values (?,?,?,?,?,?,?)",
        [(video, "bars.mp4", 2.0, "bars", "ann", "[[0.0, 1.5]]", "2026-01-01T00:00:00")],
    )
    return folder


def test_a_server_takes_up_the_data_of_version_0_1(data: Path) -> None:
    pytest.importorskip("fastapi", reason="the extra serve is not installed")
    for _ in range(2):  # the second time the data is its own
        with serving(data.parent / "videos", "--data", data) as server:
            video = server.video("bars.mp4")
            [saved] = server.json("GET", f"/api/videos/{video}/annotations")["annotations"]
            assert (saved["query"], saved["windows"]) == ("bars", [[0.0, 1.5]])
            done = server.json("GET", f"/api/jobs/{'a' * 20}")
            assert (done["state"], done["video"]) == ("done", video)
            picture = server.client.get(done["result"]["thumbnails"][0][0])
            assert picture.headers["content-type"] == "image/jpeg"
            waiting = server.ended({"id": "b" * 20})
            assert waiting["state"] == "failed" and "told" in waiting["error"], "an option of then that is gone"
        assert server.said == []


def test_ids_of_videos_stay_those_of_version_0_1(data: Path) -> None:
    videos = VideoFiles([data.parent / "videos"], data / "uploads", read_secret(data))
    assert [video.id for video in videos.all()] == [old_id(data.parent / "videos" / "bars.mp4")]


@pytest.mark.parametrize(("store", "name"), [(JobStore, "jobs.sqlite"), (AnnotationStore, "annotations.sqlite")])
def test_data_of_a_newer_version_is_refused(store: type[JobStore | AnnotationStore], name: str, tmp_path: Path) -> None:
    store(tmp_path / name).close()
    database = sqlite3.connect(tmp_path / name)
    assert database.execute("pragma user_version").fetchone() == (VERSION,)
    database.execute(f"pragma user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(InputError, match=r"is from a newer version of whenabouts; update whenabouts or give another"):
        store(tmp_path / name)


def test_a_database_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "jobs.sqlite", "create table cats (name text)", "insert into cats values (?)", [("Tom",)])
    before = (tmp_path / "jobs.sqlite").read_bytes()
    with pytest.raises(InputError, match=r"jobs.sqlite cannot be opened: no such table: jobs"):
        JobStore(tmp_path / "jobs.sqlite")
    database = sqlite3.connect(tmp_path / "jobs.sqlite")
    assert database.execute("select * from cats").fetchall() == [("Tom",)]
    assert database.execute("pragma user_version").fetchone() == (0,)
    database.close()
    assert len((tmp_path / "jobs.sqlite").read_bytes()) == len(before)


def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "x.sqlite", "create table one (film text)", "insert into one values (?)", [("a",)])
    upgrade = "alter table one rename column film to video; alter table two rename column film to video"
    with pytest.raises(InputError, match="no such table: two"):
        Database(tmp_path / "x.sqlite", "create table one (video text)", {2: upgrade})
    database = sqlite3.connect(tmp_path / "x.sqlite")
    assert database.execute("select film from one").fetchall() == [("a",)]
    database.close()


ANNOTATIONS_2 = """
create table annotations (
  number integer primary key autoincrement, video text not null, name text not null, duration real not null,
  query text not null, annotator text not null, windows text not null, saved text not null,
  unique (video, query, annotator)
);
pragma user_version = 2;
"""


def test_corrections_without_versions_keep_what_they_say_and_get_one(tmp_path: Path) -> None:
    path, video = tmp_path / "annotations.sqlite", "v" * 24
    write(
        path,
        ANNOTATIONS_2,
        "insert into annotations (video, name, duration, query, annotator, windows, saved) values (?,?,?,?,?,?,?)",
        [
            (video, "bars.mp4", 2.0, "bars", "ann", "[[0.0, 1.5]]", "2026-01-01T00:00:00"),
            (video, "bars.mp4", 2.0, "a dog", "ann", "[]", "2026-01-02T00:00:00"),
        ],
    )
    for _ in range(2):  # the second time it is of this version
        store = AnnotationStore(path)
        before = store.of_video(video)
        store.close()
    assert [(row.query, row.windows, row.saved) for row in before] == [
        ("bars", ((0.0, 1.5),), "2026-01-01T00:00:00"),
        ("a dog", (), "2026-01-02T00:00:00"),
    ]
    assert {(row.version, row.provenance, row.window_provenance) for row in before} == {(1, None, None)}
    store = AnnotationStore(path)
    assert store.put(video, "bars.mp4", 2.0, Correction("bars", "ann", ((0.0, 1.5),))).version == 2
    assert "provenance" not in store.export()[1].to_dict(), "nobody knows who marked what an older version saved"
    store.close()
