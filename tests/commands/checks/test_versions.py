"""Versions of what is installed, and codecs, as `doctor` tells them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from whenabouts.commands.checks.installation import decoding
from whenabouts.commands.checks.outward import outward, telemetry
from whenabouts.commands.checks.versions import codecs, dependencies, program
from whenabouts.version import __version__


def test_every_dependency_is_named_with_its_version() -> None:
    found = dependencies()
    assert found.state == "ok" and found.facts["numpy"] == version("numpy")
    assert {"pydantic-core", "typing-extensions"} <= found.facts.keys(), "those of dependencies too"
    assert __version__ in program().told


def test_codecs_of_ffmpeg_are_named_and_a_video_is_written_and_read() -> None:
    found = codecs()
    assert found.state == "ok" and {"h264", "aac"} <= set(found.facts["reads"]) and "libavformat" in found.facts
    assert decoding().state == "ok"


def test_telemetry_that_was_switched_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert telemetry().state == "ok"
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    assert telemetry().state == "doubtful" and "HF_HUB_DISABLE_TELEMETRY" in telemetry().told


def test_variables_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:secret@proxy")
    assert "HTTPS_PROXY" in outward().facts["set"] and "secret" not in str(outward())
