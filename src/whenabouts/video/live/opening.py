"""`open_live`: the one way to make a live source."""

from __future__ import annotations

from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.video.live.address import Address
from whenabouts.video.live.settings import Drop, Settings
from whenabouts.video.live.stream import Stream
from whenabouts.video.source import open_media

__all__ = ["open_live"]


def open_live(
    source: str | Path,
    *,
    fps: float | None = None,
    size: int | None = None,
    sound: bool = False,
    speed: float | None = None,
    follow: bool = False,
    idle: float | None = None,
    start_at: float = 0.0,
    keep: float = 0.0,
    keep_bytes: int = 256 << 20,
    drop: Drop | None = None,
    backlog: float = 10.0,
    wait: float | None = 0.0,
    stall: float = 10.0,
    timeout: float = 20.0,
) -> Stream:
    """A live source: a file, one that is being written (`follow`), `-` for stdin, a named pipe, or an address.

    Addresses are rtsp(s), http(s) with HLS, rtmp(s), tcp and udp; nothing else on the network is opened than what the
    address names, or what a playlist there does. Arguments are those of `Settings`. A file or a pipe that cannot be
    read raises VideoError, here or at the first arrival; so does an address at the first arrival. Later the network and
    a file that is followed are opened again, for ever. Raises InputError for settings that make no sense.

        >>> with open_live("talk.mp4", fps=0.25, size=224) as source:
        ...     for arrival in source:
        ...         print(type(arrival).__name__, arrival.time)
        Frame 0.0
        Frame 4.0
        Frame 8.0
        Notice 12.0
    """
    settings = Settings(
        fps=fps,
        size=size,
        sound=sound,
        speed=speed,
        follow=follow,
        idle=idle,
        start_at=start_at,
        keep=keep,
        keep_bytes=keep_bytes,
        drop=drop,
        backlog=backlog,
        wait=wait,
        stall=stall,
        timeout=timeout,
    )
    address = Address.parse(source)
    if follow and address.kind != "file":
        raise InputError(f"only a file can be followed, and {address.name} is none")
    if speed is not None and (follow or address.kind == "network"):
        raise InputError("a speed is for files that are complete; what is live comes as fast as it comes")
    if idle is not None and not follow:
        raise InputError("idle is for a file that is followed")
    if address.kind == "file" and not follow:
        open_media(address.path, settings.limits).close()
    return Stream(address, settings)
