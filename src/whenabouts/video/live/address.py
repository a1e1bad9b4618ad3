"""What a live source is called: a file, a pipe, or an address on the network that a person named.

FFmpeg is given the few demuxers and protocols that a scheme needs and no others. No scheme can reach a local file: a
playlist on a web server that points to one is refused.
"""

from __future__ import annotations

import re
import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from whenabouts.errors import VideoError
from whenabouts.video.source import CONTROLS, FORMATS, shown

__all__ = ["Address"]

Kind = Literal["file", "pipe", "network"]
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
HTTP, RTSP = "http,https,httpproxy,tcp,tls,crypto", "rtp,srtp,rtcp,udp,tcp,tls"
# scheme -> protocols that FFmpeg may open, demuxers besides those of recordings, options
SCHEMES: dict[str, tuple[str, str, dict[str, str]]] = {
    "http": (HTTP, "hls", {}),
    "https": (HTTP, "hls", {}),
    "rtsp": (RTSP, "rtsp", {"rtsp_transport": "tcp"}),
    "rtsps": (RTSP, "rtsp", {"rtsp_transport": "tcp"}),
    "rtmp": ("rtmp,tcp", "", {}),
    "rtmps": ("rtmps,tls,tcp", "", {}),
    "tcp": ("tcp", "", {}),
    "udp": ("udp", "", {"overrun_nonfatal": "1"}),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where to read from. `name` may be shown; `url` may hold a password and is never printed."""

    kind: Kind
    name: str
    path: Path = Path("-")
    url: str = field(default="", repr=False)

    @classmethod
    def parse(cls, source: str | Path) -> Address:
        """`-` is stdin, SCHEME://… the network, anything else a file or a named pipe. Raises VideoError."""
        text = str(source)
        if text == "-":
            return cls("pipe", "stdin")
        if isinstance(source, str) and (scheme := SCHEME.match(text)):
            return cls("network", _checked(scheme[1].lower(), text), url=text)
        path = Path(source)
        try:
            pipe = stat.S_ISFIFO(path.stat().st_mode)
        except (OSError, ValueError):
            pipe = False
        return cls("pipe" if pipe else "file", shown(path), path)

    @property
    def options(self) -> dict[str, str]:
        """Options for FFmpeg's demuxer: what it may open, and how."""
        if self.kind != "network":
            return {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
        protocols, demuxer, options = SCHEMES[urlsplit(self.url).scheme.lower()]
        formats = f"{FORMATS},{demuxer}" if demuxer else FORMATS
        return {"format_whitelist": formats, "protocol_whitelist": protocols, **_trusted(), **options}


def _trusted() -> dict[str, str]:
    """Who may sign the certificate of a server: whom Python trusts, SSL_CERT_FILE included; FFmpeg would not ask."""
    file = ssl.get_default_verify_paths().cafile
    return {"tls_verify": "1", **({"ca_file": file} if file else {})}


def _checked(scheme: str, url: str) -> str:
    """The name to show for a URL that can be opened: without user, password, query and fragment."""
    if scheme == "file":
        raise VideoError("a file is named by its path, without file://")
    if scheme == "srt":
        raise VideoError("SRT is not part of this FFmpeg; send the stream as UDP, RTSP, RTMP or HLS")
    if scheme not in SCHEMES:
        raise VideoError(f"unknown scheme {scheme}://; choose one of: {', '.join(SCHEMES)}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise VideoError(f"the {scheme}:// address has an impossible host or port") from None
    if not parts.hostname and not (scheme == "udp" and port):
        raise VideoError(f"the {scheme}:// address names no host: write {scheme}://HOST:PORT/…")
    if port is None and scheme in {"tcp", "udp"}:
        raise VideoError(f"the {scheme}:// address names no port: write {scheme}://HOST:PORT")
    return _without_secrets(parts, scheme)


def _without_secrets(parts: SplitResult, scheme: str) -> str:
    host = parts.netloc.rpartition("@")[2]
    query = "?…" if parts.query else ""
    return CONTROLS.sub("", f"{scheme}://{host}{parts.path}{query}")
