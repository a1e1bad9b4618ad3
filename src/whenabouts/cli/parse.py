"""`whenabouts parse`: extract the intervals from the answers of models."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from whenabouts.cli.terminal import json_text
from whenabouts.errors import InputError


def parse(
    parser: Annotated[
        str,
        typer.Option("--parser", "-p", metavar="NAME", help="whenabouts, or that of a paper or evaluator (--list)."),
    ] = "whenabouts",
    explain: Annotated[
        bool, typer.Option("--explain", help="Also print absence and repairs; only with the parser whenabouts.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the parsers and exit.")] = False,
) -> None:
    """Read answers from standard input and print their intervals in seconds as JSON, one line per answer.

    Each line is an answer: plain text, a JSON string, or a JSON object with the text in one of the fields text, answer,
    response, output, output_text, prediction, pred or generated_cap. The input may also be one JSON list of these.
    """
    from whenabouts.grounders.llm.papers import PARSERS
    from whenabouts.rewards.parse import OWN, read

    if listed:
        typer.echo("\n".join(PARSERS))
        return
    chosen = PARSERS.named(parser)
    if explain and parser != OWN.name:
        raise InputError(f"--explain works only with the parser {OWN.name!r}; leave out --explain or --parser")
    for text in answers(sys.stdin.buffer.read()):
        if explain:
            answer = read(text)
            row: Any = {"windows": answer.windows, "absent": answer.absent, "notes": answer.notes}
        else:
            row = chosen.official(text)
        typer.echo(json_text(row))


def answers(data: bytes) -> list[str]:
    """The answers in a stream: JSON strings or objects with a text field, a list of these, or plain lines."""
    from whenabouts.rewards.parse import text_of

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: byte {error.start + 1} is not UTF-8; convert the answers first") from None
    whole = _json(text)
    if isinstance(whole, list) and whole and all(text_of(item) is not None for item in whole):
        return [text_of(item) or "" for item in whole]
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    decoded = [(line.removesuffix("\r"), text_of(_json(line))) for line in lines]
    return [line if answer is None else answer for line, answer in decoded]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
