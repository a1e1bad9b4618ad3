"""The language of short texts."""

from __future__ import annotations

import pytest

from whenabouts.query import language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I was never able to speak in front of people.", "en"),
        ("Could you tell us more about that?", "en"),
        ("Ich konnte nie vor Leuten sprechen.", "de"),
        ("Das Budget war achtzig Millionen.", "de"),
        ("Nunca pude hablar delante de la gente.", "es"),
        ("El presupuesto era de ochenta millones.", "es"),
        ("Je n'ai jamais pu parler devant les gens.", "fr"),
        ("Le budget était de quatre-vingts millions.", "fr"),
        ("저는 사람들 앞에서 말을 못 했어요.", "ko"),
        ("예산은 8천만 원이었습니다", "ko"),
        ("我从来不敢在人前说话。", "zh"),
        ("人前で話すことができませんでした。", "ja"),
        ("BTS가 New York에서 공연했다", "ko"),
        ("she says 안녕 to the whole crowd", "en"),
        ("Marta Lindqvist", None),
        ("1234 !?", None),
        ("", None),
        ("Привет, как дела", None),
    ],
)
def test_the_language_is_told(text: str, code: str | None) -> None:
    assert language_of(text) == code


def test_a_long_text_is_judged_by_its_beginning() -> None:
    assert language_of("the end of the day " * 100_000) == "en"
