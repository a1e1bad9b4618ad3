"""Run a grounder over a benchmark's videos, into a file that `whenabouts evaluate` reads; killed, it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.files.actors import actors
from whenabouts.files.atomic import replacing
from whenabouts.prediction import Prediction

__all__ = ["predict"]

Watch = Callable[[str, float], None]
Rows = list[dict[str, Any]]
SUFFIXES = (".mp4", ".mkv", ".webm", ".mov", ".avi", ".m4v", ".ts", ".mpg")


def predict(
    examples: Sequence[Example],
    videos: Path,
    model: str,
    out: Path,
    *,
    workers: int = 1,
    ray: bool = False,
    address: str | None = None,
    settings: dict[str, Any] | None = None,
    watch: Watch | None = None,
) -> list[tuple[str, str]]:
    """Answer every example about its video in the folder `videos`; returns the videos that could not be, and why.

    `out` gets one QVHighlights row per query, video by video; what it holds already is kept, and a row that a killed
    run left half written is written again. Beside it `NAME.receipt.json` tells model and settings, and a file made in
    another way is not continued. With `ray` actors answer, on the cluster at `address` or here. Raises InputError for
    a file made otherwise, ModelError for an unknown model.
    """
    about = {"model": model, "settings": settings or {}}
    done = _begun(out, about)
    by_video: dict[str, list[Example]] = {}
    for e in examples:
        if str(e.qid) not in done:
            by_video.setdefault(e.video, []).append(e)
    failed: list[tuple[str, str]] = []
    paths = {path.stem: path for path in sorted(videos.iterdir()) if path.suffix.lower() in SUFFIXES}
    jobs = []
    for name, asked in by_video.items():
        if name in paths:
            jobs.append((paths[name], [(e.qid, e.query) for e in asked]))
        else:
            failed.append((name, f"there is no video of that name in {videos}"))
    answer = partial(_answer, model, settings or {})
    run = _on_ray(workers, address) if ray else _runner(workers)
    with out.open("a", encoding="utf-8") as file, run as answers:
        for number, (name, rows, problem) in enumerate(answers(answer, jobs), 1):
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file.flush()
            if problem:
                failed.append((name, problem))
            if watch:
                watch("predicting", number / len(jobs))
    return failed


def _begun(out: Path, about: dict[str, Any]) -> set[str]:
    """Ids of the queries that the file has whole rows of, after cutting off what is not whole."""
    receipt = out.with_suffix(".receipt.json")
    if out.exists():
        if not receipt.exists() or json.loads(receipt.read_text("utf-8")) != about:
            raise InputError(f"{out} was made with another model or setting; choose another file")
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(receipt) as part:
            part.write_text(json.dumps(about, indent=2) + "\n", "utf-8")
        out.touch()
    whole, done = [], set()
    for line in out.read_text("utf-8").splitlines(keepends=True):
        try:
            done.add(str(json.loads(line)["qid"]))
        except (ValueError, KeyError, TypeError):
            break
        if not line.endswith("\n"):
            break
        whole.append(line)
    with replacing(out) as part:
        part.write_text("".join(whole), "utf-8")
    return {str(json.loads(line)["qid"]) for line in whole}


def _answer(
    model: str, settings: dict[str, Any], job: tuple[Path, list[tuple[str | int, str]]]
) -> tuple[str, Rows, str]:
    """Rows of one video; or no rows and what was wrong."""
    from whenabouts.grounders import load
    from whenabouts.video import Video

    path, asked = job
    try:
        with Video(path) as video:
            predictions = load(model, **settings).ground(video, [query for _, query in asked])
    except WhenaboutsError as error:
        return path.stem, [], str(error)
    pairs = zip(asked, predictions, strict=True)
    return path.stem, [p.to_qvhighlights(qid, path.stem) | _how(p) for (qid, _), p in pairs], ""


def _how(prediction: Prediction) -> dict[str, Any]:
    """What `whenabouts diagnose` wants to know: the regions that were looked at, and answers that could not be read."""
    looked = [region[:2] for step in prediction.trace if step["step"] == "shortlist" for region in step["regions"]]
    told: dict[str, Any] = {"shortlist": looked} if prediction.trace else {}
    return told | ({"failure": prediction.failure, "said": prediction.said} if prediction.failure else {})


@contextmanager
def _runner(workers: int) -> Iterator[Callable[..., Iterator[Any]]]:
    if workers == 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map


@contextmanager
def _on_ray(workers: int, address: str | None) -> Iterator[Callable[..., Iterator[Any]]]:
    def run(answer: Callable[..., Any], jobs: Iterable[Any]) -> Iterator[Any]:
        with closing(actors(_Answerer, (answer,), jobs, workers=workers, address=address)) as pool:
            for _, result in pool:
                yield result

    yield run


class _Answerer:
    """An actor that answers about one video after another."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self._answer = answer

    def work(self, job: tuple[Path, list[tuple[str | int, str]]]) -> tuple[str, Rows, str]:
        """Rows of one video; or no rows and what was wrong."""
        result: tuple[str, Rows, str] = self._answer(job)
        return result
