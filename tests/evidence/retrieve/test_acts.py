from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from whenabouts.evidence.retrieve import acts
from whenabouts.evidence.retrieve.acts import cue_scores, prototypes
from whenabouts.query.grammar import LANGUAGES, grammar_of

TABLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in Path(acts.FOLDER).glob("*.toml")}
SAID = {
    "admit": [
        "I have to admit that I was wrong.",
        "제 잘못이었습니다.",
        "Ich gebe zu, das war mein Fehler.",
        "我承认是我的错。",
    ],
    "correct": [
        "What I said earlier is not true.",
        "아까 한 말은 틀렸습니다.",
        "Je me suis trompé, je rectifie.",
        "訂正します。",
    ],
    "deny": ["That is simply not true.", "그런 적 없습니다.", "Das stimmt nicht.", "Eso no es verdad."],
    "apologise": [
        "I am so sorry.",
        "죄송합니다.",
        "Es tut mir leid.",
        "Lo siento mucho.",
        "申し訳ございません。",
        "对不起。",
    ],
    "promise": ["You have my word.", "꼭 돌려드리겠다고 약속합니다.", "Ich verspreche es Ihnen.", "Je vous promets."],
    "thank": ["Thank you all.", "감사합니다.", "Vielen Dank.", "Muchas gracias.", "Merci beaucoup.", "谢谢大家。"],
    "refuse": ["No comment.", "답변드릴 수 없습니다.", "Ich lehnte das Angebot ab.", "无可奉告。"],
    "regret": ["I wish I had listened to her.", "지금도 후회합니다.", "Ich bereue es.", "J'aurais dû le dire."],
    "pause": ["Shall we stop for a quarter of an hour?", "잠시 쉬었다가 하겠습니다.", "少し休憩します。"],
}
PLAIN = ["The lamps were on all day.", "우리는 학교까지 걸어갔다.", "Der Zug fährt um acht.", "Las flores son rojas."]


def test_every_language_knows_every_act_of_the_grammars() -> None:
    known = {act for code in LANGUAGES for act in grammar_of(code).acts} - {"said"}
    assert len(known) >= 30
    for name, table in TABLES.items():
        assert known <= table.keys(), name


def test_every_expression_is_one() -> None:
    for name, table in TABLES.items():
        for act, cues in table.items():
            for each in [cues] if name != "prototypes" else []:
                expressions = [*each["strong"], *each["weak"]]
                assert all(re.compile(one) for one in expressions), (name, act)
                assert not any(re.search(one, "", re.IGNORECASE) for one in expressions), (name, act)


@pytest.mark.parametrize(("act", "texts"), SAID.items())
def test_what_people_say_is_told_from_other_lines(act: str, texts: list[str]) -> None:
    assert cue_scores(act, "", texts).min() >= 0.6, texts[int(np.argmin(cue_scores(act, "", texts)))]
    assert cue_scores(act, "", PLAIN).max() < 0.5


def test_the_object_of_an_act_has_words_of_its_own() -> None:
    texts = ["I was never able to speak in front of people.", "I have to admit that the water was cold."]
    assert list(cue_scores("admit", "a weakness", texts)) == [1.0, 0.6]
    assert list(cue_scores("admit", "eine Schwäche", texts)) == [1.0, 0.6]


def test_an_unknown_act_has_no_words() -> None:
    assert prototypes("yodel") == []
    assert cue_scores("yodel", "", PLAIN).tolist() == [0.0] * len(PLAIN)
