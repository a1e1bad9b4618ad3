"""How people name silence, noise, loudness, a tone, speech, singing, music and the sounds that a model knows.

English, German, Spanish, French, Korean, Chinese and Japanese, as regular expressions in lower case; German ß is ss.
"""

from __future__ import annotations

import re

from whenabouts.evidence.asking import Thing, query_text

__all__ = ["EVENTS", "HEARD", "free_text"]

_WHO = r"(?:she|he|they|everyone|everybody|people|the (?:speakers?|interviewee|interviewer|man|woman|guests?|audience))"

_SILENCE = Thing(
    "silence",
    (
        r"silences?|silent|(?:goes |falls |is )?quiet|quietness|no (?:sound|audio|noise)|soundless|muted?|dead air",
        r"nothing (?:is |can be |to be )?(?:heard|audible)|(?:sound"
        r"|audio) (?:stops|drops? ?outs?|is (?:gone|missing|off))",
        r"without (?:any )?(?:sound|audio)|nobody makes a sound",
        r"stille|schweigen|ruhe|kein (?:ton|laut|geräusch)|ohne ton|stumm|nichts zu hören|tonausfall|still|lautlos",
        r"silencios?|silencioso|sin (?:sonido|audio)|no se oye nada|(?:se va|se corta) el sonido",
        r"silences?|silencieux|sans (?:son|bruit)|(?:aucun|pas de) (?:son|bruit)|on n'entend rien|muette?",
        r"(?:a )?(?:minute|moment) of silence|schweigeminute|minuto de silencio|minute de silence",
        r"(?:말을?\s*잇지\s*못하\S*\s*)?침묵\S*|정적\S*|묵념\S*|고요\S*|무음|조용\S*|소리가?\s*(?:없|안\s*들|끊"
        r"|나지)\S*(?:\s*않\S*)?|아무\s*소리도?\s*\S*(?:\s*않\S*)?",
        r"默哀\S*|沉默|寂静|寂靜|安静|安靜|静音|靜音|没有?声音|沒有?聲音|无声|無聲|鸦雀无声|鴉雀無聲",
        r"黙祷\S*|沈黙|静寂|静か\S*|静けさ|無音|音が(?:しない|ない|消え|途切れ|聞こえない)\S*|静まり返\S*",
    ),
)
_NO_SPEECH = Thing(
    "no speech",
    (
        r"(?:nobody|no[ -]?one) (?:speaks|talks|is (?:speaking|talking)|says (?:anything|a word)|spoke|talked)",
        r"(?:without|no) (?:speech|talking|speaking|words|voices?|one speaking)|nothing is said|no words are spoken",
        rf"{_WHO} (?:stops?|stopped|ceases?|quits?) (?:talking|speaking)",
        rf"{_WHO} (?:(?:is|are|remains?|stays?|falls?|fell|goes|go) (?:silent|quiet|speechless)|says? nothing)",
        rf"{_WHO} (?:does not|doesn't|do not|don't) (?:speak|talk|say (?:anything|a word))(?: for (?:a while|some time))?",
        r"(?:a )?(?:long )?pause in which (?:nobody|no[ -]?one) (?:speaks|talks|says (?:anything|a word))",
        rf"{_WHO} (?:is|are) (?:lost for|at a loss for|without) words",
        r"(?:speech|talking) (?:stops|pauses|ends)|pauses? in (?:the )?(?:speech|conversation|talking)",
        r"niemand (?:spricht|redet|sagt (?:etwas|ein wort))|keiner (?:spricht"
        r"|redet)|(?:sprech|rede)pause|ohne sprache",
        r"(?:sie|er) (?:hört auf zu (?:sprechen|reden)|schweigt|schweigen|sagt nichts|verstummt|spricht nicht)",
        r"nadie (?:habla|dice nada)|(?:ella |él )?(?:deja|dejan|para) de hablar|(?:ella |él )?se callan?|sin hablar",
        r"personne ne (?:parle|dit rien)|(?:elle|il|on) (?:arrête|cesse) de parler|(?:elle|il) se tait|sans parole",
        r"(?:한참\s*(?:동안\s*)?)?(?:아무\s*)?(?:말|대답)(?:이|도)?\s*(?:없|하지\s*않)\S*|말을?\s*잇지\s*못\S*",
        r"아무도\s*(?:말|이야기|얘기|대화)\S*(?:\s*(?:안|않|없)\S*)*"
        r"|말을?\s*멈\S*|(?:말|대화)[가이을를]?\s*(?:없|끊|중단)\S*",
        r"没有?人(?:说话|讲话)|沒有?人(?:說話|講話)|无人说话|(?:她|他"
        r"|她们|他们)?(?:停止|不再)(?:说话|講話|讲话|說話)",
        r"誰も(?:話さ|話し|しゃべ|喋|何も言わ)\S*|(?:話|会話)(?:すの"
        r"|すこと)?(?:をやめ|が止ま|が途切れ)\S*|黙(?:る|り込|っ)\S*",
    ),
)
_SPEECH = Thing(
    "speech",
    (
        r"speech|(?:human )?voices?|(?:someone|somebody|anyone|people) (?:(?:is|are|starts|begins) )?(?:to )?"
        r"(?:speak|talk)(?:s|ing)?|speaking|talking",
        r"sprache|stimmen?|jemand (?:spricht|redet)|gesprochenes?",
        r"vo(?:z|ces)|alguien habla|voix|parole|quelqu'un parle|on parle",
        r"말소리|목소리|사람\s*소리|누군가\s*(?:말|이야기|얘기)\S*|음성",
        r"说话声|說話聲|人声|人聲|有人(?:说话|讲话|說話)|语音|語音",
        r"話し声|人の声|声|誰かが(?:話|しゃべ|喋)\S*|音声",
    ),
    alone=False,
)
_MUSIC = Thing(
    "music",
    (
        r"(?:(?:background|loud|soft|some|the|live|instrumental) )*music"
        r"(?: (?:(?:is|starts|begins|stops|ends|comes|playing|played|plays|heard|to|play|sounds?) ?)+)?",
        r"songs?|melody|tune|jingle|soundtrack|instrumental",
        r"(?:hintergrund)?musik(?: (?:spielt|läuft|erklingt|ertönt|beginnt|setzt ein))?|melodie",
        r"música(?: de fondo)?|melodía|canción|musique(?: de fond)?|mélodie|chanson",
        r"(?:배경\s*)?음악\S*|배경음|곡이\s*\S+|노래가\s*(?:나오|흐르|들리)\S*",
        r"(?:背景)?音乐|(?:背景)?音樂|配乐|配樂|乐曲|樂曲|(?:放|播放)(?:着)?(?:音乐|歌)",
        r"(?:背景)?音楽|bgm|曲|メロディー?",
    ),
)
_SINGING = Thing(
    "singing",
    (
        r"(?:(?:someone|somebody|people|she|he|they|a (?:man|woman|choir|child|girl|boy)|is|are|starts|begins|to) )*"
        r"(?:sings?|singing|sung)(?: (?:a |the )?song)?|choir|vocals|a song is sung",
        r"gesang|(?:(?:sie|er|jemand) )?singt|singen|chor",
        r"cantos?|(?:alguien )?canta(?:n|ndo)?|coro|chante(?:nt|r)?|chant|(?:quelqu'un|elle|il|on) chante|chorale",
        r"노래\S*(?:\s*[부불]\S*)?|노랫소리|합창\S*",
        r"唱歌|歌声|歌聲|合唱|在唱",
        r"歌声|歌(?:う|い|って)\S*|合唱",
    ),
    alone=False,
)
_SUDDEN = Thing(
    "sudden",
    (
        r"(?:(?:sudden|loud|abrupt|unexpected|big) )+(?:noise|sound|bang|boom|crash|thud)s?|bangs?|booms?|thuds?",
        r"(?:(?:plötzlich|laut)\w* )+(?:geräusch|knall|lärm|ton|schlag)|knall|es knallt|krachen|kracht",
        r"(?:ruido|sonido|golpe) (?:fuerte|repentino|súbito|brusco)|estruendo|estallido",
        r"(?:bruit|son) (?:fort|soudain|brusque)|détonation|fracas|claquement",
        r"(?:큰|시끄러운|갑작스러운)\s*(?:소리|소음)|쾅\S*|굉음|쿵\S*",
        r"(?:一声|一聲)?(?:巨响|巨響|响声|響聲)|(?:很?大的)?噪音|砰\S*|(?:大|很大的?)(?:响|声音|聲音)",
        r"(?:大きな|突然の|激しい)(?:音|物音|騒音)|轟音|爆音|物音",
    ),
)
_LOUD = Thing(
    "loud",
    (
        r"(?:very |extremely )?loud|loudest(?: (?:part|moment|passage))?|loud (?:part|passage)s?|shouting",
        r"(?:sehr )?laut|lauteste\w*|muy (?:alto|fuerte)|ruidoso|très fort|bruyant",
        r"시끄러\S*|음량이\s*큰|大声|大聲|很吵|吵闹|うるさい|騒がしい|大音量",
    ),
)
_LOUDER = Thing(
    "louder",
    (
        r"(?:(?:it|sound|volume|audio|music) )?(?:gets|becomes"
        r"|grows) louder|volume (?:rises|jumps|increases|goes up)",
        r"(?:es )?wird lauter|lautstärke steigt|sube el volumen|más fuerte|le (?:volume|son) (?:monte|augmente)",
        r"(?:소리|음량)[가이]?\s*커\S*|声音变大|音量变大|音量(?:增大|提高)|音量?が大きくな\S*",
    ),
)
_QUIETER = Thing(
    "quieter",
    (
        r"(?:(?:it|sound|volume|audio|music) )?(?:gets|becomes"
        r"|grows) (?:quieter|softer)|volume (?:drops|falls|decreases)",
        r"(?:es )?wird leiser|lautstärke sinkt|baja el volumen|más bajo|le (?:volume|son) (?:baisse|diminue)",
        r"(?:소리|음량)[가이]?\s*(?:작아|줄어)\S*|声音变小|音量(?:变小|减小|降低)|音量?が小さくな\S*",
    ),
)
_LEVEL = Thing(
    "level",
    (
        r"changes? (?:of|in) (?:the )?(?:volume|loudness|level)|(?:volume|loudness|level) changes?",
        r"lautstärkeänderung|die lautstärke ändert sich|cambio de volumen|changement de volume",
        r"음량\s*변화|音量变化|音量の変化",
    ),
)
_TONE = Thing(
    "tone",
    (
        r"beep(?:s|ing)?|bleep(?:s|ing)?|(?:test |sine |pure |steady )?tones?"
        r"|sine wave|(?:1|one) ?k(?:ilo)?hz(?: tone)?",
        r"tonalité|cloche|piep(?:ton|töne|t|en|ser)?|(?:mess|sinus|signal|dauer)ton|pitidos?|tono(?: de prueba)?|bips?|signal sonore",
        r"삐\S*|신호음|비프\S*|哔\S*|嗶\S*|蜂鸣声?|滴滴声|测试音|ピー\S*|ビープ\S*|電子音|信号音|テスト音",
    ),
)

