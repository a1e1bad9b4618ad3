"""Subtitles of before UTF-8: sentences as people write them, short and long, in the encoding of their country."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.evidence.encodings import decoded
from whenabouts.evidence.subtitles import read_subtitle_file

KOREAN = [
    "안녕하세요. 오늘은 예산에 대해서 이야기하겠습니다.",
    "그 사람은 어제 서울역에서 친구를 만났다고 했어요.",
    "뭐라고? 난 그런 말 한 적 없어!",
    "감사합니다",
]
SIMPLIFIED = [
    "大家好，今天我们来谈谈明年的预算。",
    "我昨天在火车站看见他了，你知道他去哪里了吗？",
    "谢谢你们的帮助。",
]
TRADITIONAL = [
    "大家好，今天我們來談談明年的預算。",
    "我昨天在火車站看見他了，你知道他去哪裡了嗎？",
    "謝謝你們的幫助。",
]
JAPANESE = [
    "こんにちは。今日は来年の予算について話します。",
    "昨日、東京駅で友達に会いました。",
    "コーヒーを飲みながら、テレビを見ていた。",
    "ありがとう",
]
RUSSIAN = [
    "Здравствуйте, сегодня мы поговорим о бюджете на следующий год.",
    "Я не знаю, куда он ушёл.",
    "Спасибо большое!",
]
WESTERN = [
    "Schöne Grüße aus Köln! Das weiß ich natürlich nicht.",
    "Über die Brücke fährt kein Zug.",
    "Où êtes-vous allés cet été ? Ça va très bien, merci.",
    "L’élève a répondu : « Déjà vu, n’est-ce pas ? »",
    "¿Dónde está el niño? ¡Mañana será otro día!",
    "It’s what “they” said… don’t you think?",
    "café",
    "Où étais-tu, Noël, à l'âge où l'on naît créée ?",
    "Não é possível, a situação está péssima.",
    "Han är på väg hem från sjön.",
]
CASES = [
    *(("cp949", text) for text in KOREAN),
    *(("euc_kr", text) for text in KOREAN),
    *(("gb18030", text) for text in SIMPLIFIED),
    *(("gb2312", text) for text in SIMPLIFIED),
    *(("big5", text) for text in TRADITIONAL),
    *(("shift_jis", text) for text in JAPANESE),
    *(("euc_jp", text) for text in JAPANESE),
    *(("cp1251", text) for text in RUSSIAN),
    *(("koi8_r", text) for text in RUSSIAN),
    *(("cp1252", text) for text in WESTERN),
]


@pytest.mark.parametrize(("encoding", "text"), CASES)
def test_a_single_sentence_tells_its_encoding(encoding: str, text: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        ("cp949", KOREAN),
        ("gb18030", SIMPLIFIED),
        ("big5", TRADITIONAL),
        ("shift_jis", JAPANESE),
        ("cp1251", RUSSIAN),
        ("cp1252", WESTERN),
    ],
)
def test_a_subtitle_file_is_read_in_its_encoding(tmp_path: Path, encoding: str, texts: list[str]) -> None:
    rows = [f"{i}\n00:00:{i:02d},000 --> 00:00:{i:02d},900\n<i>OK</i> {text}\n" for i, text in enumerate(texts, 1)]
    path = tmp_path / "a.srt"
    path.write_bytes("\r\n".join(rows).encode(encoding))
    assert [line.text for line in read_subtitle_file(path)] == [" ".join(f"OK {text}".split()) for text in texts]


def test_one_broken_byte_does_not_make_a_text_another() -> None:
    korean = "\n".join(KOREAN)
    assert decoded(korean.encode() + b"\xea\xb0\n").startswith(korean), "UTF-8 that was cut off"
    assert decoded(korean.encode("cp949") + b"\xff\n").startswith(korean)


def test_a_syllable_outside_the_old_standard_is_read() -> None:
    text = "그 사람은 똠얌꿍을 먹고 햏햏 웃었다고 해요."
    assert decoded(text.encode("cp949")) == text


@given(st.binary(max_size=200))
def test_any_bytes_become_a_text(raw: bytes) -> None:
    assert isinstance(decoded(raw), str)
