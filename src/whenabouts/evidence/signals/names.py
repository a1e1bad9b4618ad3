"""How people name a black, frozen or blank picture, colour bars, a flash, a cut, a fade and a break.

English, German, Spanish, French, Korean, Chinese and Japanese, as regular expressions in lower case; German ß is ss.
"""

from __future__ import annotations

from whenabouts.evidence.asking import Thing

__all__ = ["BLANK", "SIGNALS"]

BLANK = "blank"  # a thing "blank white" is a picture of that colour

_BLACK = Thing(
    "black",
    (
        r"black(?:ed)?[ -]?(?:screen|picture|image|frames?|video|out|stretch)|blackouts?|darkness",
        r"(?:screen|picture|image|video|it|everything) (?:(?:is|goes"
        r"|go|turns?|becomes?|cuts? to|stays?|all|completely"
        r"|totally|entirely) )+(?:black|dark)",
        r"(?:cuts?|goes|turns?) to black|no picture|nothing (?:is "
        r"|can be )?(?:on (?:the )?screen|seen|to see|visible)",
        r"schwarz(?:er|e|es|en)? (?:bildschirm|bild)|schwarzbild(?:er)?",
        r"bild(?:schirm)? (?:(?:ist|wird|bleibt|ganz|völlig|komplett) )*(?:schwarz|dunkel)|kein bild",
        r"pantalla (?:(?:en|se pone|se queda|queda|está|completamente|totalmente) )*negr[oa]|imagen negra|sin imagen",
        r"(?:écran|image) (?:(?:est|devient|tout|toute|complètement) )*noire?|plus d'image|noir complet",
        r"(?:검은|까만|검정)\s*화면|블랙\s*(?:아웃|스크린)|암전\S*",
        r"화면[이은]?\s*(?:완전히\s*)?(?:검게|까맣게|검어|까매|꺼[지진져])\S*(?:\s*(?:변|되|바뀌)\S*)?",
        r"黑屏|黑場|黑场|(?:画面|畫面|屏幕|螢幕|荧幕)\s*(?:变|變|全|一片"
        r"|成|为|漆)*\s*黑\S*|黑色?的?(?:画面|畫面|屏幕|螢幕)",
        r"黒い?(?:画面|映像)|真っ黒(?:な画面|な映像|になる|になり)?|ブラックアウト|黒味|暗転\S*",
        r"(?:画面|映像)が(?:真っ)?(?:黒|暗)(?:く|転|に)\S*",
    ),
)
_FROZEN = Thing(
    "frozen",
    (
        r"(?:picture|image|video|frame|screen|stream) (?:(?:is|gets|has|was) )?"
        r"(?:freez\w*|froz\w*|stuck|stops? moving|hangs?|stands? still)",
        r"(?:frozen|freeze|freezing|stuck)[ -]?(?:picture|image|video|frame|screen)s?|freezes?|nothing moves",
        r"(?:bild|video|bildschirm) (?:(?:ist|bleibt|wird) )?(?:friert(?: ein)?"
        r"|eingefroren|hängt|stehen|einfriert|steht)",
        r"eingefroren\w* (?:bild|video)|standbild(?:er)?",
        r"imagen (?:(?:se|está|queda|se queda) )*(?:congela\w*|fija|parada)",
        r"image (?:(?:est|se|reste) )*(?:figée?|fige|gelée?|gèle|fixe|bloquée?)|arrêt sur image",
        r"화면[이은]?\s*(?:멈|정지|얼어)\S*|정지\s*(?:화면|영상)|멈춘\s*화면|영상[이은]?\s*(?:멈|정지)\S*",
        r"(?:画面|畫面|影像)(?:定格|静止|靜止|卡住|冻结|凍結|冻住|停住"
        r"|停顿|不动)\S*|定格|静止画面|靜止畫面|卡住的?画面",
        r"(?:画面|映像)が(?:止ま|固ま|フリーズ|静止|動かな)\S*|フリーズ\S*|静止画|静止した(?:画面|映像)",
    ),
)
_STILL = Thing(
    "still",
    (
        r"still (?:picture|image|frame|photo|shot)s?|(?:slide|photo|picture) (?:is )?(?:held|stays)",
        r"imagen estática|image statique|정지\s*사진|静态图片",
    ),
)
_BARS = Thing(
    "bars",
    (
        r"colou?r bars?|test (?:pattern|card|picture|signal|screen|chart)s?|smpte(?: bars?)?|bars and tone",
        r"(?:test (?:pattern|card|picture|image) with )?colou?red (?:stripes|bars|bands)|stripes of colou?r",
        r"farbbalken|testbild(?:er)?|farbige streifen|bunte (?:streifen|balken)",
        r"barras de color(?:es)?|carta de ajuste|patrón de prueba",
        r"mire(?: de (?:barres|couleurs?|réglage))?|barres? de couleurs?",
        r"컬러\s*바|색상?\s*막대|화면\s*조정|테스트\s*(?:패턴|화면)",
        r"彩条|彩條|测试(?:图|卡|画面)|測試(?:圖|卡|畫面)",
        r"カラーバー|テスト(?:パターン|画面|映像|信号)|(?:알록달록한|색색의)\s*(?:줄|막대)\S*|彩色条纹|彩色條紋",
    ),
)
_FLASH = Thing(
    "flash",
    (
        r"flashing lights?|strobe?s?(?: lights?)?|strobing",
        r"(?:(?:camera|photo|photographer'?s|strobe|light|white) )?flash(?:es"
        r"|ing)?(?: of light)?(?: goes off| go off)?",
        r"blitz(?:licht(?:er)?|t|e)?|stroboskop\w*",
        r"flashs|destellos?|estroboscop\w*|éclairs? de lumière|stroboscop\w*",
        r"플래시\S*(?:\s*터\S*)?|섬광|스트로보\S*|번쩍\S*",
        r"闪光灯?|閃光燈?|频闪|頻閃|闪了?一下",
        r"フラッシュ\S*|ストロボ\S*|閃光",
    ),
)
_CUT = Thing(
    "cut",
    (
        r"(?:(?:hard|straight|scene|shot|jump|camera|sharp) )?cuts?",
        r"(?:scene|shot|camera|picture|image)s? (?:changes?|switch(?:es)?|cuts?)|(?:scene|shot) changing",
        r"changes? of (?:scene|shot|camera)|new (?:scene|shot)",
        r"cuts? to (?:another|a different|a new|the next) (?:scene|shot|camera|picture|image)",
        r"(?:hart\w* )?schnitte?|szenenwechsel|umschnitt|(?:szene|einstellung|kamera|bild) wechselt",
        r"corte(?: (?:duro|seco))?|cambio de (?:escena|plano)|cambia (?:la escena|el plano)",
        r"coupe(?: franche)?|changement de (?:scène|plan)",
        r"장면\s*(?:전환|변화)|컷(?:\s*전환)?|(?:화면|장면)[이은]?\s*(?:바뀌|바뀐|전환)\S*",
        r"(?:场景|場景|画面|畫面|镜头|鏡頭)(?:的)?(?:切换|切換|转换|轉換|变化|變化|改变|改變)|硬切|转场|轉場",
        r"カット|場面(?:転換|が変わ\S*)|(?:シーン|画面)(?:の切り?替え|が(?:変わ|切り?替わ)\S*)|シーンチェンジ",
    ),
)
_FADE_OUT = Thing(
    "fade out",
    (
        r"(?:(?:screen|picture|image|video|it) )?fad(?:e|es|ing)[ -](?:(?:in)?to[ -]black|out)",
        r"abblende\w*|ausblend\w+|schwarzblende|blendet (?:sich )?(?:ab|aus)|blende ins schwarze",
        r"fundido (?:a|en) negro|fondu (?:au|en) noir|fondu de fermeture",
        r"페이드\s*아웃\S*|(?:화면[이은]?\s*)?(?:서서히|천천히)\s*어두워\S*",
        r"淡出|渐隐|漸隱|(?:逐渐|慢慢)变黑",
        r"フェード\s*アウト|徐々に暗く\S*",
    ),
)
_FADE_IN = Thing(
    "fade in",
    (
        r"(?:(?:screen|picture|image|video|it) )?fad(?:e|es|ing)[ -](?:(?:up )?from[ -]black|in|up)",
        r"aufblende\w*|einblend\w+|blendet (?:sich )?(?:auf|ein)",
        r"fundido (?:desde|de) negro|fondu (?:depuis le|du) noir|fondu d'ouverture",
        r"페이드\s*인\S*|淡入|渐显|漸顯|フェード\s*イン",
    ),
)
_BREAK = Thing(
    "break",
    (
        r"(?:(?:coffee|lunch|short|tea|commercial|ad|advert(?:ising)?|station) )?breaks?|pauses?|intermission|interval",
        r"recess|adjournment|commercials?|adverts?|advertisements?|ads|interruption(?: of the (?:transmission|broadcast))?",
        r"(?:the )?(?:transmission|broadcast|signal|recording|session|meeting|hearing|game|match) (?:(?:is|was|gets|has been) )?"
        r"(?:interrupted|lost|suspended|paused|adjourned|breaks? off|drops? out)|loss of (?:the )?signal|signal loss",
        r"pausen?|unterbrechung|werbung|werbe(?:pause|block|spots?)|(?:sitzungs|sende)(?:pause|unterbrechung)|signalausfall",
        r"pausas?|descanso|intermedio|receso|publicidad|anuncios|interrupción|corte publicitario|pausa publicitaria",
        r"entracte|interruption|publicité|pub|page de publicité|coupure|suspension(?: de (?:la )?(?:séance|audience))?",
        r"휴식(?:\s*시간)?|쉬는\s*시간|휴게\s*시간|광고(?:\s*시간)?(?:[가이]?\s*(?:끝|나오|나가|시작)\S*)?|정회|휴정|휴회|중단|막간",
        r"(?:방송|중계|신호|녹화|회의|경기)[가이]?\s*(?:중단|끊)\S*",
        r"休息|中场休息|中場休息|幕间|广告(?:时间)?|廣告(?:時間)?|休会|休會|休庭|(?:信号|訊號|直播|转播|录制)?(?:的)?中断|插播",
        r"休憩|中断|幕間|ブレイク|コマーシャル|CM|ＣＭ|cm|休会|広告",
    ),
    alone=False,
)
_COLOURS = {
    "white": ("white", "weiss", "blanc[oahe]*", "하얀|흰|백색", "白色?", "白い?|真っ白"),
    "blue": ("blue", "blau", "azul|bleue?", "파란|푸른", "蓝色?|藍色?", "青い?"),
    "green": ("green", "grün", "verde|verte?", "초록|녹색|초록색", "绿色?|綠色?", "緑"),
    "red": ("red", "rot", "roj[oa]|rouge", "빨간|붉은", "红色?|紅色?", "赤い?"),
    "yellow": ("yellow", "gelb", "amarill[oa]|jaune", "노란", "黄色?|黃色?", "黄色い?"),
    "grey": ("gr[ea]y", "grau", "gris[ea]?", "회색", "灰色?", "灰色"),
    "": (
        "blank|empty|(?:one|single)[ -]colou?r(?:ed)?|plain|uniform|solid",
        "leer|einfarbig",
        "vací[oa]|vide|uni",
        "빈|단색",
        "空白|纯色|純色",
        "真っさら|無地|単色",
    ),
}


