"""How large a media file may be before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked before any picture is decoded; a file beyond one of them raises VideoError.

    `max_pixels` bounds coded and displayed pictures (the default is 8192 × 8192), `max_side` either side in
    pixels, `max_duration` is in seconds (the default is a week), `max_streams` counts streams of every kind.
    """

    max_pixels: int = 8192 * 8192
    max_side: int = 16_384
    max_duration: float = 7 * 24 * 3600.0
    max_streams: int = 128