HEARD: tuple[Thing, ...] = (
    _SILENCE,
    _NO_SPEECH,
    _SPEECH,
    _MUSIC,
    _SINGING,
    _SUDDEN,
    _LOUD,
    _LOUDER,
    _QUIETER,
    _LEVEL,
    _TONE,
)


def _event(label: str, *patterns: str) -> Thing:
    return Thing(label, patterns, alone=False)


# Their names are labels of AudioSet, which models of sound events are trained with.
EVENTS: tuple[Thing, ...] = (
    _event(
        "Applause",
        r"(?:rounds? of |burst of )?applau(?:se|ds?|ding|s|diert)|aplausos?|applaudissements?|(?:audience|people|they|crowd) "
        r"(?:clap|claps|applauds?)|clapping|beifall|klatschen",
        r"(?:(?:사람들?|청중들?|관객들?|관중들?|모두|다들)[이가은는]?\s*)?박수\S*(?:\s*(?:소리|보내\S*|보낸\S*|치\S*|친\S*|쳐\S*))?|갈채|掌声|掌聲|鼓掌|拍手\S*|喝采",
    ),
    _event(
        "Laughter",
        r"(?:bursts? of |burst out )?laugh(?:s|ter|ing)?|(?:she|he|they|someone|people|audience) laughs?|gelächter|lachen|lacht|risas?|"
        r"ríen?|rires?|rient?",
        r"웃음\S*(?:\s*소리)?|웃는?\S*|笑声|笑聲|大笑|笑い声|笑う|笑い",
    ),
    _event("Cheering", r"cheer(?:s|ing)?|jubel\w*|vítores|acclamations?", r"환호\S*|欢呼\S*|歡呼\S*|歓声"),
    _event(
        "Crying, sobbing",
        r"crying|sobbing|sobs?|(?:she|he|someone) cries|weinen|weint|llanto|llora|pleurs?|pleure",
        r"우는\s*소리|울음\S*|흐느\S*|哭声|哭聲|哭泣|泣き声|すすり泣\S*",
    ),
    _event(
        "Baby cry, infant cry",
        r"baby (?:cries|crying)|(?:das )?baby (?:weint|schreit)|llanto de bebé|bébé (?:pleure|qui pleure)",
        r"아기\s*(?:울음|우는)\S*|婴儿(?:的)?哭\S*|赤ちゃんの泣き声",
    ),
    _event(
        "Telephone bell ringing",
        r"(?:tele)?phones? (?:rings?|ringing|is ringing)|ringing (?:tele)?phone|ringtone|"
        r"telefon (?:klingelt|läutet)|suena (?:el|un) teléfono|teléfono suena"
        r"|timbre del teléfono|(?:téléphone )?sonne(?:rie)?(?: de téléphone)?",
        r"전화(?:벨)?\S*(?:\s*(?:울리|울려)\S*)?|电话(?:铃)?(?:声|响)\S*"
        r"|電話(?:鈴)?(?:聲|響)\S*|電話が(?:鳴)\S*|着信音",
    ),
    _event(
        "Doorbell",
        r"doorbell(?: rings)?|(?:es )?klingelt(?: an der tür)?|türklingel|timbre|sonnette",
        r"초인종\S*|门铃\S*|チャイム\S*|呼び鈴",
    ),
    _event(
        "Knock",
        r"knock(?:s|ing)?(?: (?:on|at) the door)?|klopfen|klopft|golpes? en la puerta|on frappe(?: à la porte)?",
        r"노크\S*|敲门\S*|敲門\S*|ノック\S*",
    ),
    _event(
        "Bark",
        r"(?:a )?dogs? (?:barks?|barking)|bark(?:s|ing)?|(?:ein )?hund bellt|bellen|gebell|ladridos?|perro ladra|"
        r"aboiements?|chien aboie",
        r"개가?\s*짖\S*|狗(?:叫|吠)\S*|犬(?:の鳴き声|が(?:吠|鳴)\S*)",
    ),
    _event(
        "Meow",
        r"(?:cats? )?meow(?:s|ing)?|katze miaut|maullidos?|miaulements?",
        r"고양이\s*(?:울음|우는)\S*|猫叫\S*|猫の鳴き声",
    ),
    _event(
        "Siren",
        r"sirens?(?: (?:wails?|sounds?))?|sirenen?|sirenas?"
        "|sirènes?",
        r"사이렌\S*|警笛\S*|警报\S*|サイレン\S*",
    ),
    _event(
        "Alarm",
        r"(?:fire )?alarms?(?: (?:goes off|rings|sounds))?|alarm ertönt|alarmas?|alarmes?",
        r"경보\S*|알람\S*|闹钟\S*|アラーム\S*|警報\S*",
    ),
    _event(
        "Gunshot, gunfire",
        r"gun ?shots?|gunfire|shots? (?:is |are )?fired|schüsse|schuss|disparos?|tiros?|coups? de feu",
        r"총성|총소리|枪声|槍聲|銃声",
    ),
    _event("Explosion", r"explosions?|explodes?|explosion|explosión|explosiones", r"폭발\S*|爆炸\S*|爆発\S*"),
    _event("Thunder", r"thunder(?:s|storm)?|donner|donnert|truenos?|tonnerre", r"천둥\S*|雷声|雷聲|打雷|雷鳴|雷"),
    _event("Rain", r"rain(?:s|ing|fall)?|regen|regnet|lluvia|pluie", r"빗소리|雨声|雨聲|雨音"),
    _event(
        "Vehicle horn, car horn, honking",
        r"(?:car )?horns?(?: honks?)?|honk(?:s|ing)?|hupen?|hupt|bocina|claxon|klaxon",
        r"경적\S*|喇叭声?|クラクション",
    ),
    _event(
        "Engine",
        r"engine(?: (?:starts|runs|roars|noise))?|motor(?:engeräusch|lärm)?|moteur",
        r"엔진\S*|引擎\S*|发动机\S*|エンジン\S*",
    ),
    _event(
        "Walk, footsteps",
        r"footsteps?|schritte|pasos"
        "|(?:bruits? de )?pas",
        r"발소리|발자국\s*소리|脚步声|腳步聲|足音",
    ),
    _event(
        "Door",
        r"doors? (?:slams?|closes|opens|creaks?)|tür (?:knallt|schlägt zu)|portazo|porte (?:claque|qui claque)",
        r"문\s*(?:닫|여)\S*\s*소리|关门声|ドアの音",
    ),
    _event(
        "Cough",
        r"cough(?:s|ing)?|(?:she|he|someone) coughs|hust(?:en|et)|tos(?:e)?|toux|tousse",
        r"기침\S*|咳嗽\S*|咳\S*",
    ),
    _event("Sneeze", r"sneez(?:e|es|ing)|nies(?:en|t)|estornud\w*|éternu\w*", r"재채기\S*|喷嚏|噴嚏|くしゃみ"),
    _event(
        "Screaming",
        r"scream(?:s|ing)?|(?:she|he|someone) screams|schrei(?:e|t|en)?|gritos?|grita|cris?",
        r"비명\S*|尖叫\S*|悲鳴|叫び声",
    ),
    _event(
        "Bird vocalization, bird call, bird song",
        r"birds? (?:sing|sings|chirp|chirps|singing|chirping)|bird ?song|vogelgesang|vögel (?:singen|zwitschern)|"
        r"canto de (?:los )?pájaros|chants? d'oiseaux",
        r"새\s*소리|새가?\s*(?:지저귀|우)\S*|鸟叫\S*|鳥のさえずり|鳥の(?:鳴き)?声",
    ),
    _event(
        "Church bell",
        r"(?:church )?bells?(?: (?:ring|rings|toll|ringing))?|glocken?(?: läuten)?|campanas?|cloches?",
        r"종소리|钟声|鐘聲|鐘の音",
    ),
    _event(
        "Whistling", r"whistl(?:e|es|ing)|pfeif(?:en|t)|silbidos?|sifflements?|siffle", r"휘파람\S*|口哨\S*|口笛\S*"
    ),
    _event(
        "Typing",
        r"typing|keyboard clatter|tippen|tecleo"
        "|frappe au clavier",
        r"타자\S*|타이핑\S*|打字声|タイピング\S*",
    ),
    _event(
        "Glass",
        r"glass (?:breaks|breaking|shatters|smashes)|breaking glass|glas (?:zerbricht"
        r"|klirrt)|cristales? roto|verre (?:brisé|qui se brise)",
        r"유리\S*\s*(?:깨지|깨)\S*|玻璃(?:破碎|碎)\S*|ガラスが割れ\S*",
    ),
)