def _blank(colour: str) -> Thing:
    english, german, romance, korean, chinese, japanese = _COLOURS[colour]
    return Thing(
        f"{BLANK} {colour}".strip(),
        (
            rf"(?:(?:blank|empty|plain|solid|all) )?(?:{english})[ -]?(?:screen|picture|image|frame)s?",
            rf"(?:screen|picture|image) (?:(?:is|goes|turns|becomes|all|completely) )+(?:{english})",
            rf"(?:{german})(?:er|e|es|en)? bild(?:schirm)?|bild(?:schirm)? (?:(?:ist|wird|ganz) )*(?:{german})",
            rf"(?:pantalla|écran|imagen|image) (?:(?:en|est|está|devient|se pone|de color) )*(?:{romance})",
            rf"(?:{korean})색?\s*화면|화면이\s*(?:{korean})\S*",
            rf"(?:{chinese})的?(?:画面|畫面|屏幕|螢幕|屏)",
            rf"(?:{japanese})の?な?(?:画面|映像)",
        ),
    )


SIGNALS: tuple[Thing, ...] = (
    _BLACK,
    _FADE_OUT,
    _FADE_IN,
    _FROZEN,
    _STILL,
    _BARS,
    _FLASH,
    *(_blank(colour) for colour in _COLOURS),
    _CUT,
    _BREAK,
)
