"""What notices of a live source say."""

from __future__ import annotations

from whenabouts.video.live.arrival import Notice

__all__ = ["damaged", "dropped", "ended", "jumped", "lost", "resumed", "stalled"]


def lost(time: float, why: str) -> Notice:
    """The source broke off."""
    return Notice("lost", time, f"the source broke off at {time:.1f} s and is opened again: {why}")


def resumed(since: float, time: float) -> Notice:
    """The source is back."""
    return Notice("resumed", time, f"the source is back at {time:.1f} s; it was away since {since:.1f} s", since)


def stalled(since: float, time: float) -> Notice:
    """The source is open, and nothing comes."""
    return Notice("stalled", time, f"nothing came from the source since {since:.1f} s; it is still open", since)


def jumped(since: float, time: float) -> Notice:
    """The source's own clock stepped."""
    return Notice("jumped", time, f"the clock of the source jumped; the stream goes on at {time:.1f} s", since)


def dropped(since: float, time: float, count: int) -> Notice:
    """Pictures were passed over."""
    text = f"{count} pictures between {since:.1f} s and {time:.1f} s were passed over: reading them took too long"
    return Notice("dropped", time, text, since, count)


def damaged(time: float, count: int) -> Notice:
    """Packets could not be decoded."""
    return Notice("damaged", time, f"{count} damaged packets were found until {time:.1f} s", count=count)


def ended(time: float, *, closed: bool) -> Notice:
    """The source ended, or was closed."""
    how = "was closed" if closed else "ended"
    return Notice("ended", time, f"the stream {how} at {time:.1f} s")
