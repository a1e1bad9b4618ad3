"""What `crash.py` disturbs: commands that write, and how what they left is read. Every reader refuses a damaged file.

A writer's state is a count of items, each a line of text: what is told twice is there twice. None may be lost from one
run to the next, but for those that a run which goes on writes again (`is_kept`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sqlite3
import sys
import zipfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _forks import forked, made_in_a_fork

from whenabouts.cli.app import main as program
from whenabouts.files.kept import kept
from whenabouts.files.sealed import is_sealed
from whenabouts.synthetic.rendered import Rendered
from whenabouts.video import Video

SCENES = Rendered(3, scenes=2, queries=2, seed=1)
CLIPS, WIDTH = 8, 4  # of the features that are trained on
CORRECTIONS = 60


class Writer(ABC):
    """A command that writes into the folder `place`, from inputs in another one."""

    name: str
    modules: tuple[str, ...] = ()  # which it loads, but for those whose threads do not survive a fork

    @abstractmethod
    def command(self, inputs: Path, place: Path) -> list[str]:
        """Its arguments; the same ones go on where a run was killed."""

    def run(self, inputs: Path, place: Path) -> None:
        """Run the command in this process."""
        run(self.command(inputs, place))

    @abstractmethod
    def state(self, place: Path) -> Counter[str]:
        """All that lies under the final names; raises where something is not whole."""

    def is_kept(self, item: str) -> bool:
        """Whether the next run relies on an item."""
        return True


class Find(Writer):
    """`find`: the cache, a page, a bundle, clips and exports; whatever lies in the cache is read with its own check."""

    name = "find"
    modules = ("onnxruntime", "whenabouts.encoders.builtin", "whenabouts.cli.find")
    outputs = ("a.csv", "a.edl", "a.html", "a.zip", "a.srt")

    def command(self, inputs: Path, place: Path) -> list[str]:
        out = {name: str(place / name) for name in self.outputs}
        saved = [part for name in ("a.csv", "a.edl", "a.srt") for part in ("--save", out[name])]
        written = ["--report", out["a.html"], "--bundle", out["a.zip"], "--clip", str(place / "clips"), *saved]
        return ["find", str(video_of(inputs)), "a red circle", "a blue square", "--evidence", "seen", *written]

    def state(self, place: Path) -> Counter[str]:
        plain = [name for name in self.outputs if name != "a.zip" and (place / name).exists()]
        found = Counter(f"{name} {digest(place / name)}" for name in plain)
        if (place / "a.zip").exists():
            with zipfile.ZipFile(place / "a.zip") as bundle:  # an answer on a full disk notes that nothing was kept
                assert bundle.testzip() is None
                found[f"a.zip {bundle.namelist()} {bundle.read('evidence.json')!r}"] += 1
        for clip in whole_files(place / "clips"):
            with Video(clip) as video:
                found[f"{clip.name} {len(video.times)}"] += 1
        return found + self._cached(place)

    def _cached(self, place: Path) -> Counter[str]:
        found: Counter[str] = Counter()
        for path in whole_files(place / "cache"):
            folder = path.relative_to(place / "cache").parts[0]
            if folder == "sentences" and path.suffix == ".sqlite":
                with sqlite3.connect(path) as store:
                    assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                    found.update(f"sentences {key.hex()}" for (key,) in store.execute("SELECT key FROM vectors"))
            elif folder in ("features", "networks"):
                if path.suffix != ".sha256" and is_sealed(path):  # a kill between a file and its seal costs a look
                    found[f"{folder} {path.name}"] += 1
            elif folder not in ("sentences", "damaged"):
                assert kept(path) is not None, path
                if folder != "content":  # whose names hold the times of files
                    found[f"{folder} {path.name} {digest(path)}"] += 1
        return found


class Predict(Writer):
    """`predict`: a journal, from which a run goes on."""

    name = "predict"
    modules = ("onnxruntime", "whenabouts.encoders.builtin", "whenabouts.cli.predict")

    def command(self, inputs: Path, place: Path) -> list[str]:
        data = ["--data", str(inputs), "--split", "val", "--videos", str(inputs)]
        return ["predict", "qvhighlights", *data, "--evidence", "seen", "--out", str(place / "answers.jsonl")]

    def state(self, place: Path) -> Counter[str]:
        path = place / "answers.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []  # the last may be half written: it is cut
        return Counter(str([row["qid"], row["pred_relevant_windows"]]) for row in map(json.loads, lines))


class Features(Writer):
    """`features`: a file for each video, and a receipt."""

    name = "features"
    modules = ("onnxruntime", "whenabouts.encoders.builtin", "whenabouts.cli.features")

    def command(self, inputs: Path, place: Path) -> list[str]:
        videos = map(str, sorted(inputs.glob("*.mp4")))
        return ["features", *videos, "--clip-seconds", "1", "--out", str(place / "features")]

    def state(self, place: Path) -> Counter[str]:
        found: Counter[str] = Counter()
        for path in whole_files(place / "features"):
            if path.suffix == ".npz":
                with np.load(path) as stored:
                    found[f"{path.name} {[(name, stored[name].sum().item()) for name in stored]}"] += 1
            else:
                found[f"{path.name} {json.loads(path.read_bytes())['encoder']}"] += 1
        return found


class Train(Writer):
    """`train`: the state to resume from, the best model, its answers and the log."""

    name = "train"
    modules = ("accelerate", "whenabouts.training.supervised.train", "whenabouts.cli.train")

    def command(self, inputs: Path, place: Path) -> list[str]:
        data = ["--benchmark", "own", "--data", str(inputs / "train"), "--features", str(inputs / "train")]
        small = ["--size", "small", "--epochs", "40", "--every", "2", "--batch", "8", "--device", "cpu"]
        return ["train", "univtg", *data, *small, "--resume", "--out", str(place / "run")]

    def state(self, place: Path) -> Counter[str]:
        run, found = place / "run", Counter[str]()
        if (run / "last.pt").exists():
            steps = torch.load(run / "last.pt", weights_only=True)["progress"][0]
            found.update(f"step {number}" for number in range(steps))
        for name in ("best.pt", "last.pt"):
            if (run / name).exists():
                found[f"{name} {weights(run / name)}"] += 1
        log = (run / "log.jsonl").read_bytes().split(b"\n")[:-1] if (run / "log.jsonl").exists() else []
        found.update(str([row["kind"], row["step"], row.get("total")]) for row in map(json.loads, log))
        if (run / "validation.jsonl").exists():
            found[f"answers {digest(run / 'validation.jsonl')}"] += 1
        return found

    def is_kept(self, item: str) -> bool:
        """The steps that were saved; the log is cut there, and the models are replaced by better ones."""
        return item.startswith("step ")


class Index(Writer):
    """`index`: a library, which is also opened and searched."""

    name = "index"
    modules = (
        *("pandas", "lance_namespace", "pyarrow.dataset"),  # most of what it takes to load lancedb, whose thread waits
        *("onnxruntime", "whenabouts.encoders.builtin", "whenabouts.cli.library"),
    )

    def command(self, inputs: Path, place: Path) -> list[str]:
        return ["index", str(inputs), "--library", str(place / "library")]

    def state(self, place: Path) -> Counter[str]:
        return Counter(made_in_a_fork(lambda: self._rows(place / "library")))

    def _rows(self, path: Path) -> list[str]:
        from whenabouts.encoders import load_encoder
        from whenabouts.library.run import open_library
        from whenabouts.library.search import search
        from whenabouts.library.store import is_library

        if not is_library(path):
            return []
        library = open_library(path)
        search(library, load_encoder("builtin"), "a red circle")
        videos = library.videos()
        with library.reading() as table:
            names = ("videos", "places", "problems", "shots", "lines")
            whole = {name: table(name).to_arrow().to_pylist() for name in names}
        for name in ("shots", "lines"):  # rows of a video that is not complete do not count, and are swept
            for sha256, video in videos.items():
                count = sum(row["sha256"] == sha256 for row in whole[name])
                assert count == video[name], (name, sha256, count, video[name])
            whole[name] = [row for row in whole[name] if row["sha256"] in videos]
        return [f"{name} {row}" for name, rows in whole.items() for row in rows]


class Corrections(Writer):
    """`serve`, and a client that saves corrections: none may be missing that it was told is saved."""

    name = "correct"
    modules = ("uvicorn", "whenabouts.server.listen", "whenabouts.cli.serve")

    def command(self, inputs: Path, place: Path) -> list[str]:
        return ["serve", str(inputs), "--data", str(place / "data"), "--port", "0"]

    def run(self, inputs: Path, place: Path) -> None:
        with serving(self.command(inputs, place)) as port, (place / "acknowledged").open("ab", buffering=0) as told:
            client = HTTPConnection("127.0.0.1", port)
            [video, *_] = answer(client, "GET", "/api/videos")["videos"]
            for number in range(CORRECTIONS):
                body = {"query": f"query {number}", "annotator": "mina", "windows": [[0.0, 1 + number / CORRECTIONS]]}
                answer(client, "PUT", f"/api/videos/{video['id']}/annotations", body)
                with suppress(OSError):  # on a full disk nobody hears of it
                    told.write(f"query {number}\n".encode())

    def state(self, place: Path) -> Counter[str]:
        from whenabouts.server.annotations import AnnotationStore

        path = place / "data" / "annotations.sqlite"
        rows = []
        if path.exists():
            with sqlite3.connect(path) as store:
                assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            store.close()
            opened = AnnotationStore(path)
            rows = opened.export()
            opened.close()
        list_of_told = place / "acknowledged"
        told = list_of_told.read_text().split("\n")[:-1] if list_of_told.exists() else []
        missing = set(told) - {row.query for row in rows}
        assert not missing, f"acknowledged, and not there: {sorted(missing)}"
        return Counter(f"{row.query} {row.relevant_windows}" for row in rows)


WRITERS: tuple[Writer, ...] = (Find(), Predict(), Features(), Train(), Index(), Corrections())


def make_inputs(folder: Path) -> None:
    """Videos with annotations, in the layout of QVHighlights; and features with annotations of one's own."""
    SCENES.write(folder, "val")
    train, rng = folder / "train", np.random.default_rng(0)
    (train / "text").mkdir(parents=True)
    rows = []
    for number in range(24):
        np.save(train / f"v{number}.npy", rng.normal(size=(CLIPS, WIDTH)).astype(np.float32))
        np.save(train / "text" / f"qid{number}.npy", rng.normal(size=(3, WIDTH)).astype(np.float32))
        start = 2 * int(rng.integers(CLIPS - 2))
        asked = {"qid": number, "query": "a dog", "vid": f"v{number}", "duration": 2 * CLIPS}
        rows.append(asked | {"relevant_windows": [[start, start + 4]], "split": "val" if number % 3 else "train"})
    (train / "annotations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def video_of(inputs: Path) -> Path:
    """The smallest of the videos."""
    return min(inputs.glob("*.mp4"), key=lambda path: path.stat().st_size)


def whole_files(folder: Path) -> Iterable[Path]:
    """Files under final names: what was not complete has a name that begins with a dot, or lies in such a folder."""
    paths = folder.rglob("*") if folder.exists() else ()
    return [p for p in paths if p.is_file() and not any(n.startswith(".") for n in p.relative_to(folder).parts)]


def digest(path: Path) -> str:
    """Of the bytes of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def weights(path: Path) -> str:
    """Of the parameters in a checkpoint."""
    told = hashlib.sha256()
    state: dict[str, Any] = torch.load(path, weights_only=True)["model"]
    for name in sorted(state):
        told.update(state[name].numpy().tobytes())
    return told.hexdigest()[:12]


def run(command: list[str]) -> None:
    """Run a command of the program in this process."""
    sys.argv = ["whenabouts", *command]
    program()


@contextmanager
def serving(command: list[str]) -> Iterator[int]:
    """The port of a server, which ends with the block, and before a signal ends this process."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    incoming, outgoing = os.pipe()

    def serve() -> None:
        sys.stdout = os.fdopen(outgoing, "w")
        run(command)

    server = forked(serve)
    os.close(outgoing)
    try:
        with os.fdopen(incoming) as told:
            if (found := re.search(r":(\d+)/", told.readline())) is not None:
                yield int(found[1])
    finally:
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGTERM)
        code = os.waitstatus_to_exitcode(os.waitpid(server, 0)[1])
    if found is None:
        sys.exit(code)


def answer(client: HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    """What a server says. Raises SystemExit with the sentence of a refusal."""
    content = None if body is None else json.dumps(body)
    client.request(method, path, content, {"Content-Type": "application/json"})
    response = client.getresponse()
    told = response.read()
    if response.status >= 400:
        sys.exit(f"whenabouts: {response.status} {told.decode()}")
    return json.loads(told)
