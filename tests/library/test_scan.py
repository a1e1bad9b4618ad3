"""Which files are videos, and which of them are new, changed or gone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from whenabouts.files.content import content_sha256
from whenabouts.library.scan import File, changes, files
from whenabouts.library.schema import lines_table, shots_table
from whenabouts.library.store import Library


def test_videos_are_found_by_suffix_without_loops_and_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("deep/er/B.MKV", "a.mp4", "notes.txt", ".hidden/c.mp4", ".d.mp4"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling.mp4").symlink_to(tmp_path / "absent.mp4")
    (tmp_path / "folder.mp4").mkdir()
    undecodable = os.fsencode(tmp_path) + b"/caf\xe9.mp4"
    Path(os.fsdecode(undecodable)).write_bytes(b"y")
    found = [os.fsencode(file.path.relative_to(tmp_path.resolve())) for file in files(tmp_path)]
    assert found == [b"a.mp4", b"caf\xe9.mp4", b"deep/er/B.MKV"]


def test_new_changed_and_missing_files_are_reported(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in ("same.mp4", "changed.mp4", "gone.mp4", "broken.mp4", "orphan.mp4"):
        (videos / name).write_bytes(name.encode())
    library = Library(tmp_path / "library", encoder="test", dim=4)
    rows = shots_table([], np.zeros((0, 4), np.float16)), lines_table([])
    for file in files(videos):
        if file.path.name == "broken.mp4":
            library.fail(file.row(reason="no video"))
        else:
            sha256 = content_sha256(file.path)
            library.add(sha256, *rows, duration=1.0, language=None)
            assert library.put(file.row(sha256=sha256))
    orphan = content_sha256(videos / "orphan.mp4")
    library.table("videos").delete(f"sha256 = '{orphan}'")  # a path whose video is not in the library
    (videos / "changed.mp4").write_bytes(b"longer than before")
    (videos / "gone.mp4").unlink()
    new, gone = changes(library, videos)
    assert [file.path.name for file in new] == ["changed.mp4", "orphan.mp4"]
    assert gone == [str(videos.resolve() / "gone.mp4")]
    assert [f.path.name for f in changes(library, videos, again=True)[0]] == ["broken.mp4", "changed.mp4", "orphan.mp4"]
    assert File.at(videos / "gone.mp4") is None
