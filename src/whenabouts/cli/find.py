"""`whenabouts find VIDEO QUERY…`: the moments of one file."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.progress import progress
from whenabouts.cli.tables import print_predictions


class EvidenceKind(StrEnum):
    """What may answer a query."""

    seen = "seen"
    said = "said"
    written = "written"


def find(
    video: Annotated[Path, typer.Argument(help="A local video file.", show_default=False)],
    queries: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for.", show_default=False)],
    top: Annotated[int, typer.Option(min=1, help="At most this many moments per query.")] = 5,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Leave out moments that score less.")] = 0.0,
    evidence: Annotated[
        list[EvidenceKind] | None,
        typer.Option(help="What may answer: repeat for several. Default: all that is installed.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print predictions as JSON.")] = False,
    clip: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each moment as a frame-exact clip.", show_default=False)
    ] = None,
    smart_cut: Annotated[
        bool, typer.Option("--smart-cut", help="Copy what lies between the edges of a clip: faster for long ones.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="PAGE.html", help="Write one self-contained page.", show_default=False)
    ] = None,
    save: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write for another program: .otio, .edl, .vtt, .csv … (see export).",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(help="What answers: similarity, a checkpoint, a folder, openai:URL#NAME, hub:NAME, or a system."),
    ] = "similarity",
    system: Annotated[
        str | None,
        typer.Option(help="How to ask a model on a server: see `whenabouts models`.", show_default=False),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="Answers asked of a model on a server; several are joined.", show_default=False),
    ] = None,
    long: Annotated[
        str | None,
        typer.Option(
            metavar="PLAN",
            help="Videos too long for a video-language model: windows, coarse-to-fine or shortlist.",
            show_default=False,
        ),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option(help="What a server is sent: frames (default) or video.", show_default=False),
    ] = None,
    quantised: Annotated[
        str | None,
        typer.Option(help="Load a video-language model in 8bit or 4bit.", show_default=False),
    ] = None,
    search: Annotated[
        bool | None,
        typer.Option("--search/--no-search", help="Shortlist regions first; from 15 minutes on by itself."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="Stop a search with the best so far: 30s, 500frames, 20000tokens …", show_default=False),
    ] = None,
    verify: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="A video-language model that looks a second time.", show_default=False),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="Frame and text encoder: builtin (default), or hub:NAME_OR_FOLDER.", show_default=False),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            min=0.01, help="Frames looked at per second, 2 by default; moments are as exact.", show_default=False
        ),
    ] = None,
    speech_model: Annotated[
        str | None,
        typer.Option(help="Recognise speech with this faster-whisper model, a name or a folder.", show_default=False),
    ] = None,
    cache: Annotated[bool, typer.Option(help="Keep frame features for the next query on the same file.")] = True,
) -> None:
    """Find when each QUERY happens in VIDEO.

    A table on a terminal; with --json a list of predictions, one per query, in order. Progress goes to stderr.
    """
    from whenabouts import open_video
    from whenabouts.commands import Find

    if save:
        from whenabouts.interchange.formats import format_of, write

        for path in save:
            format_of(path)  # an ending that means nothing is told now, not after the search
    asked = Find.of(
        queries=queries,
        top=top,
        threshold=threshold,
        evidence=tuple(kind.value for kind in evidence) if evidence else None,
        model=model,
        system=system,
        samples=samples,
        long=long,
        send=send,
        quantised=quantised,
        search=search,
        budget=budget,
        verify=verify,
        encoder=encoder,
        fps=fps,
        speech_model=speech_model,
        cache=cache,
    )
    with open_video(video) as opened, progress() as watch:
        grounder = asked.grounder(opened.duration, watch)
        predictions = grounder.ground(opened, queries)
        if clip is not None:
            from whenabouts.interchange.clips import write_clips

            for path in write_clips(predictions, opened, clip, smart=smart_cut):
                print(f"wrote {path}", file=sys.stderr)
        if report is not None:
            from whenabouts.interchange.report import write_report

            print(f"wrote {write_report(predictions, opened, report)}", file=sys.stderr)
        if save:
            from whenabouts.interchange.timeline import Timeline

            timeline = Timeline.of(opened)
            for path in save:
                print(f"wrote {write(predictions, timeline, path)}", file=sys.stderr)

    if used := getattr(grounder, "usage", None):
        counted = f"{used.prompt_tokens} tokens read and {used.completion_tokens} written"
        print(f"asked {used.requests} times: {counted}, as the server counts", file=sys.stderr)
    if as_json:
        print(json.dumps([prediction.to_dict() for prediction in predictions], ensure_ascii=False, indent=2))
    else:
        print_predictions(predictions)
