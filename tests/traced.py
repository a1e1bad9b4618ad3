"""What a program writes and whom it calls, as the kernel sees it: Python, native code and every child process alike.

`strace` tells it, in a network namespace with nothing but a loopback. Where it cannot be had, audit events tell what
Python does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CALLS = (
    "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "connect,sendto,sendmsg,sendmmsg,bind"
)
TO_OTHERS = {"connect", "sendto", "sendmsg", "sendmmsg", "bind"}
TRACER = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o"]
CUT = ["unshare", "--map-root-user", "--net"]
LOOPBACK_UP = 'ip link set lo up 2>/dev/null; exec "$@"'
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE")
RESULT = re.compile(r"\) += (-?\d+)(?:<(.*)>)?(?: (E[A-Z]+) .*)?$")
QUOTED = re.compile(r'(?:AT_FDCWD<([^>]*)>, |\d+<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
ADDRESS = re.compile(r"sa_family=AF_(\w+)(.*?)\}")
HOST = re.compile(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"')
UNFINISHED, RESUMED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$"), re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
HOOK = r"""
import os, sys
log = os.open(os.environ["TRACE"], os.O_WRONLY | os.O_APPEND)
def tell(kind, what):
    os.write(log, f"{kind} {os.fsdecode(what)}\n".encode("utf-8", "replace"))
def hook(event, given):
    if event == "open" and isinstance(given[0], (str, bytes)) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        tell("file", given[0])
    elif event in {"os.mkdir", "os.rename", "os.link", "os.symlink"}:
        tell("file", given[0] if event == "os.mkdir" else given[1])
    elif event in {"socket.connect", "socket.sendto"} and isinstance(given[1], tuple):
        if not given[1][0].startswith(("127.", "::1")):
            tell("call", f"{event} {given[1][0]}")
    elif event == "socket.getaddrinfo" and given[0] not in {None, "", "localhost", "127.0.0.1", "::1"}:
        tell("call", f"{event} {given[0]}")
sys.addaudithook(hook)
"""


@dataclass(frozen=True, slots=True)
class Trace:
    """`written` are files and folders that were made or opened to write, `called` addresses that were asked for."""

    code: int
    err: str
    written: frozenset[Path]
    called: frozenset[str]


@cache
def possible() -> bool:
    """Whether processes can be traced and cut off here."""
    if not all(map(shutil.which, ("strace", "unshare", "ip"))):
        return False
    return not subprocess.run([*CUT, *TRACER, "/dev/null", "true"], check=False, capture_output=True).returncode


def traced(command: Sequence[str | Path], log: Path, environment: Mapping[str, str], folder: Path) -> Trace:
    """Run a command in a folder, and read what it did from `log`."""
    words = list(map(str, command))
    if possible():
        done = _run([*CUT, "sh", "-c", LOOPBACK_UP, "sh", *TRACER, str(log), *words], environment, folder)
        written, called = read(log.read_text("utf-8", "replace"), folder)
    else:
        hooks = log.with_suffix(".hooks")
        hooks.mkdir(exist_ok=True)
        (hooks / "sitecustomize.py").write_text(HOOK)
        log.write_text("")
        path = os.pathsep.join(filter(None, [str(hooks), environment.get("PYTHONPATH")]))
        done = _run(words, {**environment, "PYTHONPATH": path, "TRACE": str(log)}, folder)
        rows = [line.partition(" ")[::2] for line in log.read_text("utf-8", "replace").splitlines()]
        written = frozenset(folder / what for kind, what in rows if kind == "file")
        called = frozenset(what for kind, what in rows if kind == "call")
    return Trace(done.returncode, done.stderr, written, called)


def _run(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def read(log: str, folder: Path) -> tuple[frozenset[Path], frozenset[str]]:
    """The files that a log of strace shows to be written, and the addresses that it shows to be called."""
    written: set[Path] = set()
    called: set[str] = set()
    for line in whole_lines(log):
        call = line.partition("(")[0]
        result = RESULT.search(line)
        if call in TO_OTHERS:
            called |= {address for found in ADDRESS.finditer(line) if (address := _address(call, *found.groups()))}
        elif result and int(result[1]) >= 0 and (not call.startswith(("open", "creat")) or WRITES.search(line)):
            if result[2]:  # the open file: its whole path
                written.add(Path(result[2].removesuffix("(deleted)").rstrip()))
            else:
                written |= {Path(a or b or folder, path) for a, b, path in QUOTED.findall(line)}
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
    return None if name.removeprefix("::ffff:").startswith("127.") or name == "::1" else f"{call} {name}"
