"""`whenabouts calibrate`: make probabilities of a model true, and say how far off its times are."""

from __future__ import annotations

import math
import sys

from whenabouts.cli.options import takes
from whenabouts.commands.calibrate import Calibrate
from whenabouts.language import translate
from whenabouts.trust.held_out import HeldOut

ROWS = {  # by the figure that each shows
    "auroc": "AUROC",
    "ece": "ECE",
    "brier": "Brier",
    "fpr95": "FPR at 95 % TPR",
    "aurc": "AURC",
    "e_aurc": "E-AURC",
    "accuracy@50": "surest half right",
    "answered": "answered",
    "accuracy": "answered right",
    "rejection_f1": "rejection F1",
}


@takes(Calibrate, arguments=["predictions", "benchmark"])
def calibrate(command: Calibrate) -> None:
    """Fit a calibrator on answers of `predict` whose truth is known, for `find --calibrator`.

    The annotations need queries that do not happen as well as queries that do. Figures are of videos that were held
    out; the file is fitted on all.
    """
    done = command.run()
    fitted = done.calibrator.fitted
    about = f"{fitted.queries} queries on {fitted.videos} videos, of which {fitted.happen} happen"
    print(translate(f"presence by {done.calibrator.presence.curve.method}, from {about}"))
    if done.calibrator.abstain is not None:
        print(translate(f"left unanswered below a presence of {done.calibrator.abstain:.2f}"))
    if done.held_out is not None:
        _print(done.held_out)
    for note in done.notes:
        print(f"{translate('note')}: {translate(note)}", file=sys.stderr)
    print(translate(f"wrote {done.path}; next: whenabouts find VIDEO QUERY --calibrator {done.path}"), file=sys.stderr)


def _print(found: HeldOut) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from whenabouts.cli.console import Console

    console = Console()
    table = Table(box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False, collapse_padding=True)
    table.title = translate(f"{found.videos} videos held out, {found.queries} queries")
    table.add_column("", no_wrap=True)
    for who in found.figures:
        shown = translate(who)
        table.add_column(shown, justify="right", min_width=max(map(len, shown.split())))
    for name, shown in ROWS.items():
        table.add_row(translate(shown), *(_figure(figures[name]) for figures in found.figures.values()))
    console.print(table)
    if (ranges := found.ranges) is None:
        return
    mean, low, high = ranges.coverage
    print(translate(f"ranges hold start and end of {mean:.1%} of what happens, between {low:.1%} and {high:.1%}"))
    for (shortest, longest), (mean, low, high) in ranges.by_length.items():
        print(translate(f"  videos of {shortest:.0f} to {longest:.0f} s: {mean:.1%}, between {low:.1%} and {high:.1%}"))
    seconds, share = ranges.width
    print(translate(f"half of the ranges reach further than {seconds:.1f} s either way, {share:.0%} of the video"))
    held, radius = ranges.answered
    if not math.isnan(held):
        print(translate(f"of what is answered they hold {held:.1%}, and half reach further than {radius:.1f} s"))


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
