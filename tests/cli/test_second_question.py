"""A second question on a video: what it imports, reads, decodes and encodes, and that its answer is the same."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from media import make_video
from processes import LIMIT

import whenabouts
from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.files.content import BLOCK, BLOCKS
from whenabouts.grounders.warm import WARM
from whenabouts.video import Video, source

PROGRAM = """
import sys
from whenabouts.cli.app import main
try:
    main()
finally:
    print(*sys.modules, sep="\\n", file=sys.stderr)
"""
NOT_NEEDED = {  # by a question that is about pictures, of a video without subtitles
    *("torch", "transformers", "scipy", "pyarrow", "ray", "fastapi", "PIL", "rapidocr", "faster_whisper", "pysubs2"),
    *("multiprocessing", "asyncio", "sqlite3", "ssl", "http.client", "urllib.request", "xml.etree", "tomllib"),
    *("whenabouts.commands.predict", "whenabouts.commands.train", "whenabouts.commands.watch"),
    *(
        "whenabouts.commands.bundle",
        "whenabouts.interchange.formats",
        "whenabouts.interchange.report",
        "whenabouts.benchmarks",
        "whenabouts.server",
    ),
    *("whenabouts.video.edit.view", "whenabouts.grounders.llm.papers", "whenabouts.grounders.learned"),
    *("whenabouts.grounders.search", "whenabouts.evidence.retrieve", "whenabouts.evidence.screen_text"),
    *("whenabouts.evidence.speech", "whenabouts.evidence.sound.events", "whenabouts.evidence.signals.levels"),
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A video whose file is too large to be read whole each time: half of it is a box that says nothing."""
    made = tmp_path / "video.mp4"
    make_video(made, fps=10, seconds=6)
    with made.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + 2 * BLOCK * BLOCKS, b"free") + os.urandom(2 * BLOCK * BLOCKS))
    return made


def told(*arguments: str) -> tuple[list[dict[str, Any]], set[str]]:
    """What `whenabouts find` prints in a process of its own, and the modules that were loaded for it."""
    command = [sys.executable, "-c", PROGRAM, "find", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LIMIT)
    return json.loads(done.stdout), set(done.stderr.split())


def test_it_imports_what_it_needs_and_answers_as_the_first_one(path: Path, cache: Path) -> None:
    without, _ = told(str(path), "a number", "--no-cache")
    assert not cache.exists(), "without a cache nothing is written"
    first, _ = told(str(path), "a number")
    second, modules = told(str(path), "a number")
    assert first == second == without
    told_of = {name for name in NOT_NEEDED if name in modules or any(m.startswith(f"{name}.") for m in modules)}
    assert told_of == set()


class Work:
    """Counts what is done in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = self.encoded = self.hashed = 0
        opened, encoded, digest = source._demuxer, BuiltinEncoder.encode_images, hashlib.file_digest

        def counted_open(*arguments: Any) -> Any:
            self.opened += 1
            return opened(*arguments)

        def counted_images(encoder: BuiltinEncoder, images: Any) -> Any:
            self.encoded += len(images)
            return encoded(encoder, images)

        def counted_digest(file: Any, *arguments: Any) -> Any:
            self.hashed += os.fstat(file.fileno()).st_size
            return digest(file, *arguments)

        monkeypatch.setattr(source, "_demuxer", counted_open)
        monkeypatch.setattr(BuiltinEncoder, "encode_images", counted_images)
        monkeypatch.setattr(hashlib, "file_digest", counted_digest)


@pytest.mark.usefixtures("cache")
def test_it_probes_the_file_once_and_decodes_encodes_and_hashes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WARM.clear()
    first = whenabouts.find(path, "a number")
    WARM.clear()  # as a process that begins
    work = Work(monkeypatch)
    with Video(path) as video:
        probed = work.opened, video.decoded_pictures
        assert whenabouts.find(video, "a number") == first
        assert (work.opened, video.decoded_pictures) == probed
    assert work.encoded == 0
    assert work.hashed <= 2 * BLOCK * BLOCKS, "only files that are small are hashed whole"
