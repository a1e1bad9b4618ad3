"""Queries in Japanese, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    (
        "彼女が初めて弱さを認めるのはいつ?",
        {"event": "彼女が弱さを認めるのはいつ", "which": 1, "words": "弱さ", "kind": "said", "act": "admit"},
    ),
    (
        "彼女が初めて弱さを認める瞬間",
        {"event": "彼女が弱さを認める瞬間", "which": 1, "words": "弱さ", "kind": "said", "act": "admit"},
    ),
    ("二回目に予算に言及する場面", {"event": "予算に言及する場面", "which": 2, "words": "予算", "kind": "said"}),
    ("予算が言及されるたびに", {"event": "予算が言及される", "which": 0, "words": "予算", "kind": "said"}),
    (
        "予算は何回言及されますか?",
        {"event": "予算は言及されますか", "which": 0, "words": "予算", "kind": "said", "count": True},
    ),
    ("彼女が最後に笑う場面", {"event": "彼女が笑う場面", "which": -1}),
    ("彼女が三度目に笑う", {"event": "彼女が笑う", "which": 3}),
    ("休憩の前", {"event": "", "relation": "before", "anchors": ("休憩",)}),
    ("休憩の後", {"event": "", "relation": "after", "anchors": ("休憩",)}),
    ("拍手の直後", {"event": "", "relation": "right after", "anchors": ("拍手",)}),
    (
        "彼女は休憩の後に予算について話す",
        {"event": "彼女は予算について話す", "relation": "after", "anchors": ("休憩",), "words": "予算", "kind": "said"},
    ),
    (
        "休憩の後、彼女は予算に言及する",
        {"event": "彼女は予算に言及する", "relation": "after", "anchors": ("休憩",), "words": "予算", "kind": "said"},
    ),
    ("電車が出る前に彼女は手を振る", {"event": "彼女は手を振る", "relation": "before", "anchors": ("電車が出る",)}),
    ("質問が終わった後に彼が答える", {"event": "彼が答える", "relation": "after", "anchors": ("質問が終わった",)}),
    ("休憩と拍手の間に彼女が笑う", {"event": "彼女が笑う", "relation": "between", "anchors": ("休憩", "拍手")}),
    (
        "インタビュー中に電話が鳴る",
        {"event": "電話が鳴る", "relation": "while", "anchors": ("インタビュー",), "words": "電話", "kind": "heard"},
    ),
    ("誰も画面にいない", {"negated": True}),
    ("彼女はもう話さない", {"kind": "said", "negated": True}),
    ("彼に会ったことがないと言う", {"words": "彼に会ったことがない", "kind": "said"}),
    ("彼女は予算に言及しない", {"words": "予算", "kind": "said", "negated": True}),
    ("彼女の名前は何ですか?", {"words": "彼女の名前", "asks": "person"}),
    ("彼女はいつ生まれましたか?", {"words": "彼女は生まれましたか", "asks": "time"}),
    ("トンネルは何年に開通しましたか?", {"words": "トンネルは開通しましたか", "asks": "time"}),
    ("彼女はどこで母親について話しますか?", {"event": "彼女は母親について話しますか", "words": "母親", "kind": "said"}),
    ("彼女はどこで生まれましたか?", {"words": "彼女は生まれましたか", "asks": "place"}),
    ("なぜ会社を辞めたのですか?", {"words": "会社を辞めたのですか", "asks": "reason"}),
    ("何人が亡くなりましたか?", {"words": "亡くなりましたか", "asks": "number"}),
    ("トンネルはいくらかかりましたか?", {"words": "トンネルはかかりましたか", "asks": "number"}),
    ("誰がトンネルを建てましたか?", {"words": "トンネルを建てましたか", "asks": "person"}),
    ("彼女は母親について話す", {"words": "母親", "kind": "said"}),
    ("彼女は間違いを認める", {"words": "間違い", "kind": "said", "act": "admit"}),
    ("彼女は謝罪する", {"kind": "said", "act": "apologise"}),
    ("彼女が謝る", {"kind": "said", "act": "apologise"}),
    ("観客に感謝する", {"words": "観客", "act": "thank"}),
    ("別れの挨拶をする", {"act": "farewell"}),
    ("発言を撤回する", {"words": "発言", "kind": "said", "act": "correct"}),
    ("看板に出口と書かれている", {"words": "出口", "kind": "written", "quoted": True}),
    ("「おかえり」と言う", {"words": "おかえり", "kind": "said", "quoted": True}),
    ("拍手が聞こえる", {"words": "拍手", "kind": "heard"}),
    ("赤い車が見える", {"words": "赤い車", "kind": "seen"}),
    ("男が冷蔵庫を開けて牛乳を取り出す", {}),
    ("最初の男が去る", {}),
    ("二回予算に言及する", {"words": "予算", "kind": "said", "unread": ("二回",)}),
    ("家の前に車がある", {}),
    ("すべての予算への言及", {"event": "予算への言及", "which": 0, "words": "予算", "kind": "said"}),
    ("列車が出発するまで手を振る", {"event": "手を振る", "relation": "until", "anchors": ("列車が出発する",)}),
    ("オーブンは何度にしますか?", {"words": "オーブンはしますか", "asks": "number"}),
    ("初めてゆずの話が出るところ", {"event": "ゆずの話が出るところ", "which": 1, "words": "ゆず", "kind": "said"}),
    ("塩は何グラム入れますか?", {"words": "塩は入れますか", "asks": "number"}),
    ("二回目のフラッシュ", {"event": "フラッシュ", "which": 2}),
    ("最後のカット", {"event": "カット", "which": -1}),
    ("すべてのカット", {"event": "カット", "which": 0}),
    ("二番目の男", {}),
    ("休憩の後に最初に言うこと", {"event": "", "relation": "after", "anchors": ("休憩",)}),
    ("彼が嵐について話す二回目", {"event": "彼が嵐について話す", "which": 2, "words": "嵐", "kind": "said"}),
    ("彼が笑う最後の回", {"event": "彼が笑う", "which": -1}),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"ja", None} and told.count("ja") >= 0.85 * len(told)
