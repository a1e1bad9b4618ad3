"""What a program writes and whom it calls, as the kernel sees it: Python, native code and every child process alike.

`strace` tells it, in a network namespace that has nothing but a loopback.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CALLS = (
    "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "connect,sendto,sendmsg,sendmmsg,bind"
)
CUT = ["unshare", "--map-root-user", "--net"]
LOOPBACK_UP = 'ip link set lo up 2>/dev/null; exec "$@"'
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE")
RESULT = re.compile(r"\) = (-?\d+)(?:<(.*)>)?(?: (E[A-Z]+) .*)?$")
QUOTED = re.compile(r'(?:AT_FDCWD<([^>]*)>, |\d+<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
ADDRESS = re.compile(r"sa_family=AF_(\w+)(.*?)\}")
HOST = re.compile(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"')
UNFINISHED, RESUMED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$"), re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")


@dataclass(frozen=True, slots=True)
class Trace:
    """`written` are files and folders that were made or opened to write, `called` addresses that were asked for."""

    code: int
    out: str
    err: str
    written: frozenset[Path]
    called: frozenset[str]


@cache
def possible() -> bool:
    """Whether processes can be traced and cut off here."""
    command = [*CUT, "strace", "-f", "-o", "/dev/null", "true"]
    return all(map(shutil.which, ("strace", "unshare"))) and not subprocess.run(command, check=False).returncode


def traced(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str], folder: Path, **more: Any
) -> Trace:
    """Run a command in a folder, and read what it did from `log`."""
    tracer = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)]
    done = subprocess.run(
        [*CUT, "sh", "-c", LOOPBACK_UP, "sh", *tracer, *map(str, command)],
        env=dict(environment),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **more,
    )
    return Trace(done.returncode, done.stdout, done.stderr, *read(log.read_text("utf-8", "replace")))


def read(log: str) -> tuple[frozenset[Path], frozenset[str]]:
    """The files that a log of strace shows to be written, and the addresses that it shows to be called."""
    written: set[Path] = set()
    called: set[str] = set()
    for line in whole_lines(log):
        call = line.partition("(")[0]
        result = RESULT.search(line)
        if call in {"connect", "sendto", "sendmsg", "sendmmsg", "bind"}:
            called |= {address for found in ADDRESS.finditer(line) if (address := _address(call, *found.groups()))}
        elif result and int(result[1]) >= 0 and (not call.startswith(("open", "creat")) or WRITES.search(line)):
            if result[2]:  # the open file: its whole path
                written.add(Path(result[2].removesuffix(" (deleted)").removesuffix("(deleted)")))
            else:
                written |= {Path(a or b or ".", path) for a, b, path in QUOTED.findall(line)}
    return frozenset(written), frozenset(called)


def whole_lines(log: str) -> list[str]:
    """Calls without process ids; one that another process interrupted is put together again."""
    begun: dict[str, str] = {}
    lines = []
    for line in log.splitlines():
        if found := UNFINISHED.match(line):
            begun[found[1]] = found[2]
        elif found := RESUMED.match(line):
            lines.append(begun.pop(found[1], "") + found[2])
        else:
            lines.append(line.partition(" ")[2].strip())
    return lines


def _address(call: str, family: str, rest: str) -> str | None:
    """Who is called; None for this machine's loopback and for sockets of the kernel itself."""
    if family in {"NETLINK", "UNSPEC"}:
        return None
    if family == "UNIX":
        return f"unix{rest}"
    host = HOST.search(rest)
    name = host[1] if host else rest
    return None if name.startswith("127.") or name == "::1" else f"{call} {name}"
