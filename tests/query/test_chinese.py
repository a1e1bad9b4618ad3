"""Queries in Chinese, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    ("她什么时候第一次承认弱点?", {"event": "她承认弱点", "which": 1, "words": "弱点", "kind": "said", "act": "admit"}),
    ("她第一次承认弱点的时刻", {"event": "她承认弱点", "which": 1, "words": "弱点", "kind": "said", "act": "admit"}),
    ("第二次提到预算", {"event": "提到预算", "which": 2, "words": "预算", "kind": "said"}),
    ("每次提到预算的时候", {"event": "提到预算", "which": 0, "words": "预算", "kind": "said"}),
    ("预算被提到多少次?", {"event": "预算被提到", "which": 0, "words": "预算", "kind": "said", "count": True}),
    ("她最后一次笑", {"event": "她笑", "which": -1}),
    ("倒数第二次提到预算", {"event": "提到预算", "which": -2, "words": "预算", "kind": "said"}),
    ("她首次提到预算", {"event": "她提到预算", "which": 1, "words": "预算", "kind": "said"}),
    ("休息之前", {"event": "", "relation": "before", "anchors": ("休息",)}),
    ("休息之后", {"event": "", "relation": "after", "anchors": ("休息",)}),
    ("掌声之后不久", {"event": "", "relation": "right after", "anchors": ("掌声",)}),
    (
        "她在休息之后提到预算",
        {"event": "她提到预算", "relation": "after", "anchors": ("休息",), "words": "预算", "kind": "said"},
    ),
    (
        "休息之后她提到预算",
        {"event": "她提到预算", "relation": "after", "anchors": ("休息",), "words": "预算", "kind": "said"},
    ),
    ("在火车离开之前,她挥手", {"event": "她挥手", "relation": "before", "anchors": ("火车离开",)}),
    ("演讲结束后他离开", {"event": "他离开", "relation": "after", "anchors": ("演讲结束",)}),
    ("休息和掌声之间她笑了", {"event": "她笑了", "relation": "between", "anchors": ("休息", "掌声")}),
    (
        "采访期间电话响了",
        {"event": "电话响了", "relation": "while", "anchors": ("采访",), "words": "电话", "kind": "heard"},
    ),
    ("没有人在画面里", {"kind": "seen", "negated": True}),
    ("她不再说话", {"negated": True}),
    ("她说她从未见过他", {"words": "她从未见过他", "kind": "said"}),
    ("她没有提到预算", {"words": "预算", "kind": "said", "negated": True}),
    ("她叫什么名字?", {"words": "她", "asks": "person"}),
    ("她的名字是什么?", {"words": "她的名字", "asks": "person"}),
    ("她什么时候出生的?", {"words": "她出生的", "asks": "time"}),
    ("隧道是哪一年开通的?", {"words": "隧道是开通的", "asks": "time"}),
    ("她在哪里谈到她的母亲?", {"event": "她谈到她的母亲", "words": "她的母亲", "kind": "said"}),
    ("她在哪里出生?", {"words": "她出生", "asks": "place"}),
    ("她为什么离开公司?", {"words": "她离开公司", "asks": "reason"}),
    ("死了多少人?", {"words": "死了人", "asks": "number"}),
    ("谁建造了隧道?", {"words": "建造了隧道", "asks": "person"}),
    ("她说了什么关于她母亲的事", {"event": "她说了关于她母亲的事", "words": "关于她母亲的事", "kind": "said"}),
    ("她谈到她的母亲", {"words": "她的母亲", "kind": "said"}),
    ("她承认错误", {"words": "错误", "kind": "said", "act": "admit"}),
    ("她道歉", {"kind": "said", "act": "apologise"}),
    ("她感谢观众", {"words": "观众", "act": "thank"}),
    ("她向大家告别", {"act": "farewell"}),
    ("她收回自己说的话", {"words": "自己说的话", "kind": "said", "act": "correct"}),
    ("牌子上写着出口", {"words": "出口", "kind": "written", "quoted": True}),
    ("他说“欢迎回来”", {"words": "欢迎回来", "kind": "said", "quoted": True}),
    ("听到掌声", {"words": "掌声", "kind": "heard"}),
    ("看到一辆红色的车", {"words": "一辆红色的车", "kind": "seen"}),
    ("一个男人打开冰箱拿出牛奶", {}),
    ("第一个男人离开", {}),
    ("第二次世界大战", {}),
    ("她两次提到预算", {"words": "预算", "kind": "said", "unread": ("两次",)}),
    ("所有提到预算的片段", {"event": "提到预算", "which": 0, "words": "预算", "kind": "said"}),
    ("当她承认弱点时", {"event": "当她承认弱点", "words": "弱点", "kind": "said", "act": "admit"}),
    ("三年前她结婚了", {}),
    ("在房子后面", {}),
    ("休息之前说了什么？", {"event": "", "relation": "before", "anchors": ("休息",)}),
    ("他为迟到道歉", {"kind": "said", "act": "apologise"}),
    ("沉默之后的第一句话", {"event": "", "relation": "after", "anchors": ("沉默",)}),
    ("第二次闪光", {"event": "闪光", "which": 2}),
    ("第一个镜头切换", {"event": "镜头切换", "which": 1}),
    ("所有镜头切换", {"event": "镜头切换", "which": 0}),
    ("最后一声枪响", {"event": "枪响", "which": -1}),
    ("休息后他说的第一句话", {"event": "", "relation": "after", "anchors": ("休息",)}),
    ("他开了一个玩笑", {"act": "joke"}),
    ("他做出承诺", {"kind": "said", "act": "promise"}),
    ("她道了歉", {"kind": "said", "act": "apologise"}),
    ("他提出了一个问题", {"kind": "said", "act": "ask"}),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"zh", None} and told.count("zh") >= 0.85 * len(told)
