"""German: a verb may stand before its words or behind them, and its particle at the end of the clause."""

from __future__ import annotations

from whenabouts.query.grammar.grammar import Grammar, Question

_ORDINALS = ("erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte", "zehnte")
_NUMBERS = {name: place for place, name in enumerate(_ORDINALS, start=1)}
_NUMBERS |= {"letzte": -1, "vorletzte": -2, "zweitletzte": -2, "drittletzte": -3}
_NUMBERS |= {"erstmals": 1, "erstmalig": 1, "zuerst": 1, "zuletzt": -1, "letztmals": -1}
_N = (
    r"(?:aller)?(?P<n>erste|zweite|dritte|vierte|fünfte|sechste|siebte|achte|neunte|zehnte|vorletzte|zweitletzte"
    r"|drittletzte|letzte|\d{1,3})(?:[nrsm]|\.)?"
)
_PLACE = r"(?:Moment|Augenblick|Stelle|Szene|Abschnitt|Teil|Zeitpunkt)"
_WHERE = r"(?:an|in|bei|zu)\s+(?:dem|der|denen)|wo|als|wenn|da"
_MENTION = (
    r"(?:Erwähnung|Nennung|Frage|Antwort|Bemerkung|Äußerung|Aussage|Witz|Lachen|Entschuldigung|Geständnis|"
    r"Eingeständnis|"
    r"Versprechen|Begrüßung|Dank|Warnung|Ankündigung|Beschwerde|Kompliment|Zugeständnis|Korrektur|Applaus|Lob)"
)
_EVENT = (
    r"(?:Pause|Unterbrechung|Werbung|Werbepause|Applaus|Applauses|Beifall|Gelächter|Lachen|Stille|Schweigen|Musik|"
    r"Lied|Song|"
    r"Rede|Vortrag|Interview|Gespräch|Diskussion|Debatte|Frage|Antwort"
    r"|Witz|Scherz|Einleitung|Begrüßung|Verabschiedung|"
    r"Spiel|Tor|Halbzeit|Rennen|Kampf|Unfall|Explosion|Ankündigung|Geständnis|Entschuldigung|Tanz|Essen|Mittagessen|"
    r"Abendessen|Treffen|Sitzung|Vorführung|Szene|Abspann|Vorspann|Titel|Anruf|Sturm|Konzert|Gebet|Abstimmung|Kuss|"
    r"Anfang|"
    r"Ende|Beginn|Schluss|Sprung|Sturz|Zeremonie|Auftritt|Präsentation|Erklärung|Film|Video|Schnitt)s?"
)
_SIGNAL = (
    r"(?:(?:laute[rsn]?|harte[rsn]?|lange[rsn]?)\s)?(?:Blitz|Blitzlicht|Schnitt|Schwarzbild|Abblende|Aufblende|Piepton|Ton|Signalton|Knall|Geräusch|Schuss|"
    r"Schrei|Stille|Pause|Applaus|Beifall|Gelächter|Lachen|Lied|Klopfen|Klingeln|Jubel)(?:e|s|es)?"
    r"(?=(?:\s(?:ist|sind)\s(?:zu\shören|zu\ssehen))?$)"
)
_CASE = r"(?:der|dem|den|des|einer|einem|eines|ihrer|ihrem|ihres|seiner|seinem|seines|dieser|diesem)"
_ANCHOR = rf"(?=\s+(?:{_CASE}\s+)?(?:\w+\s+)?{_EVENT}\b)"
_FINITE = r"((?!(?:sie|er|es|man|wir|ich|ihr|jemand|niemand|der|die|das|ein|eine|den|dem|wer|alle)\b)\w+)"
_SWAP = (  # gibt sie das zu -> sie gibt das zu
    (rf"^{_FINITE}\s+(sie|er|es|man|wir|ich|ihr|jemand|niemand)\b", r"\2 \1"),
    (rf"^{_FINITE}\s+((?:der|die|das|ein|eine)\s+\w+)\b", r"\2 \1"),
    (
        r"^(wird|werden|wurde|wurden|ist|sind|war|hat|haben)\s+((?!(?:dem|den|der|die"
        r"|das|des|vom|von|im|in|zum|zur|nicht|über|es)\b)[\wäöü-]+)\s+(?=\S)",
        r"\2 \1 ",
    ),
)
_SPEECH = (
    r"(?:sag|erwähn|sprich|spreche|sprach|rede|erzähl|erklär|nenn|beschreib|diskutier|gibt|entschuldig|dank|bedank|"
    r"frag|"
    r"antwort|lach|wein|gesteh|versprich|versprech|begrüß|verabschied|wird\s)"
)
_SHORT = r"(?=(?:ein|eine|der|die|das|er|sie|es|man|jemand|ihre?|seine?)\s(?:[^\s,]+\s){0,7}[^\s,]+$)"
_SURFACE = (
    r"(?:Schild|Titel|Untertitel|Text|Folie|Tafel|Plakat|Bildschirm|Überschrift|Schriftzug|Banner|Etikett|Logo|"
    r"Einblendung|"
    r"Texttafel|Titelkarte|Schlagzeile|Karte|Abspann|Wand|Zettel|Blatt)"
)

