"""Kill every writer at random moments of its work, fill its disk, and let two write at once: what was kept stays whole.

    python bench/crash.py [--trials N] [--seed 0] [--writers NAME…] [--quick | --smoke]

A trial starts a command that writes, in one of these ways: killed with SIGKILL at a random moment after the first byte
that it wrote, ended with SIGTERM or SIGINT at such a moment, on a disk of a random size that is too small for it, or
twice at once. Then all that it left under a final name is read, with the checks of its format. After some trials in one
place the command runs to its end, and what lies there must be what a run leaves that was never disturbed. A signal that
comes when the command has ended is no trial: it is counted as late, and the next one meets a command that begins anew.
Where no disk can be mounted, a limit to the size of files stands for it.

trials: by kind, of signals those that ended a command at work;  late: signals that came when it was done;  failed:
commands that ended in an error on a full disk or beside another;  lost: items that a trial or the next one made away;
doubled: items that an undisturbed run does not leave, or not as often;  corrupt: files that cannot be read;  bugs:
commands that ended with anything but a sentence. The last line is JSON of all writers together.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from _forks import forked
from _size import parser
from _writers import WRITERS, Writer, make_inputs

SHARES = {"kill": 0.8, "term": 0.04, "int": 0.04, "full": 0.06, "two": 0.06}  # of the trials
SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
ENDED = {"kill": {-signal.SIGKILL}, "term": {-signal.SIGTERM, 143}, "int": {-signal.SIGINT, 130}}  # exit codes
CHAIN = 4  # trials in one place, before the command may finish
COLUMNS = (*SHARES, "late", "failed", "lost", "doubled", "corrupt", "bugs")
EVERY = [each.name for each in WRITERS]
PLENTY = 1 << 30  # bytes
PATIENCE = 600.0  # seconds, after which a command is taken to hang


def main() -> None:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--trials", type=int, help="of each writer; default: 54, 8 with --quick, 1 with --smoke")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--writers", nargs="*", help="default: all; with --smoke, features")
    options = arguments.parse_args()
    trials = options.trials or options.size.pick(54, 8, 1)
    names = options.writers or options.size.pick(EVERY, EVERY, ["features"])
    signal.signal(signal.SIGTERM, _stop)
    print(f"{'writer':10}" + "".join(f"{column:>9}" for column in COLUMNS))
    every: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="whenabouts-crash-") as folder:
        inputs = Path(folder) / "inputs"
        make_inputs(inputs)
        for number, writer in enumerate(WRITERS):
            if writer.name in names:
                for module in writer.modules:  # so that what is forked spends its time on writing
                    import_module(module)
                rng = np.random.default_rng((options.seed, number))
                tally = Trials(writer, inputs, Path(folder) / writer.name, rng).run(trials)
                print(f"{writer.name:10}" + "".join(f"{tally[column]:9}" for column in COLUMNS), flush=True)
                every += tally
    print(json.dumps({column: every[column] for column in COLUMNS}))
    sys.exit(any(every[fault] for fault in ("lost", "doubled", "corrupt", "bugs")))


def _stop(number: int, frame: object) -> None:
    """Leave through every `finally`, which unmount and remove what was made."""
    sys.exit(128 + number)


@dataclass
class Run:
    """A command that was started, and where it writes what it says."""

    process: int
    said: Path
    code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self.code is None:
            done, status = os.waitpid(self.process, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if done else None
        return self.code

    def stop(self, number: int) -> None:
        """Send a signal to it and to all that it started, while it has not been waited for."""
        if self.code is None:
            try:
                os.killpg(self.process, number)
            except ProcessLookupError:  # so soon that it leads no group yet
                os.kill(self.process, number)

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        end = time.monotonic() + PATIENCE
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise TimeoutError(self.said.read_text())
            time.sleep(0.005)
        return code


class Trials:
    """The trials of one writer, in `folder`."""

    def __init__(self, writer: Writer, inputs: Path, folder: Path, rng: np.random.Generator) -> None:
        self.writer, self.inputs, self.folder, self.rng = writer, inputs, folder, rng
        self.tally: Counter[str] = Counter()
        self.place = folder
        self.runs: list[Run] = []

    def run(self, trials: int) -> Counter[str]:
        """As many trials, in places of up to `CHAIN` of them."""
        self.place = self.folder / "whole"
        self.place.mkdir(parents=True)
        try:
            self.seconds = self._work(self._start(None))
            self.size = max(1, sum(path.stat().st_size for path in self.place.rglob("*") if path.is_file()))
            whole, done = self._read(), 0
            while done < trials and not self.tally["bugs"]:  # a command that fails by itself would never be at work
                done += self._chain(whole, self._kinds(min(CHAIN, trials - done), done))
            return self.tally
        finally:
            for run in self.runs:
                run.stop(signal.SIGKILL)
                run.wait()

    def _kinds(self, count: int, first: int) -> list[str]:
        """Kinds of trials; the very first is a kill, so that the smallest measurement has one."""
        drawn = [str(kind) for kind in self.rng.choice(list(SHARES), count, p=list(SHARES.values()))]
        return drawn if first else ["kill", *drawn[1:]]

    def _work(self, run: Run) -> float:
        """Seconds from the first byte that an undisturbed command writes to its end."""
        self._begun(run, self._written())
        begun = time.monotonic()
        self._ended(run)
        return time.monotonic() - begun

    def _chain(self, whole: Counter[str], kinds: Sequence[str]) -> int:
        """Trials in one new place, one after another, until a signal is late; then the command may finish."""
        before: Counter[str] = Counter()
        done = 0
        try:
            self._begin()
            left = self.seconds  # of work, which a command that goes on has less of
            for kind in kinds:
                waited = self._disturb(kind, left)
                found = Counter({item: many for item, many in self._read().items() if self.writer.is_kept(item)})
                self._count("lost", before - found, kind)
                self._count("doubled", found - whole, kind)
                before = found
                if waited is None:
                    self.tally["late"] += 1
                    break
                self.tally[kind] += 1
                done += 1
                left = max(left - waited, self.seconds / CHAIN)
            self._ended(self._start(None))
            found = self._read()
            self._count("lost", whole - found, "finished")
            self._count("doubled", found - whole, "finished")
        finally:
            self._end()
        return done

    def _count(self, fault: str, items: Counter[str], kind: str) -> None:
        self.tally[fault] += items.total()
        for item in items:
            print(f"{self.writer.name}, {kind}: {fault}: {item[:200]}", file=sys.stderr)

    def _begin(self) -> None:
        """A new place: a disk of its own, where one can be mounted."""
        self.place = self.folder / str(time.monotonic_ns())
        self.place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "tmpfs", str(self.place)]
        if not os.geteuid():
            subprocess.run(mount, capture_output=True, check=False)
        self.disk = self.place.is_mount()

    def _end(self) -> None:
        if self.place.is_mount():
            subprocess.run(["umount", "--lazy", str(self.place)], check=True)
        shutil.rmtree(self.place)

    def _disturb(self, kind: str, left: float) -> float | None:
        """One trial; the seconds that the command had worked when a signal ended it, None if the signal was late."""
        limit = None
        if kind == "full":
            limit = self._fill()
        written, waited = self._written(), 0.0
        runs = [self._start(limit) for _ in range(2 if kind == "two" else 1)]
        if kind in SIGNALS:
            waited = float(self.rng.uniform(0, left))
            if self._begun(runs[0], written):
                time.sleep(waited)
            if runs[0].poll() is None:
                runs[0].stop(SIGNALS[kind])
        codes = [run.wait() for run in runs]
        if kind == "full" and self.disk:
            self._resize(PLENTY)
        for run, code in zip(runs, codes, strict=True):
            self._check(kind, run, code)
        if kind in SIGNALS:
            return waited if codes[0] in ENDED[kind] else None
        self.tally["failed"] += any(codes)
        return 0.0

    def _begun(self, run: Run, written: set[tuple[Path, int, int]]) -> bool:
        """Wait until the command has written something; False if it ended without."""
        while run.poll() is None:
            if self._written() != written:
                return True
            time.sleep(0.002)
        return False

    def _written(self) -> set[tuple[Path, int, int]]:
        """All files in the place, those too that are not complete yet, with their sizes and times."""
        found = set()
        for folder, _, names in os.walk(self.place):
            for name in names:
                path = Path(folder, name)
                with suppress(FileNotFoundError):  # a part that has its final name by now
                    facts = path.stat()
                    found.add((path, facts.st_size, facts.st_mtime_ns))
        return found

    def _fill(self) -> int | None:
        """Leave too little room on the disk; without a disk, the largest size that a file may have."""
        room = int(self.rng.uniform(0, self.size))
        if not self.disk:
            return room
        self._resize(shutil.disk_usage(self.place).used + room // 4096 * 4096 + 4096)
        return None

    def _resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.place)], check=True)

    def _check(self, kind: str, run: Run, code: int) -> None:
        """A command that was not ended by our signal says one sentence, and no more."""
        said = run.said.read_text(errors="replace")
        meant = {0, 1, *ENDED.get(kind, ())}
        told = code != 1 or "whenabouts: " in said
        if code not in meant or not told or "Traceback" in said or "this is a bug" in said:
            self.tally["bugs"] += 1
            print(f"{self.writer.name}, {kind}: exit code {code}\n{said}", file=sys.stderr)

    def _ended(self, run: Run) -> None:
        """Let a command that nobody disturbs run to its end."""
        if code := run.wait():
            self.tally["bugs"] += 1
            print(f"{self.writer.name}: exit code {code} of a run that nobody disturbed", file=sys.stderr)
            print(run.said.read_text(errors="replace"), file=sys.stderr)

    def _start(self, limit: int | None) -> Run:
        self.folder.joinpath("said").mkdir(exist_ok=True)
        said = self.folder / "said" / str(time.monotonic_ns())
        os.environ["WHENABOUTS_CACHE"] = str(self.place / "cache")

        def work() -> None:
            os.setsid()
            _speak_into(said, limit)
            self.writer.run(self.inputs, self.place)

        process = forked(work)
        self.runs = [run for run in self.runs if run.poll() is None] + [Run(process, said)]
        return self.runs[-1]

    def _read(self) -> Counter[str]:
        try:
            return self.writer.state(self.place)
        except Exception as error:  # what a damaged file makes of its reader
            self.tally["corrupt"] += 1
            print(f"{self.writer.name}: {type(error).__name__}: {error}", file=sys.stderr)
            return Counter()


def _speak_into(said: Path, limit: int | None) -> None:
    """Let this process write into a file what it says, and no file larger than the limit."""
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(file, 2)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


if __name__ == "__main__":
    main()
