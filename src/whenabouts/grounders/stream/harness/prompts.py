"""What a model is told and asked. The paper's own prompts are not public; these are ours."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.grounders.stream.harness.units import RESPONSE, SILENCE

__all__ = ["CONDENSE", "SUMMARISE", "SYSTEM", "asked", "opening", "withdrawn"]

SYSTEM = f"""You watch a live video, one second at a time. Every turn shows one second: its time mark, such as \
<ts-12s> for the second that ends 12 s after the beginning, and what the camera sees in it. People asked to be told \
when certain events happen; each event has a number.

Judge the current second by what it shows, together with what you saw and said before. If no event starts or ends in \
this second, answer exactly
{SILENCE}
Otherwise answer {RESPONSE} and then one line for every event that starts or ends in this second, and nothing else:
{RESPONSE} 1 starts
An event starts in the first second that shows it, and ends in the first second that does not show it any more. Say \
each start and each end once. An event that goes on needs no answer."""

SUMMARISE = """Sum up what happened in the seconds above, for somebody who cannot see them any more: who and what was \
there, what was done, in order, with times in seconds. At most {} characters, plain text in one paragraph."""

CONDENSE = """These notes say what happened in a video, in order:
{}
Write one shorter note that keeps what may matter later: who and what was there, what was done and when, in seconds. \
At most {} characters, plain text in one paragraph."""


def opening(memory: str, events: Sequence[str]) -> str:
    """What a chunk begins with: what happened before, and the events asked for, each a line of `asked`."""
    before = f"What happened before:\n{memory}" if memory else "Nothing was seen before."
    return "\n".join([before, "Events that were asked for:", *(events or ["none yet"])])


def asked(number: int, query: str, since: float | None = None) -> str:
    """The line of an event that is asked for; `since` when it goes on, in seconds."""
    return f"{number}: {query}" if since is None else f"{number}: {query} (goes on since {since:g} s)"


def withdrawn(number: int) -> str:
    """The line of an event that is not asked for any more."""
    return f"{number} is not asked for any more."
