"""The process in which cases run: a line of JSON names one, a line says what became of it. It dies of what kills it.

{"target": "media", "path": "/…/case.mp4"} -> {"verdict": "refused", "detail": "…", "cpu": 0.1, "peak": 10000000}
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import resource
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from fuzz.target import load
from fuzz.verdict import Wrong

CPU = 20  # seconds
MEMORY = 2**30  # bytes
LONGEST = 2000  # characters of a sentence
OURS = f"{os.sep}whenabouts{os.sep}"


def main() -> None:
    """Run cases until there are no more."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no verdict
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    faulthandler.register(signal.SIGXCPU, chain=True)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps(_told(case["target"], Path(case["path"]))), file=out, flush=True)


def _told(name: str, path: Path) -> dict[str, Any]:
    target = load(name)
    _limit()
    _forget_peak()
    before = _cpu()
    try:
        told = _run(target.run, path)
    except MemoryError:
        told = {"verdict": "memory", "place": "MemoryError", "detail": traceback.format_exc()[-4000:]}
    peak = _status("VmHWM")
    if peak > MEMORY and told["verdict"] in {"answered", "refused"}:
        told = {"verdict": "memory", "place": "peak", "detail": f"{peak >> 20} MB"}
    return told | {"cpu": _cpu() - before, "peak": peak}


def _run(use: Any, path: Path) -> dict[str, Any]:
    from whenabouts.errors import WhenaboutsError

    sys.stdout = sys.stderr = io.StringIO()
    try:
        use(path)
    except WhenaboutsError as refusal:
        sentence = str(refusal)
        if not sentence.strip() or len(sentence) > LONGEST:
            return {"verdict": "wrong", "place": f"a refusal of {len(sentence)} characters", "detail": sentence[:4000]}
        return {"verdict": "refused", "detail": sentence[:300]}
    except Wrong as wrong:
        return {"verdict": "wrong", "place": _place(wrong), "detail": str(wrong)[:4000]}
    except MemoryError:
        raise
    except BaseException as error:
        place = f"{type(error).__name__} {_place(error)}"
        return {"verdict": "traceback", "place": place, "detail": traceback.format_exc()[-6000:]}
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return {"verdict": "answered"}


def _place(error: BaseException) -> str:
    """The last line of ours that an exception went through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if OURS in frame.filename] or frames[-1:]
    return f"{own[-1].filename.rpartition(OURS)[2]}:{own[-1].name}" if own else ""


def _limit() -> None:
    """Of this case: what the process has, and 1 GB more; what it used, and 20 seconds more."""
    most = _status("VmData") + MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _cpu() -> float:
    every = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in every)


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _status(name: str) -> int:
    """A size in /proc/self/status in bytes; 0 where there is none."""
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(f"{name}:")), 0)


if __name__ == "__main__":
    main()
