"""What speakers do with words, in every language."""

from __future__ import annotations

import pytest

from whenabouts.query import parse_query
from whenabouts.query.grammar import LANGUAGES, grammar_of

ACTS = [
    "admit",
    "apologise",
    "correct",
    "deny",
    "promise",
    "agree",
    "refuse",
    "thank",
    "ask",
    "regret",
    "blame",
    "greet",
    "farewell",
    "praise",
    "complain",
    "warn",
    "advise",
    "introduce",
    "announce",
    "doubt",
    "decide",
    "invite",
    "congratulate",
    "hope",
    "fear",
    "forgive",
    "threaten",
    "boast",
    "remember",
    "joke",
]

SENTENCES = {
    "en": (
        "she confesses a mistake|she begs for forgiveness|he retracts his statement|they denied the claim|"
        "she promises to return|he agrees with the host|she refused to answer|he thanks his team|"
        "she asked about the price|"
        "he regrets the decision|she blames her brother|the host greets the guest"
        "|they say goodbye|he praises the team|"
        "she is complaining about the noise|he warns of the flood|she recommends a book|he introduces his wife|"
        "she announced her retirement|he doubts the numbers|they decided to stay|she invites her friends|"
        "he congratulates the winner|she hopes for peace|he is afraid of the dark|she forgives her father|"
        "he threatens the witness|she brags about her car|he recalls his childhood|she makes a joke"
    ),
    "de": (
        "sie räumt einen Fehler ein|er bittet um Verzeihung|er widerruft seine Aussage|sie streitet alles ab|"
        "sie verspricht zu kommen|er stimmt dem Plan zu|sie weigert sich zu antworten|er dankt seinem Team|"
        "sie fragt nach dem Preis|er bereut die Entscheidung|sie beschuldigt ihren Bruder|"
        "er heißt die Gäste willkommen|"
        "sie sagen auf Wiedersehen|er lobt die Mannschaft|sie beschwert sich über den Lärm|er warnt vor der Flut|"
        "sie empfiehlt ein Buch|er stellt seine Frau vor|sie kündigt ihren Rücktritt an|er bezweifelt die Zahlen|"
        "sie beschließt zu bleiben|sie lädt ihre Freunde ein|er gratuliert dem Sieger|sie hofft auf Frieden|"
        "er hat Angst vor der Dunkelheit|sie verzeiht ihrem Vater|er droht dem Zeugen|sie prahlt mit ihrem Auto|"
        "er erinnert sich an seine Kindheit|sie macht einen Witz"
    ),
    "es": (
        "ella confiesa un error|él pide perdón|él se retracta de lo dicho|ella niega los hechos|ella promete volver|"
        "él está de acuerdo con el plan|ella se niega a responder"
        "|él agradece a su equipo|ella pregunta por el precio|"
        "él lamenta la decisión|ella culpa a su hermano|él saluda al público|ella se despide|él elogia al equipo|"
        "ella se queja del ruido|él advierte del peligro|ella recomienda un libro|él presenta a su mujer|"
        "ella anuncia su retirada|él duda de las cifras|ella decide quedarse|ella invita a sus amigos|"
        "él felicita al ganador|ella espera que acabe|él tiene miedo de la oscuridad|ella perdona a su padre|"
        "él amenaza al testigo|ella presume de su coche|él recuerda su infancia|ella hace una broma"
    ),
    "fr": (
        "elle avoue une erreur|il demande pardon|il rectifie ses propos|elle nie les faits|elle promet de revenir|"
        "il est d'accord avec le plan|elle refuse de répondre|il remercie son équipe|elle demande le prix|"
        "il regrette la décision|elle accuse son frère|il salue le public|elle dit au revoir|il complimente l'équipe|"
        "elle se plaint du bruit|il avertit du danger|elle recommande un livre|il présente sa femme|"
        "elle annonce son départ|il doute des chiffres|elle décide de rester|elle invite ses amis|"
        "il félicite le gagnant|elle espère la paix|il a peur du noir|elle pardonne à son père|"
        "il menace le témoin|elle se vante de sa voiture|il se souvient de son enfance|elle fait une blague"
    ),
    "ko": (
        "그녀가 실수를 고백한다|그가 사과한다|그가 발언을 철회한다"
        "|그녀가 혐의를 부인한다|그녀가 돌아오겠다고 약속한다|"
        "그가 계획에 동의한다|그녀가 대답을 거부한다|그가 팀에게 감사한다|그녀가 가격을 묻는다|그가 결정을 후회한다|"
        "그녀가 동생을 비난한다|그가 손님을 환영한다|그녀가 작별 인사를 한다"
        "|그가 팀을 칭찬한다|그녀가 소음에 대해 불평한다|"
        "그가 위험을 경고한다|그녀가 책을 추천한다|그가 아내를 소개한다|그녀가 은퇴를 발표한다|그가 숫자를 의심한다|"
        "그녀가 남기로 결정한다|그녀가 친구를 초대한다|그가 우승자를 축하한다|그녀가 평화를 희망한다|"
        "그가 어둠을 두려워한다|그녀가 아버지를 용서한다|그가 증인을 협박한다|그녀가 차를 자랑한다|"
        "그가 어린 시절을 회상한다|그녀가 농담을 한다"
    ),
    "zh": (
        "她坦白错误|他道歉|他收回自己的话|她否认指控|她答应回来|他同意这个计划|她拒绝回答|他感谢团队|她询问价格|"
        "他后悔这个决定|她指责弟弟|他欢迎客人|她告别|他称赞团队|她抱怨噪音|他警告危险|她推荐一本书|他介绍妻子|"
        "她宣布退休|他怀疑数字|她决定留下|她邀请朋友|他祝贺冠军|她希望和平|他害怕黑暗|她原谅父亲|他威胁证人|"
        "她炫耀车|他回忆童年|她开玩笑"
    ),
    "ja": (
        "彼女が間違いを告白する|彼が謝罪する|彼が発言を撤回する|彼女が疑惑を否定する|彼女が帰ると約束する|"
        "彼が計画に同意する|彼女が回答を拒否する|彼がチームに感謝する|彼女が値段を尋ねる|彼が決定を後悔する|"
        "彼女が弟を非難する|彼が客を歓迎する|彼女が別れを告げる|彼がチームを褒める|彼女が騒音に文句を言う|"
        "彼が危険を警告する|彼女が本を勧める|彼が妻を紹介する|彼女が引退を発表する|彼が数字を疑う|"
        "彼女が残ると決める|彼女が友人を招待する|彼が優勝者を祝う|彼女が平和を願う|彼が暗闇を恐れる|"
        "彼女が父を許す|彼が証人を脅す|彼女が車を自慢する|彼が子供時代を思い出す|彼女が冗談を言う"
    ),
}
ROWS = [
    (code, act, sentence)
    for code, sentences in SENTENCES.items()
    for act, sentence in zip(ACTS, sentences.split("|"), strict=True)
]


@pytest.mark.parametrize(("code", "act", "sentence"), ROWS, ids=[f"{code}-{act}" for code, act, _ in ROWS])
def test_acts_are_read(code: str, act: str, sentence: str) -> None:
    found = parse_query(sentence)
    assert (found.act, found.language) == (act, code)
    assert found.event == sentence and found.plain


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_knows_every_act(code: str) -> None:
    grammar = grammar_of(code)
    assert set(grammar.acts) == set(ACTS)
    assert set(grammar.nouns) <= set(ACTS) and {act for act, _, _ in grammar.split} <= {*ACTS, "said"}
