"""`whenabouts find VIDEO QUERY…`: find moments in one video."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.clips import ClipName, print_clips
from whenabouts.cli.isolation import Limits, Trusted, reading
from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.tables import print_predictions
from whenabouts.cli.terminal import json_text
from whenabouts.commands import Clips, Find
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.interchange.only import Only
from whenabouts.language import translate
from whenabouts.prediction import Prediction


@takes(Find, arguments=["queries"])
def find(
    video: Annotated[
        Path,
        typer.Argument(
            metavar="VIDEO",
            help="A local video file, one of sound alone, or a folder of pictures (see --rate).",
            show_default=False,
        ),
    ],
    command: Find,
    as_json: Annotated[bool, typer.Option("--json", help="Print predictions as JSON.")] = False,
    clip: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each moment as a frame-exact clip.", show_default=False)
    ] = None,
    smart_cut: Annotated[
        bool,
        typer.Option("--smart-cut", help="Encode only the edges of a clip and copy the rest; fast for long clips."),
    ] = False,
    name: ClipName = None,
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="FILE.zip", help="Write an evidence bundle (see `verify`, `replay`).", show_default=False),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a self-contained HTML page.", show_default=False)
    ] = None,
    save: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write a file for another program: .otio, .edl, .vtt, .csv … (see `export`). Repeatable.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        Only | None,
        typer.Option(help="Moments to take for --save and --clip, as for `export`.", show_default=False),
    ] = None,
    trusted: Trusted = False,
    limits: Limits = None,
) -> None:
    """Find when each QUERY happens in VIDEO.

    Prints a table; with --json, a list of predictions, one per query, in order. Progress is shown on stderr.
    The exit code is 1 if a model answered no query at all.
    """
    from whenabouts.evidence.subtitles import sidecars
    from whenabouts.files.outputs import check_outputs

    clips = Clips.of(smart=smart_cut, name=name, only=only or "likely")
    if bundle is not None and bundle.suffix.lower() != ".zip":
        raise InputError(f"a bundle is a zip: name it {bundle.name}.zip")
    if save:
        from whenabouts.interchange.formats import format_of

        for path in save:
            format_of(path)  # an unknown suffix is reported now, not after the search
    check_outputs([report, bundle, *(save or ())], [video, *sidecars(video)], folders=[clip])
    failed: WhenaboutsError | None = None
    with reading(limits, trusted=trusted), command.open(video) as opened, progress() as bar:
        predictions = command.run(opened, progress=bar, early=bar.early)
        try:
            if clip is not None:
                print_clips(clips.of_video(predictions, opened, clip), predictions, clips.only)
            if bundle is not None:
                from whenabouts.interchange.bundle import write_bundle

                digest = write_bundle(predictions, opened, bundle, command.model_dump(mode="json", exclude={"queries"}))
                print(translate(f"wrote {bundle}; its digest, to be kept elsewhere: {digest}"), file=sys.stderr)
            if report is not None:
                from whenabouts.interchange.report import write_report

                print(translate(f"wrote {write_report(predictions, opened, report)}"), file=sys.stderr)
            if save:
                from whenabouts.interchange.formats import write
                from whenabouts.interchange.timeline import Timeline

                timeline = Timeline.of(opened)
                for path in save:
                    print(translate(f"wrote {write(predictions, timeline, path, only=only)}"), file=sys.stderr)
        except WhenaboutsError as error:  # told after the answers, which are not lost with a file
            failed = error
    _print_usage(predictions)
    if as_json:
        print(json_text([prediction.to_dict() for prediction in predictions], indent=2))
    else:
        print_predictions(predictions)
    if failed is not None:
        raise failed
    if all(each.failure and not any(each.said) for each in predictions):
        sys.exit(1)  # nothing was answered at all


def _print_usage(predictions: Sequence[Prediction]) -> None:
    receipt = predictions[0].receipt
    if receipt and (used := receipt.usage):
        print(
            translate(
                f"{used['requests']} requests to the server: {used['prompt_tokens']} tokens read and "
                f"{used['completion_tokens']} written, as it counts"
            ),
            file=sys.stderr,
        )
