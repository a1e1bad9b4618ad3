"""Which queries ask for a signal or a sound, in seven languages, and which only sound like it."""

from __future__ import annotations

import pytest

from whenabouts.evidence.asking import MAX_ASKING_CHARS, is_long, thing_asked
from whenabouts.evidence.heard import Heard
from whenabouts.evidence.signal import Signal
from whenabouts.evidence.signals import SIGNALS
from whenabouts.evidence.sound.names import EVENTS, HEARD, free_text
from whenabouts.query import ParsedQuery

SIGNAL_QUERIES = {
    "black": (
        "black screen; a black screen; when does the screen go black?; the picture is black; It cuts to black.; "
        "the screen turns completely black; schwarzes Bild; Wann wird das Bild schwarz?; ein schwarzer Bildschirm; "
        "pantalla negra; la pantalla se pone negra; écran noir; l'écran devient noir; 검은 화면; 화면이 검게 변한다; "
        "화면이 까맣게 되는 순간; 암전; 黑屏; 屏幕变黑; 画面一片漆黑; 黒い画面; 画面が真っ暗になる; ブラックアウト"
    ),
    "frozen": (
        "the picture freezes; frozen picture; the video is stuck; freeze frame; das Bild friert ein; "
        "ein eingefrorenes Bild; imagen congelada; la imagen se congela; "
        "image figée; l'image se fige; 화면이 멈춘다; "
        "정지 화면; 画面定格; 画面卡住了; 画面が止まる; 画面がフリーズする"
    ),
    "bars": (
        "colour bars; color bars; a test pattern is shown; Farbbalken; das Testbild; barras de color; "
        "carta de ajuste; mire de barres; 컬러 바; 화면 조정; 彩条; 测试图; カラーバー; テストパターン"
    ),
    "flash": "a flash; a camera flash goes off; flashing lights; strobe light; Blitzlicht; ein Blitz; "
    "un destello; un flash; 플래시가 터진다; 闪光灯; フラッシュ",
    "cut": "a hard cut; the scene changes; scene change; ein harter Schnitt; Szenenwechsel; cambio de plano; "
    "corte; changement de plan; 장면 전환; 화면이 바뀐다; 场景切换; 镜头切换; 場面転換; 画面が切り替わる",
    "fade out": "fade to black; it fades out; the picture fades to black; Abblende; fundido a negro; fondu au noir; "
    "페이드 아웃; 淡出; フェードアウト",
    "fade in": "fade in; a fade from black; Aufblende; fondu d'ouverture; 페이드 인; 淡入; フェードイン",
    "blank white": "white screen; a blank white screen; the screen turns white; weißer Bildschirm; pantalla blanca; "
    "écran blanc; 하얀 화면; 흰 화면; 白屏; 白色画面; 白い画面",
    "blank blue": "a blue screen; blauer Bildschirm; pantalla azul; écran bleu; 파란 화면; 蓝屏; 青い画面",
    "blank": "a blank screen; leerer Bildschirm; 빈 화면; 纯色画面; 単色の画面",
    "break": "the break; a coffee break; intermission; die Pause; el descanso; l'entracte; 휴식 시간; 中场休息; 休憩",
}
SOUND_QUERIES = {
    "silence": "silence; a long silence; there is a long silence; it goes quiet; no sound; the sound drops out; "
    "Stille; eine lange Stille; kein Ton; silencio; un largo silencio; no se oye nada; un long silence; "
    "aucun son; 긴 침묵; 정적; 소리가 없다; 아무 소리도 들리지 않는다; "
    "长时间的沉默; 没有声音; 長い沈黙; 無音; 音がしない",
    "no speech": "nobody speaks; no one is talking; she stops talking; everyone falls silent; niemand spricht; "
    "sie hört auf zu reden; nadie habla; deja de hablar; personne ne parle; elle se tait; "
    "아무도 말하지 않는다; 말을 멈춘다; 没人说话; 没有人说话; 誰も話さない; 黙り込む",
    "speech": "speech; someone is talking; voices; jemand spricht; alguien habla; "
    "quelqu'un parle; 말소리; 有人说话; 話し声",
    "music": "music; music plays; background music is playing; when does the music start?; Musik; die Musik spielt; "
    "suena música; de la musique; 음악이 나온다; 배경 음악; 音乐; 背景音乐响起; 音楽が流れる",
    "singing": "someone sings; singing; a choir; Gesang; jemand singt; "
    "alguien canta; quelqu'un chante; 노래를 부른다; "
    "唱歌; 歌声",
    "sudden": "a loud noise; loud noise; a sudden noise; sudden noise; a sudden sound; a bang; ein lauter Knall; ein plötzliches Geräusch; un ruido fuerte; "
    "un bruit soudain; 큰 소리가 난다; 一声巨响; 大きな音",
    "louder": "it gets louder; the volume rises; es wird lauter; 소리가 커진다; 声音变大; 音が大きくなる",
    "tone": "a beep; beeping; a test tone; ein Piepton; un pitido; un bip; 삐 소리; 哔的一声; ピーという音",
    "Applause": "applause; people clap; a round of applause; 사람들이 박수를 친다; 청중이 박수를 보낸다; the audience applauds; Applaus; "
    "aplausos; applaudissements; 박수 소리; 掌声; 拍手",
    "Laughter": "laughter; she laughs; Gelächter; risas; des rires; 웃음소리; 笑声; 笑い声",
    "Telephone bell ringing": "a phone rings; the telephone is ringing; ein Telefon klingelt; suena el teléfono; "
    "전화가 울린다; 电话铃响; 電話が鳴る",
    "Bark": "a dog barks; ein Hund bellt; 개가 짖는다; 狗叫; 犬が吠える",
}
NEITHER = (
    "she talks about her mother; a man in front of a black screen; a woman in a black dress; a red car; "
    "she mentions the silence of the mountains; he cuts the bread; a musician tunes his guitar; the white house; "
    "a flash drive on the table; he takes a break from work and eats; she breaks a glass of water; a black cat; "
    "he says 'black screen'; the title reads \"Silence\"; "
    "a person sits down on a blue chair; the screen shows a map; "
    "people dance in the street; what is her name; how many people died; she first admits a weakness; "
    "eine Frau spricht über ihre Mutter; una mujer habla de su madre; elle parle de sa mère; "
    "그녀는 어머니에 대해 이야기한다; 검은 옷을 입은 여자; 她谈到她的母亲; "
    "一个穿黑衣服的人; 彼女は母について話す; 黒い服の女性; "
    "the budget; a dog; two people shake hands; the camera pans over a lake; a long road; le long de la rivière"
)


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(query.strip(), name) for name, queries in table.items() for query in queries.split(";")]


