"""One opening of a live source: its container, the streams in it, and their packets until it ends or breaks off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.container.core import Flags
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from whenabouts.errors import VideoError
from whenabouts.video.clock import container_start
from whenabouts.video.damage.failures import Failures
from whenabouts.video.live.address import Address
from whenabouts.video.live.flow import Flow, Growing, Piped
from whenabouts.video.live.settings import Settings
from whenabouts.video.reader import GIVE_UP_AFTER, Reader
from whenabouts.video.source import READ_ERRORS, picture_stream

__all__ = ["Broken", "Connection", "Unreachable", "connect"]

READ_BYTES = 1 << 15  # small, so that what has arrived is not held back
RESENT = 30.0  # seconds before its end at which a playlist that grows is entered, at most: ours
OPENED = 10.0  # seconds until the network must have answered: ours
PROBED = "2000000"  # microseconds of a stream that are read to learn what is in it


class Unreachable(VideoError):
    """Nothing is there now; something may be there later."""


class Broken(Exception):
    """The source broke off; the message says why, in a few words."""


@dataclass(slots=True)
class Connection:
    """An open source. `start` is where its stamps begin, in seconds; the caller closes it."""

    container: InputContainer
    video: VideoStream
    audio: AudioStream | None
    start: Fraction | None
    flow: Flow | None
    network: bool

    def packets(self, failures: Failures) -> Iterator[Packet[Any]]:
        """Packets of the two streams until the true end; reads that fail are counted. Raises Broken."""
        streams = [self.video, *([self.audio] if self.audio else [])]
        in_a_row = 0
        while in_a_row < GIVE_UP_AFTER:
            try:
                for packet in self.container.demux(*streams):
                    if packet.size:
                        in_a_row = 0
                        yield packet
                break
            except av.InvalidDataError:
                failures.count += 1
                in_a_row += 1
            except READ_ERRORS as error:
                if self.network:
                    raise Broken(_why(error)) from None
                failures.count += 1
                in_a_row += 1
        if self.network and self.container.duration is None:
            raise Broken("it sends no more" if in_a_row < GIVE_UP_AFTER else "what it sends cannot be read")
        if self.flow is not None and self.flow.restarted:
            raise Broken("the file was cut short or replaced")

    @property
    def resent(self) -> float:
        """Seconds of what was sent before that come again when it is opened again: all, if it has a beginning."""
        if not self.network:
            return 0.0
        return (
            math.inf if self.container.duration is not None else RESENT if self.container.format.name == "hls" else 0.0
        )

    def close(self) -> None:
        """Close it."""
        self.container.close()
        if self.flow is not None:
            self.flow.close()


def connect(address: Address, settings: Settings, stop: Event, failures: Failures) -> Connection:
    """Open a source once. Raises Unreachable where waiting may help, else VideoError."""
    if address.kind == "file" and not settings.follow:
        reader = Reader(address.path, settings.limits, failures)
        container, flow = reader.container, None
        start: Fraction | None = reader.clock.start
    else:
        flow = _flow(address, settings, stop)
        try:
            container = _open(address, flow, settings)
        except BaseException:
            if flow is not None:
                flow.close()
            raise
        start = container_start(container)
    try:
        if len(container.streams) > settings.limits.max_streams:
            raise VideoError(
                f"{address.name} has {len(container.streams)} streams, more than the limit of "
                f"{settings.limits.max_streams}"
            )
        video = picture_stream(container, address.name)
    except BaseException:
        container.close()
        if flow is not None:
            flow.close()
        raise
    audio = _sound_stream(container) if settings.sound or settings.keep else None
    chosen = {video.index} | ({audio.index} if audio else set())
    for stream in container.streams:
        stream.discard = Discard.default if stream.index in chosen else Discard.all
    return Connection(container, video, audio, start, flow, address.kind == "network")


def _flow(address: Address, settings: Settings, stop: Event) -> Flow | None:
    if address.kind == "network":
        return None
    try:
        if address.kind == "pipe":
            return Piped(None if address.path == Path("-") else address.path, stop)
        return Growing(address.path, settings.idle, stop)
    except FileNotFoundError:
        raise Unreachable(f"{address.name} does not exist") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "unknown reason"
        raise VideoError(f"{address.name} cannot be opened: {why.lower()}") from None


def _open(address: Address, flow: Flow | None, settings: Settings) -> InputContainer:
    options = {**address.options, "analyzeduration": PROBED}
    try:
        container = av.open(
            flow if flow is not None else address.url,
            mode="r",
            options=options,
            buffer_size=READ_BYTES,
            metadata_errors="replace",
            timeout=(min(OPENED, settings.timeout), settings.timeout) if flow is None else None,
        )
    except (av.InvalidDataError, av.ArgumentError):
        raise VideoError(
            f"{address.name} cannot be read as a video: it is damaged or of a kind that is refused"
        ) from None
    except av.ProtocolNotFoundError:
        raise VideoError(f"{address.name} needs a protocol that this FFmpeg does not have") from None
    except (*READ_ERRORS, ValueError) as error:
        if flow is not None:
            raise VideoError(f"{address.name} cannot be read as a video: it is damaged or not a media file") from None
        raise Unreachable(f"{address.name} cannot be reached: {_why(error)}") from None
    container.flags &= ~cast(int, Flags.gen_pts.value)
    return container


def _why(error: Exception) -> str:
    """What went wrong, in a few words, without the address: it may hold a password."""
    if isinstance(error, av.error.ExitError):
        return "nothing came in time"
    return (getattr(error, "strerror", None) or "unknown reason").lower()


def _sound_stream(container: InputContainer) -> AudioStream | None:
    streams = [s for s in container.streams.audio if s.codec_context is not None and s.codec_context.sample_rate]
    return max(streams, key=lambda s: (bool(s.disposition & Disposition.default), -s.index), default=None)