_FREE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:when |where )?(?:there is |we hear |you hear )?(?:the |a )?(?:sound|noise)s? of (?P<words>.+)",
        r"(?:when |where )?(?:we|you|one) (?:can )?hears? (?P<words>.+)",
        r"(?:when |where )?(?P<words>.+?) (?:is|are|can be) (?:heard|audible)",
        r"(?:wann |wo )?(?:hört man|ist) (?P<words>.+?) (?:zu hören|hörbar)",
        r"das geräusch (?:von|eines|einer|des|der) (?P<words>.+)",
        r"el (?:sonido|ruido) de (?P<words>.+)|se oyen? (?P<other>.+)",
        r"le (?:son|bruit) (?:de|d'|du|des) ?(?P<words>.+)|on entend (?P<other>.+)",
        r"(?P<words>.+?)\s*소리가?\s*[들나난]\S*(?:\s*\S+)?",
        r"(?:听到|聽到)(?P<words>.+)|(?P<other>.+)的(?:声音|聲音)",
        r"(?P<words>.+?)(?:の音|が聞こえ\S*)",
    )
)


def free_text(query: str) -> str | None:
    """What is to be heard, where a query says that something is, in its own words; else None.

    >>> free_text("The sound of a chainsaw")
    'a chainsaw'
    >>> free_text("a chainsaw")
    """
    text = query_text(query)
    for pattern in _FREE:
        if match := pattern.fullmatch(text):
            return next(words for words in match.groups() if words)
    return None
