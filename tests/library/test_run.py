"""A folder is brought up to date: copies, moves, changes, failures, kills, and two processes at once."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from processes import LIMIT, running

from whenabouts.errors import InputError
from whenabouts.library.run import IndexSettings, LocalEngine, index_folder, made_with, open_library
from whenabouts.library.store import Library
from whenabouts.video.compose import Still, compose


def names(paths: list[str]) -> list[str]:
    return [Path(path).name for path in paths]


def test_known_videos_are_not_indexed_again(folder: Path, tmp_path: Path) -> None:
    cat, coffee, rocket = (folder / f"it's {name}.mp4" for name in ("cat", "coffee", "rocket"))
    coffee.unlink()
    (folder / "broken.mp4").write_bytes(b"nothing")
    shutil.copy(folder / "broken.mp4", folder / "broken too.mp4")
    undecodable = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.mp4"))
    shutil.copy(cat, undecodable)
    library, events = open_library(tmp_path / "library"), []
    on_file = lambda path, what: events.append((Path(path).name, what.split(":")[0]))  # noqa: E731
    first = index_folder(library, folder, on_file=on_file)
    assert names(first.indexed) == [undecodable.name, "it's rocket.mp4"] and names(first.known) == ["it's cat.mp4"]
    assert names(list(first.failed)) == ["broken too.mp4", "broken.mp4"]
    assert dict(events)["broken.mp4"] == "failed" and dict(events)["it's rocket.mp4"] == "indexed"

    rocket.rename(folder / "moved.mp4")
    cat.unlink()
    second = index_folder(library, folder)
    assert not second.indexed and not second.failed
    assert names(second.known) == ["moved.mp4"] and set(names(second.gone)) == {"it's rocket.mp4", "it's cat.mp4"}
    assert set(names(list(library.places()))) == {"moved.mp4", undecodable.name}

    shutil.copy(folder / "moved.mp4", folder / "broken.mp4")  # whole now
    third = index_folder(library, folder, again=True)
    assert names(third.known) == ["broken.mp4"] and names(list(third.failed)) == ["broken too.mp4"]
    assert len(library.videos()) == 2


def test_a_video_that_changes_or_disappears_while_it_is_read_is_reported(folder: Path, tmp_path: Path) -> None:
    def spoil(name: str, part: float) -> None:
        if name.endswith("cat.mp4"):
            with (folder / name).open("ab") as file:
                file.write(b"more")
        if name.endswith("coffee.mp4"):
            (folder / name).unlink(missing_ok=True)

    library = open_library(tmp_path / "library")
    outcome = index_folder(library, folder, engine=LocalEngine(spoil))
    assert names(outcome.indexed) == ["it's rocket.mp4"]
    [(path, reason)] = outcome.failed.items()
    assert reason == f"{path} changed while it was read; index it again"
    assert names(index_folder(library, folder).known + index_folder(library, folder).indexed) == []


def test_no_folder_and_settings_of_a_library(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a directory"):
        index_folder(open_library(tmp_path / "library", IndexSettings()), tmp_path / "absent")
    assert made_with(tmp_path / "library") == "builtin" == made_with(tmp_path / "absent")


def test_two_processes_share_a_folder_while_a_third_reads(folder: Path, indexed: Library, tmp_path: Path) -> None:
    place = tmp_path / "library"
    with running("index", folder, "--library", place) as one, running("index", folder, "--library", place) as other:
        both = (one, other)
        while any(process.poll() is None for process in both):
            if (place / "encoder.txt").exists():
                assert len(open_library(place).videos()) <= 3
            time.sleep(0.2)
        outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(int(output.split()[0]) for output in outputs) == 3  # each video was indexed by one of them
    library = open_library(tmp_path / "library")
    assert library.videos() == indexed.videos()
    assert len(library.places()) == 3 and library.sweep() == 0


def test_ctrl_c_leaves_a_clean_library_and_exit_code_130(folder: Path, tmp_path: Path) -> None:
    long = folder / "long.mp4"  # ten minutes, which nobody reads before the signal comes
    compose(long, [Still(np.full((90, 160, 3), 128, np.uint8), 600.0, 1.0)], size=(160, 90), rate=1)
    with running("index", folder, "--library", tmp_path / "library") as process:
        assert process.stderr is not None
        while "rocket" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=LIMIT)
        assert process.returncode == 130 and "Traceback" not in told
    library = open_library(tmp_path / "library")
    assert library.videos() and library.sweep() == 0
    assert not list((library.path / "claims").iterdir())
    assert "long.mp4" not in {Path(path).name for path in library.places()}
    long.unlink()
    index_folder(library, folder)
    assert len(library.videos()) == 3
