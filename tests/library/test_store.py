"""Videos are complete or absent: what an interrupted write leaves does not count, and every error is one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from processes import LIMIT

from whenabouts.errors import LibraryError
from whenabouts.evidence import TimedText
from whenabouts.library.schema import lines_table, shots_table
from whenabouts.library.store import ENCODER, Library

VIDEO, OTHER = "a" * 64, "b" * 64


def make(path: Path) -> Library:
    return Library(path / "library", encoder="test 1", dim=4)


def add(library: Library, sha256: str = VIDEO) -> None:
    shots = shots_table([(0.0, 2.0), (2.0, 3.0)], np.eye(4, dtype=np.float16)[:2])
    lines = lines_table([TimedText(0.0, 1.0, "hello", "said", "track")])
    library.add(sha256, shots, lines, duration=3.0, language="eng")


def place(path: str, sha256: str = VIDEO) -> dict[str, object]:
    return {"path": path, "size": 1, "mtime": 2, "sha256": sha256}


def test_a_video_is_added_once_and_places_know_it(tmp_path: Path) -> None:
    library = make(tmp_path)
    assert not library.put(place("/a.mp4"))  # its video is not in the library
    add(library)
    add(library)
    assert library.put(place("/it's.mp4")) and library.put(place("/caf\udce9.mp4"))
    again = make(tmp_path)
    assert set(again.places()) == {"/it's.mp4", "/caf\udce9.mp4"}
    assert again.videos()[VIDEO] == {"sha256": VIDEO, "duration": 3.0, "language": "eng", "shots": 2, "lines": 1}
    assert again.table("shots").count_rows() == 2


def test_rows_without_a_video_are_swept_or_replaced(tmp_path: Path) -> None:
    library = make(tmp_path)
    half = shots_table([(0.0, 9.0)], np.ones((1, 4), np.float16))
    for sha256 in (VIDEO, OTHER):  # as a process leaves them that is killed between two commits
        library.table("shots").add(half.add_column(0, "sha256", [[sha256]]))
    add(library)
    assert library.table("shots").to_arrow()["end"].to_pylist() == [9.0, 2.0, 3.0]  # of the other, then ours
    assert library.sweep() == 1 and library.sweep() == 0
    assert set(library.table("shots").to_arrow()["sha256"].to_pylist()) == {VIDEO}


def test_a_file_is_a_place_or_a_problem_and_gone_videos_stay_until_compact(tmp_path: Path) -> None:
    library = make(tmp_path)
    add(library)
    add(library, OTHER)
    library.put(place("/a.mp4"))
    library.put(place("/b.mp4", OTHER))
    library.fail({"path": "/a.mp4", "size": 3, "mtime": 4, "reason": "cut short"})
    assert set(library.places()) == {"/b.mp4"} and library.problems()["/a.mp4"]["reason"] == "cut short"
    library.put(place("/a.mp4"))
    assert not library.problems()
    library.gone(["/b.mp4"])
    assert library.has(OTHER)
    assert library.compact() == 1 and library.compact() == 0
    assert not library.has(OTHER) and library.has(VIDEO)
    assert set(library.table("lines").to_arrow()["sha256"].to_pylist()) == {VIDEO}


def test_a_library_of_version_0_1_keeps_its_videos(tmp_path: Path) -> None:
    library = make(tmp_path)
    add(library)
    tables = tmp_path / "library" / "tables"
    (tables / "videos.lance").rename(tables / "films.lance")  # its name then
    assert list(make(tmp_path).videos()) == [VIDEO]


def test_a_video_can_be_claimed_once_and_claims_leave_no_files(tmp_path: Path) -> None:
    library, other = make(tmp_path), make(tmp_path)
    with library.claim(VIDEO) as ours, other.claim(VIDEO) as theirs, other.claim(OTHER) as free:
        assert (ours, theirs, free) == (True, False, True)
    with other.claim(VIDEO) as theirs:
        assert theirs
    assert not list((library.path / "claims").iterdir())


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(LibraryError, match="was made with the encoder test 1, not test 2; choose another folder"):
        Library(tmp_path / "library", encoder="test 2", dim=4)


def test_the_making_of_a_library_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "library" / ENCODER).unlink()
    for manifest in (tmp_path / "library" / "tables" / "videos.lance" / "_versions").iterdir():
        manifest.write_bytes(b"half")
    add(make(tmp_path))


@pytest.mark.parametrize("what", ["manifest", "folder", "file"])
def test_a_damaged_library_is_one_sentence(tmp_path: Path, what: str) -> None:
    add(make(tmp_path))
    videos = tmp_path / "library" / "tables" / "videos.lance"
    if what == "manifest":
        for manifest in (videos / "_versions").iterdir():
            manifest.write_bytes(os.urandom(100))
    elif what == "folder":
        videos.rename(tmp_path / "elsewhere")
    else:
        for data in (videos / "data").iterdir():
            data.write_bytes(b"garbage")
    with pytest.raises(LibraryError, match=r"cannot be (opened|read)") as raised:
        make(tmp_path).videos()
    assert "\n" not in str(raised.value)


def test_a_file_in_the_place_of_a_library_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "library").write_text("not a folder")
    with pytest.raises(LibraryError, match="cannot be opened as a library"):
        make(tmp_path)


FULL = """
import resource, signal, sys
from pathlib import Path
folder = Path(sys.argv[2])
sys.path[:0] = [str(folder), str(folder.parent)]
from test_store import add, make, place
from whenabouts.errors import LibraryError
library = make(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    add(library, "b" * 64)
    library.put(place("/b.mp4", "b" * 64))
except LibraryError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("size", [0, 900])
def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path, size: int) -> None:
    library = make(tmp_path)
    add(library)
    library.put(place("/a.mp4"))
    command = [sys.executable, "-c", FULL, str(tmp_path), str(Path(__file__).parent), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{library.path} cannot be written: ") and done.stdout.count("\n") == 1
    library.sweep()  # as the next indexing does first
    assert set(library.places()) == {"/a.mp4"}
    assert library.table("shots").count_rows() == 2
    add(library, OTHER)
    assert set(library.videos()) == {VIDEO, OTHER}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no permissions")
def test_a_library_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    add(make(tmp_path))
    before = {file: file.stat().st_mtime_ns for file in sorted((tmp_path / "library").rglob("*"))}
    assert make(tmp_path).videos().keys() == {VIDEO}
    assert {file: file.stat().st_mtime_ns for file in sorted((tmp_path / "library").rglob("*"))} == before