GRAMMAR = Grammar(
    code="de",
    function_words="ihm ihn ihnen an muss möchte will soll der die das den dem des ein eine einen einem einer eines und ist sind war waren wird wurde werde"
    "n sie er es "
    "ich wir ihr ihre ihren ihrer sein seine seinen mit von zu zum zur nach vor bei beim auf aus über unter wenn wan"
    "n wie "
    "was wer wo warum dass nicht kein keine niemand nie hat haben "
    "auch noch nur jedes jede alle im am vom sich nichts "
    "ersten zweiten letzten zweite dritte erwähnt sagt spricht aber oder bis als doch mehr durch für um",
    numbers=_NUMBERS,
    count=(
        Question(r"^wie\s+(?:oft|viele\s+Male|häufig)\s+(?=\S)", None, _SWAP),
        Question(r"^(?:die\s+)?Anzahl\s+der\s+Male,?\s+"),
    ),
    every=(
        r"^(?:bei\s+)?(?:jedes\s+Mal|jedesmal|immer),?\s+(?:wenn|als|dass|wo)\s+(?=\S)",
        rf"^(?:alle|sämtliche|jede[rns]?)\s+{_PLACE}[en]{{0,2}},?\s+(?:{_WHERE})\s+(?=\S)",
        rf"^(?:alle|sämtliche|jede[rns]?)\s+(?=(?:ihrer?\s+)?{_MENTION}(?:en|s|n|e)?\b)",
        rf"^(?:alle|sämtliche|jede[rns]?)\s+(?={_SIGNAL})",
        r"(?<=\S),?\s+(?:jedes\s+Mal|jedesmal)(?=\s|$)",
    ),
    order=(
        rf"^(?:wann\s+(?:ist|war)\s+)?(?:das|beim)\s+{_N}\s+Mal,?\s+(?:(?:dass|als|wenn|wo|bei\s+dem)\s+)?(?=\S)",
        rf"^(?:der|die|das|an\s+der|im|in\s+der)\s+{_N}\s+{_PLACE},?\s+(?:{_WHERE})\s+(?=\S)",
        rf"(?:^|\s)(?:zum|beim|ein)\s+{_N}\s+Mal(?=\s|,|$)",
        rf"^(?:der|die|das|ihre?|seine?)?\s*{_N}\s+(?={_MENTION}\b)",
        rf"^(?:der|die|das)?\s*{_N}\s+(?={_EVENT}$)",
        rf"^(?:der|die|das)?\s*{_N}\s+(?={_SIGNAL})",
        r"(?:^|\s)(?P<n>erstmals|erstmalig|letztmals)(?=\s|$)",
    ),
    adverbs=(r"(?<=\w)\s(?P<n>zuerst|zuletzt)(?=\s|$)(?!.*\bdann\b)",),
    unread=(
        r"(?:^|(?<=\s))(?:ganz\s+)?(?:am|zu)\s+(?:Anfang|Beginn|Ende|Schluss)$",
        r"^(?P<cut>(?:die|bei\s+den)\s+(?:ersten|letzten|nächsten)\s+(?:zwei|drei|vier|fünf|\d+|paar)\s+(?:Male|"
        r"Mal),?\s+"
        r"(?:(?:dass|als|wenn|wo|bei\s+denen)\s+)?)(?=\S)",
        r"\b(?:zweimal|dreimal|viermal|fünfmal|mehrmals|mehrfach|\d+\s?[Mm]al|vielmals|zwei\s+Mal|drei\s+Mal)\b",
        r"\b(?:in|an|während|gegen)\s+der\s+(?:ersten|zweiten|letzten)\s+(?:Hälfte|Minute|Stunde|"
        r"Viertelstunde)\b(?:\s+des\s+\w+)?",
        r"\b(?:in|um|bei|ab|ab der)\s+(?:Minute|Sekunde)\s+\d+|\b\d{1,2}:\d\d(?::\d\d)?\b",
        r"\b(?:innerhalb|binnen)\s+(?:von\s+)?\w+\s+(?:Sekunden|Minuten|Stunden)\b",
        r"(?P<cut>\s\w+\s+(?:Sekunden|Minuten|Stunden)\s+)(?=(?:vor|nach|bevor|nachdem)\b)",
        r"\b(?:der|die|das|den)\s+(?:längste|kürzeste|lauteste|leiseste)n?\b|\babwechselnd\b|\bam\s+(?:häufigsten|"
        r"längsten)\b",
        r"\b(?:das\s+nächste|beim\s+nächsten)\s+Mal\b|\b(?:am|gegen)\s+(?:Anfang|Ende)(?=\s+des\s+(?:Videos|"
        r"Interviews|Gesprächs))\s+\w+\s+\w+",
    ),
    relations=(
        ("right after", rf"(?:gleich|direkt|kurz|unmittelbar)\s+(?:nachdem|nach{_ANCHOR})|sobald"),
        ("right before", rf"(?:gleich|direkt|kurz|unmittelbar)\s+(?:bevor|vor{_ANCHOR})"),
        ("after", rf"nachdem|seitdem|(?:nach|seit){_ANCHOR}"),
        ("before", rf"bevor|ehe|vor{_ANCHOR}"),
        ("while", rf"während|beim(?=\s+{_EVENT}\b)"),
        ("until", r"bis(?=\s+(?:der|die|das|er|sie|es|jemand|zu[rm])\s)"),
        ("between", r"zwischen"),
    ),
    join=r"\s+und\s+",
    conjunctions=r"(?:(?:gleich|direkt|kurz|unmittelbar)\s+)?(?:nachdem|bevor)|seitdem|ehe|sobald|bis",
    front=rf"{_CASE}\s+(?:\w+\s+)?{_EVENT}\b(?=\s+\S)(?!\s+(?:der|des|von|über|mit|zwischen|und)\b)",
    inversion=_SWAP,
    idioms=r"\bnach\s+(?:und\s+nach|wie\s+vor)\b|\bvor\s+allem\b|\bnach\s+dem\s+Ende\s+suchen\b",
    events=rf"^(?:{_CASE}|die|das|ein|eine|zum|zur)?\s*(?:\w+\s+)?{_EVENT}(?:\s(?:des|der|von|über|mit)\s.+)?$",
    bare_anchor=r"^(?!(?:und|oder|aber)\b)\S+\s+\S",
    clause=r"\S+\s+\S+\s+\S+",
    pronouns=r"(?:er|sie|es|man|wir|ich|jemand|alle)",
    no_event=r"^(?:dann|er|sie|und|die Person|eine Person)$",
    nothing=r"^(?:was\s+(?:passiert|geschieht|geschah|kommt|folgt|ist)|(?:sie|er|man|jemand)\s+(?:sagt|sagte)\s+etwas|was\s+(?:sie|er|man)\s+(?:sagt|sagte)|(?:der|die|das)\s+(?:Moment|Stelle|Szene|"
    r"Teil))$",
    questions=(
        Question(
            rf"^(?:(?:bitte\s+)?(?:finde|zeige?|such[e]?)\s+(?:mir\s+)?)?(?:die|den|das|"
            rf"der)\s+{_PLACE},?\s+(?:{_WHERE})\s+(?=\S)"
        ),
        Question(rf"^(?:an|in|zu|bei)\s+welche[rmn]\s+{_PLACE}\s+", None, _SWAP),
        Question(r"^(?:in\s+|im\s+|seit\s+)?welche[msn]?\s+(?:Jahr|Monat|Jahrzehnt|Jahrhundert)\s+", "time", _SWAP),
        Question(r"^an\s+welche[mr]\s+(?:Tag|Datum)\s+", "time", _SWAP),
        Question(r"^wann\s+(?=.*\b(?:geboren|gegründet|erbaut|gebaut|geheiratet)\b)", "time", _SWAP),
        Question(r"^seit\s+wann\s+", "time", _SWAP),
        Question(r"^(?:um\s+)?wie\s?viel\s+Uhr\s+", "time", _SWAP),
        Question(r"^wann\s+(?=\S)", None, _SWAP),
        Question(rf"^(?:wenn|als)\s+{_SHORT}"),
        Question(rf"^wo\s+(?=\S*{_SPEECH})(?!.*\bgeboren\b)", None, _SWAP),
        Question(r"^(?:wo|wohin|woher)\s+(?=\S)", "place", _SWAP),
        Question(r"^(?:in|aus|nach)\s+welche[rmn]\s+(?:Stadt|Land|Ort|Dorf|Straße|Schule)\s+", "place", _SWAP),
        Question(r"^wie\s+(?:heißt|hieß|heißen)\s+(?=\S)", "person"),
        Question(r"^wie\s+(?:ist|lautet|war)\s+(?=(?:ihr|sein|der|dein)\s+(?:\w+)?name\b)", "person"),
        Question(r"^(?:wer|wen|wem|wessen)\s+(?=\S)", "person"),
        Question(
            r"^(?:wie\s?viele?|wie\s+(?:kalt|warm|heiß|spät|breit|lange?|alt"
            r"|weit|groß|hoch|teuer|schnell|tief|schwer))\s+(?=\S)",
            "number",
            ((r"^((?:ist|war|hat|haben|wird|kostete?)\b)\s+(.+)$", r"\2 \1"),),
        ),
        Question(r"^(?:warum|weshalb|wieso|weswegen)\s+(?=\S)", "reason", _SWAP),
        Question(r"^wie\s+(?=\S)", "manner", _SWAP),
        Question(r"^was\s+(?=\S)", "thing", _SWAP),
        Question(r"^welche[rsnm]?\s+(?=\S)", "thing"),
    ),
    negation=r"\b(?:niemand(?:en|em)?|nichts|nie(?:mals)?|nicht\s+mehr|nicht(?!\s+nur)|kein(?:e|en|er|em|"
    r"es)?(?:\s+mehr)?)\b|^ohne\b",
    clause_ends=r"\b(?:und|aber|dass|weil|ob)\b|,",
    acts={
        "apologise": r"entschuldigt(?:\s+sich)?|entschuldigen(?:\s+sich)?|entschuldigte(?:\s+sich)?|"
        r"bittet\s+um\s+(?:Verzeihung|Entschuldigung)"
        r"|sagt\s+Entschuldigung",
        "farewell": r"verabschiedet(?:\s+sich)?(?:\s+von)?|(?:sagt|sagen)\s+(?:auf\s+Wiedersehen|tschüss|Lebewohl)",
        "greet": r"begrüßt|begrüßen|begrüßte|grüßt|(?:sagt|sagen)\s+(?:hallo|guten\s+(?:Tag|Morgen|Abend))|(?:heißt|"
        r"heißen)(?=\s.*willkommen)",
        "thank": r"(?:be)?dankt(?:\s+sich)?(?:\s+bei)?|(?:be)?danken(?:\s+sich)?(?:\s+bei)?|(?:sagt|sagen)\s+danke",
        "admit": r"(?:macht|legt|machte|legte)\s+ein\s+(?:Geständnis|Eingeständnis)(?:\s+ab)?|zugibt|zugeben|zugegeben|zugab|gesteht|gestehen|gestand|gestanden|eingesteht|eingestehen|bekennt|"
        r"räumt\s+ein|einräumt|gibt\s+zu",
        "correct": r"korrigiert|korrigieren|korrigierte|berichtigt|berichtigen|widerruft|widerrufen|zurücknimmt|"
        r"zurücknehmen|zurückgenommen|richtigstellt",
        "deny": r"leugnet|leugnen|leugnete|bestreitet|bestreiten|bestritt|abstreitet|dementiert|verneint",
        "promise": r"(?:macht|gibt|leistet|machen|geben|gab|machte)(?:\s+(?:ihm|ihr|ihnen|mir|uns))?\s+(?:ein|das|sein|ihr)\s+Versprechen|verspricht|versprechen|versprach|versprochen|schwört|gelobt|zusichert",
        "agree": r"zustimmt|zustimmen|zugestimmt|stimmt\s+zu|einwilligt|willigt\s+ein|einverstanden\s+ist|"
        r"pflichtet\s+bei",
        "refuse": r"ablehnt|ablehnen|abgelehnt|weigert(?:\s+sich)?|verweigert|verweigern",
        "ask": r"stell(?:t|te|en)(?:\s+(?:ihm|ihr|ihnen))?\s+(?:eine|mehrere)\s+Fragen?|fragt|fragen|fragte|gefragt",
        "regret": r"bereut|bereuen|bereute|bedauert|bedauern|bedauerte",
        "blame": r"beschuldigt|beschuldigen|anklagt|vorwirft|tadelt",
        "praise": r"macht(?:\s+(?:ihm|ihr|ihnen))?\s+(?:ein\s+Kompliment|Komplimente)|lobt|loben|lobte|gelobt|würdigt",
        "complain": r"beschwert(?:\s+sich)?|beschweren(?:\s+sich)?|beklagt(?:\s+sich)?|klagt|jammert|meckert",
        "warn": r"(?:gibt|spricht)\s+eine\s+Warnung(?:\s+aus)?|warnt|warnen|warnte|gewarnt",
        "advise": r"rät|empfiehlt|empfehlen|empfahl|empfohlen|beraten|vorschlägt",
        "introduce": r"vorstellt|vorstellen|vorgestellt",
        "announce": r"macht\s+eine\s+Ankündigung|ankündigt|ankündigen|angekündigt|verkündet|verkünden|bekanntgibt|enthüllt|enthüllen|verrät|"
        r"offenbart",
        "doubt": r"bezweifelt|bezweifeln|zweifelt|zweifeln",
        "decide": r"entscheidet(?:\s+sich)?|entscheiden|entschied|beschließt|beschlossen",
        "invite": r"einlädt|einladen|eingeladen",
        "congratulate": r"gratuliert|gratulieren|beglückwünscht",
        "hope": r"hofft|hoffen|hoffte",
        "fear": r"fürchtet(?:\s+sich)?|fürchten|befürchtet|hat\s+Angst|Angst\s+hat",
        "forgive": r"verzeiht|verzeihen|vergibt|vergeben",
        "threaten": r"(?:macht|spricht|stößt)\s+eine\s+Drohung(?:\s+aus)?|droht|drohen|drohte|bedroht",
        "boast": r"prahlt|prahlen|gibt\s+an|rühmt\s+sich|angibt",
        "remember": r"erinnert(?:\s+sich)?|erinnern(?:\s+sich)?|erinnerte(?:\s+sich)?",
        "joke": r"scherzt|scherzen|witzelt|(?:macht|erzählt|machen)\s+einen\s+(?:Witz|Scherz)",
    },
    nouns={
        "admit": r"Eingeständnis|Geständnis|Zugeständnis",
        "correct": r"Korrektur|Richtigstellung|Widerruf",
        "apologise": r"Entschuldigung",
        "promise": r"Versprechen",
        "agree": r"Zustimmung",
        "refuse": r"Ablehnung|Weigerung",
        "thank": r"Dank",
        "greet": r"Begrüßung",
        "farewell": r"Verabschiedung|Abschied",
        "warn": r"Warnung",
        "complain": r"Beschwerde",
        "announce": r"Ankündigung|Enthüllung",
        "ask": r"Frage",
        "joke": r"Witz|Scherz",
    },
    split=(
        ("apologise", r"bittet|bitten|bat", r"um\s+(?:Verzeihung|Entschuldigung)"),
        ("fear", r"hat|haben|hatte", "Angst"),
        ("admit", r"gibt|geben|gab|gaben", "zu"),
        ("admit", r"räumt|räumte|gesteht", "ein"),
        ("correct", r"nimmt|nehmen|nahm", "zurück"),
        ("deny", r"streitet|streiten|stritt", "ab"),
        ("refuse", r"lehnt|lehnen|lehnte", "ab"),
        ("agree", r"stimmt|stimmen|stimmte", "zu"),
        ("announce", r"kündigt|kündigen|kündigte", "an"),
        ("announce", r"gibt|geben|gab", "bekannt"),
        ("introduce", r"stellt|stellen|stellte", "vor"),
        ("invite", r"lädt|laden|lud", "ein"),
        ("advise", r"schlägt|schlagen|schlug", "vor"),
        ("blame", r"klagt|wirft", "an|vor"),
        ("greet", r"heißt|heißen", "willkommen"),
        ("said", r"spricht|sprechen|sprach", "an"),
        ("said", r"kommt", r"zu\s+sprechen"),
    ),
    said=r"sagt|sagen|sagte|gesagt|erwähnt|erwähnen|erwähnte|(?:spricht|sprechen|sprach|redet|reden|"
    r"redete)(?=(?:\s+(?:nicht|nie|niemals|auch|wieder|nur))?\s+(?:über|von|vom))"
    r"|(?:spricht|sprechen|redet|reden)(?=$)|gesprochen|geredet|erzählt|erzählen|erzählte|erklärt|erklären|erklärte|"
    r"diskutiert|diskutieren"
    r"|berichtet|berichten|beschreibt|beschreiben|antwortet|antworten|nennt|nennen|genannt|ruft|flüstert|schreit|"
    r"bespricht|besprochen|thematisiert",
    mention=r"(?:Erwähnung|Nennung)(?:en)?|Rede(?=\s+(?:von|vom))",
    subject=r"(?:(?:wenn|wo|als|der Moment|man hört|wir hören) )?(?:(?:der|die|das|ein|eine|ihr|ihre|sein|seine|"
    r"diese|dieser) )?"
    r"(?:(?!(?:und|dann|oder|aber|in|im|auf|mit|zu|von|bei|nach|vor|durch)\b)[\w.-]+ ){0,3}?"
    r"(?:(?:hat|haben|wird|werden|wurde|wurden|ist|sind|kann|will|muss|nicht|nie|niemals|auch|wieder|noch einmal|"
    r"nicht mehr|zuerst|sich) )*",
    articles=r"(?:(?:der|die|das|ein|eine|ihre?|seine?) )?(?:\w+ )?",
    actor=r"(?:(?:wenn|dass|als) )?(?:(?:es )?(?:wird|wurde|werden)|(?:sie|er|es|man|wir|ich|jemand|niemand)|(?:der|die|das) [\w-]+(?= (?:der|die|"
    r"das|den|dem|ein\w*|ihr\w*|"
    r"sein\w*|über|von|vom|zu|sich|hat|haben|will|kann|muss|soll|möchte)\b))(?: (?:hat"
    r"|haben|hatte|will|kann|muss|soll|wird|möchte|sich|nicht|nie|auch))* ",
    indefinite=r"etwas|jemand(?:en|em)?|irgendetwas",
    passive=r"(?:wird|werden|wurde|wurden|ist|sind)\s+(?:(?:nicht|nie|auch|wieder|nicht mehr|noch einmal)\s+){0,2}$",
    passive_end=r"^\s(?:wird|werden|wurde|wurden|worden)",
    links=r"\s*[:,]?\s*(?:(?:(?:nicht|nie|niemals|auch|wieder)(?=\s+(?:über|von|vom)\s)|dass|über|von|vom|aus|laut|die\s+Worte|zu\s+(?:ihm|ihr|ihnen)|ihm|ihnen|sich(?=\s)|für|"
    r"an(?=\s\w+\s)|auf"
    r"|bei(?=\s)|nach|um)\s+)*",
    particles=r"(?:nicht|nie|niemals|nicht\s+mehr|noch\s+einmal)",
    reported=r"^,?\s*(?:dass|wie|warum|was|sie|er|es|man|ob|wo)\b",
    tail=r"(?:\s(?:hat|haben|wird|wurde|werden|wurden|worden|ist|sind|möchte|will|kann|muss))*\s*",
    verb_last=True,
    written=(
        rf"(?:(?:wenn|wo) )?(?:auf|in|an) (?:dem|der|einem|einer) (?:\w+ )?{_SURFACE} (?:steht|stand|zu lesen ist|"
        rf"ist zu lesen|heißt es):? (?P<words>.+)",
        rf"(?:(?:der|die|das|ein|eine) )?(?:\w+ )?{_SURFACE},? (?:(?:auf|in) (?:dem|der) (?P<words>.+) (?:steht|"
        rf"zu lesen ist)|(?:mit (?:dem|der) "
        rf"(?:Text|Aufschrift|Wort|Wörtern|Worten)|sagt|lautet|zeigt den Text):? .+)",
        r"(?:(?:der|die|das) )?(?:Wort|Wörter|Worte|Text|Schriftzug|Titel) (?P<words>.+?) (?:erscheint|erscheinen|"
        r"wird eingeblendet|ist zu sehen)"
        r"(?: auf dem Bildschirm)?",
        rf"(?P<words>.+?) (?:steht|ist) (?:auf (?:dem|der|einem|einer) {_SURFACE}(?: geschrieben)?|geschrieben)",
        r"(?P<words>.+?) wird (?:auf dem Bildschirm|am Bildschirm) (?:angezeigt|gezeigt|eingeblendet)",
    ),
    heard=(
        r"(?:man hört|wir hören|wenn man|zu hören ist) (?P<words>.+?)(?: hört)?",
        r"(?P<words>.+?) (?:ist|sind) (?:zu hören|hörbar)",
        r"(?:das |ein )?(?:Geräusch|Klang) (?:von|der|des|eines|einer) (?P<words>.+)",
    ),
    seen=(
        r"(?:man sieht|wir sehen|zu sehen ist) (?P<words>.+)",
        r"(?P<words>.+?) (?:ist|sind) (?:nicht )?(?:zu sehen|sichtbar|im Bild|auf dem Bildschirm)",
        r"(?P<words>.+?) (?:wird|werden) gezeigt",
    ),
)
