"""`whenabouts features VIDEO…`: write files with features of videos and queries for learned heads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.progress import progress
from whenabouts.language import translate


def features(
    videos: Annotated[
        list[Path],
        typer.Argument(
            metavar="VIDEO", help="Local video files; for sound also files of sound alone.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for NAME.npz, one per video.", show_default=False)],
    encoder: Annotated[
        str,
        typer.Option(
            help="builtin, clip, siglip2 or hub:MODEL; slowfast+ENCODER adds SlowFast features in front. "
            "ENCODER@crop sees the middle square, as published features do and clip by default; "
            "ENCODER@squeeze the whole picture. Of sound: pann, clap."
        ),
    ] = "builtin",
    clip_seconds: Annotated[float, typer.Option(min=0.1, help="Seconds per row.")] = 2.0,
    device: Annotated[
        str | None, typer.Option(help="cpu or cuda. Default: a GPU if available.", show_default=False)
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='JSON Lines {"qid": …, "query": …}; for each, DIR/text/qidQID.npz is written.',
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write features of each VIDEO, or of its sound, one row per clip, as `whenabouts train` and official code read.

    Existing files are kept, so an interrupted run can be resumed by running it again.
    """
    from whenabouts.encoders.clips import as_published, load_maker
    from whenabouts.training.supervised.features import write_clips, write_words

    maker = load_maker(as_published(encoder), device=device)
    if queries is not None:
        _ = maker.reader  # refused before anything is made
    with progress() as shown:
        failed = write_clips(videos, maker, clip_seconds, out, progress=shown)
        if queries is not None:
            write_words(queries, maker, clip_seconds, out / "text")
    done = f"wrote features of {len(videos) - len(failed)} of {len(videos)} videos to {out}"
    print(translate(done), file=sys.stderr)
    for path, error in failed:
        print(f"whenabouts: {path}: {translate(str(error))}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)
