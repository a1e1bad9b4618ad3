"""`Calibrator`: all that calibration knows of a grounder, and the JSON file that holds it.

    {
      "whenabouts_calibrator": 1,                        version of the format
      "presence": {"read": "presence", "silent": 0.2,    see `calibration.presence`
                   "method": "platt", "slope": 1.3, "bias": -0.2, "odds": true},
      "ranges": {"coverage": 0.9, "rule": "joint",       see `conformal.ranges`; null where none were asked for
                 "scale": "video", "floor": 1.0, "longest": 95.0, "bands": [{"until": null, "start": 0.4, "end": 0.4}]},
      "abstain": 0.4,                                    a smaller presence is left unanswered; null for none
      "fitted": {...},                                   see `Fitted`
      "held_out": {"auroc": 0.85, ...}                   figures on videos that were held out; not read again
    }

A file is read strictly: a field that is missing, unknown or of another kind is refused. It holds numbers and names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.files.json import finite
from whenabouts.files.records import read_json
from whenabouts.prediction import Receipt
from whenabouts.trust.calibration import METHODS
from whenabouts.trust.calibration.presence import Presence, Read
from whenabouts.trust.conformal import Ranges

__all__ = ["Calibrator", "Fitted"]

FORMAT = "whenabouts_calibrator"
VERSION = 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a calibrator was fitted on.

    grounders: names of the grounders that answered, as their receipts have them; none where answers had no receipt
    models:    sha256 of the weights that took part, by name
    settings:  those that every answer had alike
    sources:   sha256 of the files of answers and of annotations, by their names
    """

    version: str
    benchmark: str
    split: str
    videos: int
    queries: int
    happen: int
    grounders: tuple[str, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Calibrated presence, ranges of start and end, and when to abstain. `sha256` is that of the file it was read from.

    Raises InputError for an `abstain` that is no probability.
    """

    presence: Presence
    ranges: Ranges | None
    abstain: float | None
    fitted: Fitted
    held_out: Mapping[str, Any] = field(default_factory=dict)
    sha256: str | None = None

    def __post_init__(self) -> None:
        if self.abstain is not None and not 0 <= self.abstain <= 1:
            raise InputError(f"a presence to abstain below lies between 0 and 1, not {self.abstain:g}")

    @classmethod
    def read(cls, path: Path) -> Calibrator:
        """A file. Raises InputError naming it and the first field that is wrong."""
        content = read_json(path)
        if not isinstance(content, dict) or FORMAT not in content:
            raise InputError(f"{path} is no calibrator; `whenabouts calibrate` writes one")
        if finite(content) != content:
            raise InputError(f"{path} holds a number that is not finite")
        version = content.pop(FORMAT)
        if isinstance(version, bool) or version != VERSION:
            raise InputError(f"{path} is a calibrator of another version than {VERSION}; calibrate again")
        try:
            made = _made(content)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        return replace(made, sha256=hashlib.sha256(path.read_bytes()).hexdigest())

    def write(self, path: Path) -> Calibrator:
        """Write a file, which appears whole or not at all; returns this with its sha256. Raises OSError."""
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        with replacing(path, folders=True) as part:
            part.write_text(text, "utf-8")
        return replace(self, sha256=hashlib.sha256(text.encode()).hexdigest())

    def to_dict(self) -> dict[str, Any]:
        """What the file holds."""
        curve = self.presence.curve
        assert is_dataclass(curve)
        return {
            FORMAT: VERSION,
            "presence": {
                "read": self.presence.read,
                "silent": self.presence.silent,
                "method": curve.method,
                **asdict(curve),
            },
            "ranges": None if self.ranges is None else asdict(self.ranges),
            "abstain": self.abstain,
            "fitted": asdict(self.fitted),
            "held_out": dict(self.held_out),
        }

    def named(self) -> dict[str, Any]:
        """How a receipt names this."""
        fitted = self.fitted
        return {
            "sha256": self.sha256,
            "method": self.presence.curve.method,
            "coverage": None if self.ranges is None else self.ranges.coverage,
            "fitted_on": f"{fitted.benchmark}, {fitted.split}: {fitted.queries} queries on {fitted.videos} videos",
        }

    def unlike(self, receipt: Receipt | None) -> tuple[str | None, list[str]]:
        """Why answers with this receipt cannot be calibrated, None where they can; and what is to be told of it."""
        fitted = self.fitted
        if receipt is None or not fitted.grounders or (fitted.models and not receipt.models):
            return None, ["it is not known whether the calibrator was fitted on answers of this model"]
        if receipt.grounder not in fitted.grounders:
            return f"it was fitted on answers of {' and '.join(fitted.grounders)}, not of {receipt.grounder}", []
        shared = fitted.models.keys() & receipt.models.keys()
        other = sorted(name for name in shared if fitted.models[name] != receipt.models[name])
        if other or (fitted.models and receipt.models and not shared):
            name = other[0] if other else sorted(receipt.models)[0]
            return f"it was fitted with other weights than those of {name} here", []
        notes = [
            f"the calibrator was fitted without {name}, which took part here"
            for name in sorted(receipt.models.keys() - fitted.models.keys())
        ]
        given, absent = receipt.settings, object()
        changed = sorted(n for n in fitted.settings if _plain(given.get(n, absent)) != fitted.settings[n])
        if changed:
            notes.append(f"the calibrator was fitted with other settings of {', '.join(changed)}")
        return None, notes


def _plain(value: Any) -> Any:
    """A setting as a file of JSON would give it back."""
    return json.loads(json.dumps(value, default=str))


@dataclass(frozen=True)
class _Whole:
    presence: dict[str, Any]
    ranges: dict[str, Any] | None
    abstain: float | None
    fitted: dict[str, Any]
    held_out: dict[str, Any]


@dataclass(frozen=True)
class _Said:
    read: Read
    silent: float

    def __post_init__(self) -> None:
        if not 0 <= self.silent <= 1:
            raise InputError(f"the field silent must lie between 0 and 1, not {self.silent:g}")


def _made(content: dict[str, Any]) -> Calibrator:
    """A calibrator of the fields of a file, each of which must be there and no other. Raises InputError."""
    whole = _checked(_Whole, content, "")
    described = dict(whole.presence)
    method = described.pop("method", None)
    said: dict[str, Any] = {name: described.pop(name) for name in ("read", "silent") if name in described}
    curve = _checked(METHODS.named(str(method)), described, "presence")
    read = _checked(_Said, said, "presence")
    return Calibrator(
        Presence(curve, read.read, read.silent),
        None if whole.ranges is None else _checked(Ranges, whole.ranges, "ranges"),
        whole.abstain,
        _checked(Fitted, whole.fitted, "fitted"),
        whole.held_out,
    )


def _checked(kind: type[T], data: dict[str, Any], within: str) -> T:
    """A dataclass of exactly these fields. Raises InputError naming the first that is wrong."""
    from pydantic import TypeAdapter, ValidationError

    place = f"{within}." if within else ""
    try:
        made = TypeAdapter(kind).validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        fault = error.errors()[0]
        name = place + ".".join(map(str, fault["loc"]))
        message = fault["msg"].removeprefix("Value error, ")
        raise InputError(f"the field {name.rstrip('.')}: {message[:1].lower()}{message[1:]}") from None
    assert is_dataclass(made) and not isinstance(made, type)
    if unlike := sorted(_differing(data, _plain(asdict(made)))):
        raise InputError(f"the field {place}{unlike[0]} is missing or unknown")
    return made


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {name for name in {*one, *other} if name not in one or name not in other or one[name] != other[name]}
