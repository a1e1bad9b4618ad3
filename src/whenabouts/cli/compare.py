"""`whenabouts compare A B BENCHMARK`: is B better than A on the same queries, in words, tables, JSON and a page."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.document import AsJson, Out
from whenabouts.cli.options import takes
from whenabouts.cli.terminal import json_text
from whenabouts.commands import Compare
from whenabouts.language import translate

FIELDS = Compare.model_fields


@takes(Compare)
def compare(
    predictions: Annotated[list[Path], typer.Argument(metavar="A B …", help=FIELDS["predictions"].description)],
    benchmark: Annotated[str, typer.Argument(metavar="BENCHMARK", help=FIELDS["benchmark"].description)],
    command: Compare,
    truth: Annotated[
        Path,
        typer.Option("--ground-truth", metavar="PATH", envvar="WHENABOUTS_DATA", help=FIELDS["truth"].description),
    ] = FIELDS["truth"].default,
    out: Out = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every query with both answers, as JSON Lines.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare answers to the same queries: whether the second file is better than the first, by how much, and where.

    Every difference has an interval that comes from resampling videos. More files are each compared with the first.
    """
    from whenabouts.documents.text import text
    from whenabouts.files.atomic import replacing
    from whenabouts.files.outputs import check_outputs

    check_outputs([out, save], [*predictions, Path(benchmark), truth, command.train, *(command.references or ())])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # they are among the notes
        result = command.run()
    if save is not None:
        with replacing(save) as path:
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in result.rows()), "utf-8")
        print(translate(f"wrote {save}"), file=sys.stderr)
    if out is not None:
        from whenabouts.interchange.document_page import write_page

        print(translate(f"wrote {write_page(result.document(), out, result.to_dict())}"), file=sys.stderr)
    if as_json:
        print(json_text(result.to_dict(), indent=2))
    else:
        print(text(result.document(), translate), end="")
