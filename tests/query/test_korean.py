"""Queries in Korean, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    (
        "그녀가 처음으로 약점을 인정하는 순간",
        {"event": "그녀가 약점을 인정하는 순간", "which": 1, "words": "약점", "kind": "said", "act": "admit"},
    ),
    (
        "그녀가 언제 처음으로 약점을 인정하나요?",
        {"event": "그녀가 약점을 인정하나요", "which": 1, "words": "약점", "kind": "said", "act": "admit"},
    ),
    ("예산을 두 번째로 언급할 때", {"event": "예산을 언급할 때", "which": 2, "words": "예산", "kind": "said"}),
    ("두 번째 예산 언급", {"event": "예산 언급", "which": 2, "words": "예산", "kind": "said"}),
    ("예산에 대한 두 번째 언급", {"event": "예산에 대한 언급", "which": 2, "words": "예산", "kind": "said"}),
    ("예산이 언급될 때마다", {"event": "예산이 언급될 때", "which": 0, "words": "예산", "kind": "said"}),
    (
        "예산이 몇 번 언급되나요?",
        {"event": "예산이 언급되나요", "which": 0, "words": "예산", "kind": "said", "count": True},
    ),
    ("마지막으로 웃는 장면", {"event": "웃는 장면", "which": -1}),
    ("휴식 전에", {"event": "", "relation": "before", "anchors": ("휴식",)}),
    (
        "휴식 후에 예산을 언급한다",
        {"event": "예산을 언급한다", "relation": "after", "anchors": ("휴식",), "words": "예산", "kind": "said"},
    ),
    (
        "그녀가 휴식 후에 예산을 언급한다",
        {"event": "그녀가 예산을 언급한다", "relation": "after", "anchors": ("휴식",), "words": "예산", "kind": "said"},
    ),
    (
        "그녀가 휴식이 끝난 후에 예산을 언급한다",
        {
            "event": "그녀가 예산을 언급한다",
            "relation": "after",
            "anchors": ("휴식이 끝난",),
            "words": "예산",
            "kind": "said",
        },
    ),
    (
        "휴식이 끝나기 전에 그녀가 웃는다",
        {"event": "그녀가 웃는다", "relation": "before", "anchors": ("휴식이 끝나기",)},
    ),
    ("박수 직후", {"event": "", "relation": "right after", "anchors": ("박수",)}),
    (
        "인터뷰 중에 전화가 울린다",
        {"event": "전화가 울린다", "relation": "while", "anchors": ("인터뷰",), "words": "전화", "kind": "heard"},
    ),
    (
        "휴식과 박수 사이에 그녀가 웃는다",
        {"event": "그녀가 웃는다", "relation": "between", "anchors": ("휴식", "박수")},
    ),
    ("아무도 화면에 없다", {"kind": "seen", "negated": True}),
    ("더 이상 말하지 않는다", {"kind": "said", "negated": True}),
    ("그를 만난 적이 없다고 말한다", {"words": "그를 만난 적이 없다", "kind": "said"}),
    ("그녀의 이름은 무엇인가요?", {"words": "그녀의 이름", "asks": "person"}),
    ("이름이 뭐예요", {"words": "이름", "asks": "person"}),
    ("그녀는 어디에서 태어났나요?", {"words": "그녀는 태어났나요", "asks": "place"}),
    ("어디에서 어머니에 대해 말하나요?", {"event": "어머니에 대해 말하나요", "words": "어머니", "kind": "said"}),
    ("어머니에 대해 이야기한다", {"words": "어머니", "kind": "said"}),
    ("그녀가 어머니 이야기를 한다", {"words": "어머니", "kind": "said"}),
    ("왜 회사를 떠났나요?", {"words": "회사를 떠났나요", "asks": "reason"}),
    ("몇 명이 죽었나요?", {"words": "죽었나요", "asks": "number"}),
    ("터널 건설에 얼마가 들었나요?", {"words": "터널 건설에 들었나요", "asks": "number"}),
    ("터널은 몇 년도에 개통되었나요?", {"words": "터널은 개통되었나요", "asks": "time"}),
    ("약점을 인정한다", {"words": "약점", "kind": "said", "act": "admit"}),
    ("그녀가 사과한다", {"kind": "said", "act": "apologise"}),
    ("자신이 한 말을 정정한다", {"words": "자신이 한 말", "kind": "said", "act": "correct"}),
    ("작별 인사를 한다", {"act": "farewell"}),
    ("손님들을 환영한다", {"words": "손님들", "act": "greet"}),
    ('"안녕하세요"라고 말한다', {"words": "안녕하세요", "kind": "said", "quoted": True}),
    ("박수 소리가 들린다", {"words": "박수 소리", "kind": "heard"}),
    ("빨간 차가 보인다", {"words": "빨간 차", "kind": "seen"}),
    ("표지판에 출구라고 적혀 있다", {"words": "출구", "kind": "written", "quoted": True}),
    ("화면에 예산이 나온다", {"words": "예산", "kind": "seen"}),
    ("남자가 냉장고를 열고 우유를 꺼낸다", {}),
    ("두 번째 남자가 들어온다", {}),
    ("첫 번째 층", {}),
    ("5년 전에 만난 사람", {}),
    ("문 뒤에 숨는 아이", {}),
    ("끝에서 두 번째로 웃을 때", {"event": "웃을 때", "which": -2}),
    ("예산을 두 번 언급한다", {"words": "예산", "kind": "said", "unread": ("두 번",)}),
    ("처음 세 번 웃을 때", {"event": "웃을 때", "unread": ("처음 세 번",)}),
    (
        "그가 질문한 다음 그녀가 대답한다",
        {"event": "그녀가 대답한다", "relation": "after", "anchors": ("그가 질문한",)},
    ),
    ("기차가 떠날 때까지 손을 흔든다", {"event": "손을 흔든다", "relation": "until", "anchors": ("기차가 떠날",)}),
    (
        "약점을 인정하는 마지막 순간",
        {"event": "약점을 인정하는", "which": -1, "words": "약점", "kind": "said", "act": "admit"},
    ),
    ("누가 터널을 지었나요?", {"words": "터널을 지었나요", "asks": "person"}),
    ("그녀는 예산을 언급하지 않는다", {"words": "예산", "kind": "said", "negated": True}),
    ("처음 만난 날을 이야기한다", {"words": "처음 만난 날", "kind": "said"}),
    ("오후에 그녀가 걷는다", {}),
    ("박수가 끝난 뒤 무슨 일이 일어나나", {"event": "", "relation": "after", "anchors": ("박수가 끝난",)}),
    ("그녀가 터널의 비용을 밝힌다", {"words": "터널의 비용", "kind": "said", "act": "announce"}),
    ("인터뷰어에게 감사한다", {"words": "인터뷰어", "act": "thank"}),
    ("비판에 동의하지 않는다", {"words": "비판", "act": "agree", "negated": True}),
    (
        "그녀가 실수를 후회하는 부분을 모두",
        {"event": "그녀가 실수를 후회하는", "which": 0, "words": "실수", "kind": "said", "act": "regret"},
    ),
    ("예산 얘기가 처음 나오는 부분", {"event": "예산 얘기가 나오는 부분", "which": 1, "words": "예산", "kind": "said"}),
    (
        "그녀가 처음 약점을 인정하는 때는 언제인가",
        {"event": "그녀가 약점을 인정하는", "which": 1, "words": "약점", "kind": "said", "act": "admit"},
    ),
    (
        "어머니 이야기를 하는 부분을 모두 찾아줘",
        {"event": "어머니 이야기를 하는", "which": 0, "words": "어머니", "kind": "said"},
    ),
    ("누가 예산을 언급하나요", {"event": "예산을 언급하나요", "words": "예산", "kind": "said"}),
    ("무엇을 후회하나요?", {"event": "후회하나요", "kind": "said", "act": "regret"}),
    ("인정하기 직전", {"event": "", "relation": "right before", "anchors": ("인정하기",)}),
    ("사과한 뒤에 그녀가 웃는다", {"event": "그녀가 웃는다", "relation": "after", "anchors": ("사과한",)}),
    (
        "발표하는 동안 전화가 울린다",
        {"event": "전화가 울린다", "relation": "while", "anchors": ("발표하는",), "words": "전화", "kind": "heard"},
    ),
    ("감독님이 예산을 언급하신다", {"words": "예산", "kind": "said"}),
    ("아버지에 대한 이야기", {"words": "아버지", "kind": "said"}),
    ("마지막 질문", {"event": "질문", "which": -1, "kind": "said", "act": "ask"}),
    ("첫 질문", {"event": "질문", "which": 1, "kind": "said", "act": "ask"}),
    ("약속을 한다", {"kind": "said", "act": "promise"}),
    ("그녀는 다시 오겠다고 약속한다", {"words": "다시 오겠다", "kind": "said", "act": "promise"}),
    ("몇 살인가요?", {"words": "인가요", "asks": "number"}),
    ("어느 도시에서 살았나요?", {"words": "살았나요", "asks": "place"}),
    ("터널이 언제 건설되었나요?", {"words": "터널이 건설되었나요", "asks": "time"}),
    ("질문이 몇 번 나오나요?", {"event": "질문이 나오나요", "which": 0, "kind": "said", "act": "ask", "count": True}),
    ("그는 한 번도 만난 적이 없다고 말한다", {"words": "한 번도 만난 적이 없다", "kind": "said"}),
    ("쉬는 시간 전에", {"event": "", "relation": "before", "anchors": ("쉬는 시간",)}),
    (
        "휴식이 끝난 직후 예산을 언급한다",
        {
            "event": "예산을 언급한다",
            "relation": "right after",
            "anchors": ("휴식이 끝난",),
            "words": "예산",
            "kind": "said",
        },
    ),
    ("그가 농담을 한다", {"act": "joke"}),
    ("날씨에 대해 농담한다", {"words": "날씨", "act": "joke"}),
    ("의심을 표현한다", {"kind": "said", "act": "doubt"}),
    ("책을 추천한다", {"words": "책", "kind": "said", "act": "advise"}),
    ("예산에 대해 처음으로 말할 때", {"event": "예산에 대해 말할 때", "which": 1, "words": "예산", "kind": "said"}),
    ("경고한다", {"kind": "said", "act": "warn"}),
    ("사람들을 초대한다", {"words": "사람들", "act": "invite"}),
    ("그녀가 화면에 보이지 않는다", {"words": "그녀", "kind": "seen", "negated": True}),
    ("기권한 사람은 몇 명인가", {"words": "기권한 사람은 인가", "asks": "number"}),
    ("앞으로 바라는 점을 말한다", {"words": "앞으로 바라는 점", "kind": "said"}),
    (
        "제품 이름이 처음 공개되는 순간",
        {"event": "제품 이름이 공개되는 순간", "which": 1, "words": "제품 이름", "kind": "said", "act": "announce"},
    ),
    ("정회 전에 마지막으로 한 말", {"event": "", "relation": "before", "anchors": ("정회",)}),
    ("쉬기 직전에 무슨 말을 했나요?", {"event": "", "relation": "right before", "anchors": ("쉬기",)}),
    (
        "자기 약점을 처음으로 인정하는 때는?",
        {"event": "자기 약점을 인정하는 때는", "which": 1, "words": "자기 약점", "kind": "said", "act": "admit"},
    ),
    ("주연 배우가 은퇴를 발표한다", {"words": "은퇴", "kind": "said", "act": "announce"}),
    ("스태프에게 사과하는 감독", {"words": "스태프", "kind": "said", "act": "apologise"}),
    ("누가 박수를 친다", {}),
    ("소문을 믿지 않는다고 한다", {}),
    ("이분의 성함은?", {"words": "이분의 성함", "asks": "person"}),
    ("긴 침묵 뒤에 뭐라고 하나요?", {"event": "", "relation": "after", "anchors": ("긴 침묵",)}),
    ("유족에게 용서를 구하는 대목", {"words": "유족", "kind": "said", "act": "apologise"}),
    ("그가 폭풍에 대해 말하지 않는 때", {"words": "폭풍", "kind": "said", "negated": True}),
    ("두 번째 플래시", {"event": "플래시", "which": 2}),
    ("마지막 컷", {"event": "컷", "which": -1}),
    ("모든 컷", {"event": "컷", "which": 0}),
    ("두 번째 남자", {}),
    ("휴식 후에 처음 하는 말", {"event": "", "relation": "after", "anchors": ("휴식",)}),
    ("그가 뭔가를 약속한다", {"kind": "said", "act": "promise"}),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"ko", None} and told.count("ko") >= 0.85 * len(told)
