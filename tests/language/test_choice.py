"""The language is chosen as GNU gettext does."""

from __future__ import annotations

import io
import sys

import pytest

from whenabouts.language import chosen, translate
from whenabouts.language.choice import wanted

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def speak(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LC_MESSAGES": "ko_KR"}, "ko"),
        ({"LC_ALL": "ko_KR.UTF-8@variant", "LANG": "de_DE"}, "ko"),
        ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "POSIX", "LANGUAGE": "ko"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ko"}, "en"),
        ({"LANGUAGE": "ko"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:ko:en"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en_GB:ko"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "::"}, "en"),
        ({"LANG": "../../etc/passwd"}, "en"),
        ({"LANG": "\udce9"}, "en"),
    ],
)
def test_the_environment_decides(environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, **environment)
    assert chosen() == language
    assert (translate("no moment found") == "no moment found") == (language == "en")


def test_countries_come_before_their_language() -> None:
    assert wanted({"LANG": "pt_BR.UTF-8"}) == ["pt_BR", "pt"]


@pytest.mark.parametrize(
    ("encoding", "language"), [("utf-8", "ko"), ("euc-kr", "ko"), ("ascii", "en"), ("cp1252", "en")]
)
def test_a_language_that_cannot_be_printed_is_not_chosen(
    encoding: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, LANG="ko_KR.UTF-8")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert chosen() == language
