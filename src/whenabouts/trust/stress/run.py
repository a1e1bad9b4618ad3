"""Put every probe to a grounder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError, StorageError, WhenaboutsError
from whenabouts.files.journal import Journal
from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust import PROBES
from whenabouts.trust.probe import Case, Finding, Probe
from whenabouts.trust.stress.remembered import Remembered
from whenabouts.trust.stress.report import Report
from whenabouts.version import __version__

__all__ = ["stress"]


def stress(
    grounder: Grounder,
    cases: Sequence[Case],
    *,
    probes: Sequence[str] | None = None,
    model: str | None = None,
    subject: str = "",
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    most: int | None = None,
    notes: Sequence[str] = (),
    journal: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """What the probes find of a grounder on some cases; a probe that fails takes no other with it.

    probes:   their names in `trust.PROBES`; None is all that can be loaded
    model:    what the report calls the grounder, and `settings` that shape its answers
    seed:     of the queries that probes choose, and of what they change
    most:     queries that a probe asks of edited videos; None is its own number, which its notes tell
    journal:  file that keeps each answer, from which the same call goes on

    Every query is asked once, however many probes want to know. Raises InputError for no cases, an unknown probe, or
    a journal that was made otherwise.
    """
    if not cases:
        raise InputError("there is no query to ask; give queries, or a benchmark that has some")
    names = list(PROBES.usable() if probes is None else dict.fromkeys(probes))
    chosen = [PROBES.named(name) for name in names]
    called = model or str(getattr(grounder, "name", type(grounder).__name__))
    told = [_told(case) for case in cases]
    made = {"model": called, "settings": dict(settings or {}), "cases": _digest(told), "version": __version__}
    findings: list[Finding] = []
    failed: dict[str, str] = {}
    with Journal(journal, made) if journal else nullcontext() as kept:
        asked = Remembered(grounder, kept)
        for name, probe in zip(names, chosen, strict=True):
            try:
                findings.append(_made(probe, most, seed).run(asked, cases, progress=_within(progress, name)))
            except StorageError:  # each further answer would be lost
                raise
            except WhenaboutsError as error:
                failed[name] = str(error)
            except Exception as error:  # a probe or model of another package fails in any way it likes
                failed[name] = f"it stopped with {type(error).__name__}: {' '.join(str(error).split())}"
    remarks = list(notes)
    if left := [name for name in PROBES if name not in names]:
        remarks.append(f"probes that were left out: {', '.join(left)}")
    videos = {str(case.video.path): case.video.sha256 for case in cases}
    return Report(
        called,
        subject,
        dict(settings or {}),
        tuple(told),
        tuple(findings),
        failed,
        tuple(remarks),
        {"version": __version__, "seed": seed, "most": most, "videos": videos},
    )


def _made(probe: type[Probe], most: int | None, seed: int) -> Probe:
    """A probe with those settings that it has."""
    settings = {"seed": seed} if most is None else {"seed": seed, "most": most}
    return probe(**{name: value for name, value in settings.items() if hasattr(probe, name)})


def _told(case: Case) -> dict[str, Any]:
    truth = None if case.truth is None else case.truth.tolist()
    return {"video": case.video.path.name, "sha256": case.video.sha256, "query": case.query, "truth": truth}


def _digest(told: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps([*told], sort_keys=True).encode()).hexdigest()


def _within(progress: Progress | None, probe: str) -> Progress | None:
    return None if progress is None else lambda what, done: progress(f"{probe}: {what}", done)
