"""Predictions as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.cli.terminal import visible
from whenabouts.language import translate
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.query.describe import SEPARATOR, describe

TOLD = 0.15  # seconds of spread that are worth telling: a cut is off by a picture at most
MAX_ANSWER_CHARS = 300  # printed of a model's answer that could not be used


def clock(seconds: float) -> str:
    """Seconds as minutes or hours, like the clock of a player.

    >>> clock(7.25), clock(3723.5)
    ('0:07.2', '1:02:03.5')
    """
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{tenths // 10:02d}.{tenths % 10}"


def verdict(prediction: Prediction) -> str:
    """The presence of a query in words; empty if it is not known."""
    if prediction.presence is None:
        return ""
    place = "probably not in this video" if prediction.absent else "in this video"
    return translate(f"{place} ({prediction.presence:.0%} likely)")


def why(moment: Moment) -> str:
    """The evidence for a moment, one kind per line, with its text if it has one."""
    parts = [
        translate(e.kind) if e.text is None else f"{translate(e.kind)}: “{visible(e.text)}”" for e in moment.evidence
    ]
    return "\n".join(dict.fromkeys(parts))


def first_lines(predictions: Sequence[Prediction]) -> list[str]:
    """The best moment of each query that has been found so far, one a line."""
    return [
        f"“{visible(prediction.query)}” {translate('so far')}: {clock(best.start)}–{clock(best.end)}  "
        f"{' / '.join(why(best).splitlines())}"
        for prediction in predictions
        if (best := prediction.best) is not None and not prediction.absent
    ]


def _about(time: str, spread: float) -> str:
    return f"{time} ± {spread:.1f} s" if spread >= TOLD else time


def _failure(prediction: Prediction) -> str:
    if prediction.failure is None:
        return ""
    said = " / ".join(prediction.said)
    more = "…" if len(said) > MAX_ANSWER_CHARS else ""
    quoted = f"{translate('the model said')}: {said[:MAX_ANSWER_CHARS]}{more}"
    return visible(f": {translate(prediction.failure)}\n{quoted}")


def _understood(prediction: Prediction) -> str:
    """How the query was read, where it was not simply looked for as it stands."""
    if (understood := prediction.understood) is None or (read := describe(understood)) == prediction.query:
        return ""
    sought = {understood.event, understood.words}
    parts = (part if part.strip("“”") in sought else translate(part) for part in read.split(SEPARATOR))
    return visible(SEPARATOR.join(parts))


def print_predictions(predictions: Sequence[Prediction]) -> None:
    """Print one table per query on stdout."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.console import Console

    console = Console()
    for prediction in predictions:
        table = Table(box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
        table.title = f"“{escape(visible(prediction.query))}”  {verdict(prediction)}"
        for name in ("start", "end", "length", "score"):
            table.add_column(translate(name), justify="right", no_wrap=True)
        table.add_column(translate("evidence"), overflow="fold")
        for moment in prediction.moments:
            low, high = moment.spread or (0.0, 0.0)
            ends = _about(clock(moment.start), low), _about(clock(moment.end), high)
            table.add_row(*ends, f"{moment.duration:.1f} s", f"{moment.score:.2f}", escape(why(moment)))
        if prediction.moments:
            console.print(table)
        else:
            found = translate("no moment found") + escape(_failure(prediction))
            console.print(f"[bold]{table.title}[/bold]\n{found}\n")
        if understood := _understood(prediction):
            console.print(f"{translate('understood as')}: {escape(understood)}\n")
        for note in prediction.notes:
            console.print(f"{translate('note')}: {escape(visible(translate(note)))}\n")