@pytest.mark.parametrize(("query", "name"), pairs(SIGNAL_QUERIES))
def test_a_signal_is_asked_for(query: str, name: str) -> None:
    thing = thing_asked(query, SIGNALS)
    assert thing is not None and thing.name == name
    assert Signal().concerns(ParsedQuery(query))


@pytest.mark.parametrize(("query", "name"), pairs(SOUND_QUERIES))
def test_a_sound_is_asked_for(query: str, name: str) -> None:
    thing = thing_asked(query, HEARD + EVENTS)
    assert thing is not None and thing.name == name
    assert Heard().concerns(ParsedQuery(query))


@pytest.mark.parametrize("query", [query.strip() for query in NEITHER.split(";")])
def test_what_other_evidence_answers_costs_nothing(query: str) -> None:
    assert not Signal().concerns(ParsedQuery(query))
    assert not Heard().concerns(ParsedQuery(query))


def test_nothing_is_asked_for_by_nothing() -> None:
    for query in ("", " ", "?", "the", "a" * MAX_ASKING_CHARS * 2, "black screen " * 40):
        assert thing_asked(query, SIGNALS) is None and thing_asked(query, HEARD) is None
        assert not Heard().concerns(ParsedQuery(query))


@pytest.mark.parametrize(
    ("query", "long"),
    [
        ("a long silence", True),
        ("the longest silence", True),
        ("eine lange Stille", True),
        ("un largo silencio", True),
        ("긴 침묵", True),
        ("长时间的沉默", True),
        ("長い沈黙", True),
        ("silence", False),
        ("a slang word", False),
    ],
)
def test_length_is_read(query: str, long: bool) -> None:
    assert is_long(query) is long


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("the sound of a chainsaw", "a chainsaw"),
        ("we hear a helicopter", "a helicopter"),
        ("a helicopter is heard", "a helicopter"),
        ("man hört einen Hubschrauber", None),
        ("das Geräusch eines Hubschraubers", "hubschraubers"),
        ("el sonido de un tren", "un tren"),
        ("le bruit d'un train", "un train"),
        ("기차 소리가 들린다", "기차"),
        ("火车的声音", "火车"),
        ("電車の音", "電車"),
        ("a helicopter", None),
    ],
)
def test_any_sound_may_be_described(query: str, words: str | None) -> None:
    assert free_text(query) == words


def test_only_what_nothing_else_shows_is_claimed() -> None:
    assert Signal.words_sought("black screen") and Heard.words_sought("a long silence")
    assert Signal.words_sought("the break") is None, "it may be spoken of"
    assert Heard.words_sought("applause") is None, "subtitles may tell of it, and it may be seen"
    assert Signal.words_sought("a man in front of a black screen") is None
