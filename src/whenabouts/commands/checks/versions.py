"""What runs here: this package, Python, the system, every dependency, and FFmpeg with what it reads and writes."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import Literal

from whenabouts.commands.check import Check
from whenabouts.version import __version__

__all__ = ["codecs", "dependencies", "program"]

PACKAGE = "whenabouts"
NAME = re.compile(r"[A-Za-z0-9._-]+")
DECODED = ("h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "prores", "dnxhd", "mjpeg", "gif", "webp", "png")
HEARD = ("aac", "mp3", "opus", "vorbis", "flac", "ac3", "eac3", "alac", "pcm_s16le", "wmav2")
ENCODED = ("libx264", "libx265", "libvpx-vp9", "libsvtav1", "aac", "libopus", "mjpeg")
NEEDED = {("h264", "r"), ("aac", "r"), ("libx264", "w"), ("aac", "w")}  # for clips, and most of what people have


def program() -> Check:
    """The package, Python and the system."""
    system = f"{platform.system()} {platform.machine()}"
    facts = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.platform(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "cores": os.cpu_count(),
    }
    return Check(PACKAGE, "ok", f"{__version__}, Python {platform.python_version()}, {system}", facts)


def dependencies() -> Check:
    """The version of everything installed that this package needs, directly or not, extras included."""
    try:
        required = distribution(PACKAGE).requires or ()
    except PackageNotFoundError:
        return Check("dependencies", "doubtful", "the package is used without being installed: pip install whenabouts")
    needed = {_plain(NAME.match(line)[0]) for line in required if ";" not in line}  # type: ignore[index]
    found: dict[str, str] = {}
    waiting = [PACKAGE]
    while waiting:
        try:
            one = distribution(waiting.pop())
        except PackageNotFoundError:
            continue
        name = _plain(one.name)
        if name not in found:
            found[name] = one.version
            waiting += [match[0] for line in one.requires or () if (match := NAME.match(line))]
    if lacking := sorted(needed - found.keys()):
        return Check("dependencies", "broken", f"{', '.join(lacking)} is missing; reinstall whenabouts", found)
    main = ", ".join(f"{name} {found[name]}" for name in ("numpy", "av", "onnxruntime", "torch") if name in found)
    return Check("dependencies", "ok", f"{len(found) - 1} packages: {main}", dict(sorted(found.items())))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def codecs() -> Check:
    """The libraries of FFmpeg, and which of the common codecs they know."""
    import av
    from av.codec.codec import Codec, UnknownCodecError

    def known(name: str, way: Literal["r", "w"]) -> bool:
        try:
            return bool(Codec(name, way))
        except UnknownCodecError:
            return False

    reads = [name for name in (*DECODED, *HEARD) if known(name, "r")]
    writes = [name for name in ENCODED if known(name, "w")]
    versions = {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}
    facts = {"pyav": av.__version__, **versions, "reads": reads, "writes": writes}
    told = f"libavcodec {versions['libavcodec']} reads {', '.join(reads)}; writes {', '.join(writes)}"
    lacking = sorted(name for name, way in NEEDED if name not in (reads if way == "r" else writes))
    if lacking:
        return Check("codecs", "doubtful", f"{', '.join(lacking)} is missing: {told}", facts)
    return Check("codecs", "ok", told, facts)
