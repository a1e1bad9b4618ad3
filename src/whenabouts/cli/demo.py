"""`whenabouts demo`: a generated video, six queries, and the answers beside the truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.progress import progress
from whenabouts.cli.tables import clock, why
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.prediction import Prediction
    from whenabouts.synthetic.composed import Question


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the video and the page.")] = Path("demo"),
) -> None:
    """Compose a short video, answer six queries about it, print the answers beside the truth, write DIR/page.html."""
    from whenabouts.commands import Find
    from whenabouts.interchange.report import write_report
    from whenabouts.synthetic.demo_video import make_demo_video
    from whenabouts.video import Video

    out.mkdir(parents=True, exist_ok=True)
    with progress() as bar:
        bar("composing a video", 0.0)
        demo = make_demo_video(out / "video.mp4")
        bar("composing a video", 1.0)
        with Video(demo.path) as video:
            command = Find.of(queries=[question.query for question in demo.questions])
            predictions = command.run(video, progress=bar)
            truth = {question.query: list(question.truth) for question in demo.questions}
            page = write_report(predictions, video, out / "page.html", title="A museum of small things", truth=truth)
    _print_beside_truth(demo.questions, predictions)
    print(translate(f"The video is {demo.path}; open {page} in a browser to see the answers on it."))


def _print_beside_truth(questions: Sequence[Question], predictions: Sequence[Prediction]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from whenabouts.cli.console import Console
    from whenabouts.moment import tiou

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("query", "truth", "answer", "tIoU", "presence", "evidence"):
        table.add_column(translate(name), justify="right" if name in ("tIoU", "presence") else "left")
    for question, prediction in zip(questions, predictions, strict=True):
        best = prediction.best
        truth = ", ".join(f"{clock(start)} – {clock(end)}" for start, end in question.truth) or translate(
            "not in the video"
        )
        answer = (
            f"{clock(best.start)} – {clock(best.end)}"
            if best and not prediction.absent
            else translate("not in the video")
        )
        overlap = f"{tiou([best.start, best.end], question.truth).max():.2f}" if best and question.truth else ""
        presence = "" if prediction.presence is None else f"{prediction.presence:.0%}"
        evidence = why(best) if best and not prediction.absent else ""
        table.add_row(question.query, truth, answer, overlap, presence, evidence)
    Console().print(table)
