"""Keyword arguments of the commands as Python functions, such as `whenabouts.find`.

They are for type checkers: the fields of the commands, whose defaults, bounds and help stand there. A test compares
names and types.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal, TypedDict

__all__ = [
    "AuditOptions",
    "CompareOptions",
    "DiagnoseOptions",
    "EvaluateOptions",
    "FindOptions",
    "IndexOptions",
    "LeaderboardOptions",
    "ScenesOptions",
    "SearchOptions",
    "SelectOptions",
    "StressOptions",
    "StringoutOptions",
    "TranscribeOptions",
    "WatchOptions",
]


class GroundingOptions(TypedDict, total=False):
    """Fields of every command that asks a model."""

    model: str
    top: int
    threshold: float
    understand: bool
    evidence: Sequence[str] | None
    device: str | None
    encoder: str | None
    fps: float | None
    frames: int | None
    speech_model: str | None
    sound_model: str | None
    reader: str | None
    prompting: str | None
    samples: int | None
    long: Literal["windows", "coarse-to-fine", "shortlist"] | None
    send: Literal["frames", "video"] | None
    select: str | None
    feature_order: Literal["slowfast-first", "clip-first"] | None
    quantised: Literal["8bit", "4bit"] | None
    timeout: float | None
    search: bool | None
    budget: str | None
    verify: str | None
    calibrator: str | None
    abstain: float | None
    cache: bool


class FindOptions(GroundingOptions, total=False):
    """Fields of `Find` beside `queries`."""

    brief: bool
    like: str | None
    rate: float | None
    subtitles_encoding: str | None


class StressOptions(GroundingOptions, total=False):
    """Fields of `Stress` beside `subject`."""

    queries: Sequence[str] | None
    synthetic: bool
    data: str | PathLike[str] | None
    videos: str | PathLike[str] | None
    split: str | None
    limit: int
    most: int | None
    negatives: bool
    probes: Sequence[str] | None
    seed: int
    settings: dict[str, Any]
    answers: str | PathLike[str] | None


class SearchOptions(TypedDict, total=False):
    """Fields of `Search` beside `query`."""

    top: int
    path: str | None
    since: str | None
    until: str | None
    min_duration: float | None
    max_duration: float | None
    language: str | None
    refine: bool
    like: str | None


class IndexOptions(TypedDict, total=False):
    """Fields of `Index`."""

    encoder: str | None
    fps: float
    written: bool
    again: bool


class SelectOptions(TypedDict, total=False):
    """Fields of `Select` beside `query`."""

    select: str
    rate: float | None
    frames: int
    device: str | None
    cache: bool
    out: str | PathLike[str] | None


class WatchOptions(TypedDict, total=False):
    """Fields of `Watch` beside `queries`."""

    queries_file: str | PathLike[str] | None
    model: str
    fps: float | None
    threshold: float | None
    device: str | None
    settings: dict[str, Any]
    speech: bool
    speech_model: str | None
    speed: float | None
    follow: bool
    idle: float | None
    wait: float
    seconds: float | None
    events: str | PathLike[str] | None
    clips: str | PathLike[str] | None
    pre: float
    post: float
    longest: float
    webhook: str | None
    program: str | None
    on: Sequence[Literal["started", "updated", "ended"]]
    state: str | PathLike[str] | None


class CompareOptions(TypedDict, total=False):
    """Fields of `Compare` beside `predictions`, `benchmark` and `truth`."""

    split: str | None
    protocol: str | None
    official: str | None
    parser: str | None
    train: str | PathLike[str] | None
    references: Sequence[str | PathLike[str]] | None
    names: Sequence[str] | None
    seed: int


class EvaluateOptions(TypedDict, total=False):
    """Fields of `Evaluate` beside `predictions`, `benchmark` and `truth`."""

    split: str | None
    protocol: str | None
    official: str | None
    strict_official: bool
    parser: str | None
    train: str | PathLike[str] | None
    against: str | PathLike[str] | None
    references: Sequence[str | PathLike[str]] | None
    online: bool
    offline: str | PathLike[str] | None
    lmms_log: str | PathLike[str] | None


class LeaderboardOptions(TypedDict, total=False):
    """Fields of `Leaderboard` beside `dataset` and `truth`."""

    metric: str | None
    split: str | None
    protocol: str | None
    setting: str | None
    paper: bool
    place: str | PathLike[str] | None
    train: str | PathLike[str] | None


class AuditOptions(TypedDict, total=False):
    """Fields of `Audit` beside `benchmark`, `predictions` and `truth`."""

    split: str | None
    protocol: str | None
    official: str | None
    parser: str | None
    train: str | PathLike[str] | None
    references: Sequence[str | PathLike[str]] | None


class DiagnoseOptions(TypedDict, total=False):
    """Fields of `Diagnose` beside `predictions`, `benchmark` and `truth`."""

    split: str | None
    protocol: str | None
    parser: str | None
    train: str | PathLike[str] | None
    against: str | PathLike[str] | None
    threshold: float | None
    characteristics: str | PathLike[str] | None
    videos: str | PathLike[str] | None
    save: str | PathLike[str] | None


class StringoutOptions(TypedDict, total=False):
    """Fields of `Stringout`."""

    handles: float
    order: Literal["time", "score"]
    start: str | None
    only: Literal["likely", "confirmed", "all"]


class ScenesOptions(TypedDict, total=False):
    """Fields of `Scenes`."""

    rate: float | None
    cache: bool
    only: Literal["likely", "confirmed", "all"]
    font: str | PathLike[str] | None


class TranscribeOptions(TypedDict, total=False):
    """Fields of `Transcribe`."""

    rate: float | None
    subtitles_encoding: str | None
    evidence: Sequence[str]
    speech_model: str | None
    cache: bool
    only: Literal["likely", "confirmed", "all"]
    font: str | PathLike[str] | None
