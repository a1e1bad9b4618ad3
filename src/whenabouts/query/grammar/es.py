"""Spanish."""

from __future__ import annotations

from whenabouts.query.grammar.grammar import Grammar, Question

_STEMS = ("primer", "segund", "tercer", "cuart", "quint", "sext", "séptim", "octav", "noven", "décim")
_NUMBERS = {stem + end: place for place, stem in enumerate(_STEMS, start=1) for end in ("o", "a", "")}
_NUMBERS |= {stem + end: place for stem, place in (("últim", -1), ("ultim", -1), ("penúltim", -2)) for end in "oa"}
_N = (
    r"(?P<n>(?:primer|segund|tercer|cuart|quint|sext|séptim|octav"
    r"|noven|décim|penúltim|últim|ultim)[oa]?|\d{1,3})[ªºa]?"
)
_PLACE = r"(?:momento|instante|escena|parte|punto|pasaje|toma)"
_WHERE = r"(?:en\s+(?:el\s+|la\s+|los\s+|las\s+)?que|donde|cuando|en\s+(?:el|la)\s+cual)"
_MENTION = (
    r"(?:mención|menciones|referencia|alusión|pregunta|respuesta"
    r"|comentario|disculpa|confesión|admisión|promesa|saludo|"
    r"despedida|advertencia|anuncio|queja|broma|chiste|risa|rectificación|agradecimiento|elogio|invitación)s?"
)
_EVENT = (
    r"(?:pausa|descanso|receso|intermedio|interrupción|publicidad"
    r"|anuncio|anuncios|aplauso|aplausos|risas|silencio|música|"
    r"canción|"
    r"discurso|charla|entrevista|conferencia|presentación|debate|conversación|pregunta|respuesta|broma|chiste|"
    r"introducción|"
    r"créditos|ceremonia|actuación|partido|gol|carrera|pelea|accidente"
    r"|explosión|confesión|disculpa|baile|cena|comida|"
    r"almuerzo|reunión|demostración|historia|escena|título|vídeo|video"
    r"|llamada|tormenta|apagón|concierto|votación|beso|"
    r"salto|caída|principio|comienzo|inicio|final|fin)"
)
_SIGNAL = (
    r"(?:flash|destello|corte|fundido(?:\sa\snegro)?|pitido|tono|estruendo|golpe|ruido|disparo|grito|silencio|pausa|aplausos?|risas?|"
    r"canción|pantalla\snegra|timbre)s?(?=(?:\s(?:fuerte|repentino|seco|duro))?$)"
)
_DET = r"(?:el|la|los|las|un|una|su|sus|este|esta)"
_SHORT = rf"(?=(?:{_DET}|él|ella|ellos|alguien|se|nadie|\w+)\s(?:[^\s,]+\s){{0,7}}[^\s,]+$)"
_SPEECH = (
    r"(?:habla|dice|menciona|cuenta|explica|comenta|describe|pide|admite|reconoce|agradece|promete|niega|anuncia|"
    r"advierte|"
    r"saluda|se\s+disculpa|se\s+menciona|se\s+habla|ríe|pregunta|responde)"
)
_SURFACE = (
    r"(?:cartel|letrero|título|subtítulo|texto|pantalla|diapositiva|rótulo|pizarra|póster|etiqueta|logotipo|pancarta|"
    r"titular|señal|camiseta|tarjeta|página|créditos)s?"
)

GRAMMAR = Grammar(
    code="es",
    function_words="el la los las un una unos unas de del al y que en por para con sin sobre su sus se es son era fu"
    "e está "
    "ella él ellos ellas lo le les nunca nadie nada cuando cuándo donde dónde quién qué cómo cuánto cuántos cuántas "
    "cuál "
    "antes después mientras durante hasta entre cada vez primera segunda última todas todos muy más hay habla dice m"
    "enciona "
    "ha han había alguien como mi tu ni ya también tras desde justo pero porque año",
    numbers=_NUMBERS,
    count=(
        Question(r"^cu[aá]ntas\s+veces\s+(?=\S)"),
        Question(r"^con\s+qu[eé]\s+frecuencia\s+(?=\S)"),
        Question(r"^(?:el\s+)?número\s+de\s+veces\s+que\s+"),
    ),
    every=(
        r"^(?:cada|todas\s+las)\s+ve(?:z|ces)\s+(?:en\s+)?(?:que\s+)?(?=\S)",
        r"^siempre\s+que\s+(?=\S)",
        rf"^(?:todos|todas)\s+(?:los|las)\s+{_PLACE}s?\s+{_WHERE}\s+(?=\S)|^cada\s+{_PLACE}\s+{_WHERE}\s+(?=\S)",
        rf"^(?:todas\s+las|todos\s+los|cada)\s+(?={_MENTION}\b)",
        rf"^(?:todas\s+las|todos\s+los|cada)\s+(?={_SIGNAL})",
        r"(?<=\S),?\s+cada\s+vez$",
    ),
    order=(
        rf"^(?:cu[aá]ndo\s+(?:es|fue)\s+)?(?:en\s+)?la\s+{_N}\s+vez\s+(?:en\s+)?(?:que\s+)?(?=\S)",
        rf"^(?:en\s+)?(?:el|la)\s+{_N}\s+{_PLACE}\s+{_WHERE}\s+(?=\S)",
        rf"(?:^|(?<=\S)\s),?\s*por\s+{_N}\s+vez(?=\s|,|$)",
        rf"(?<=\S)\s+una\s+{_N}\s+vez$",
        rf"^(?:la|el|su)?\s*{_N}\s+(?={_MENTION}\b)",
        rf"^(?:la|el|los)?\s*{_N}\s+(?={_EVENT}$)",
        rf"^(?:la|el|los)?\s*{_N}\s+(?={_SIGNAL})",
    ),
    unread=(
        r"(?:^|(?<=\s))(?:justo\s+)?al\s+(?:principio|comienzo|inicio|final)$",
        r"^(?P<cut>las\s+(?:primeras|últimas|próximas)\s+(?:dos|tres|cuatro|cinco|\d+)\s+veces\s+(?:que\s+)?)(?=\S)",
        r"\b(?:dos|tres|cuatro|cinco|varias|muchas|\d+)\s+veces\b",
        r"\b(?:en|durante)\s+la\s+(?:primera|segunda|última)\s+(?:mitad|parte|hora)\b(?:\s+de(?:l|\s+la)\s+\w+)?",
        r"\b(?:en\s+el|al|hacia\s+el)\s+minuto\s+\d+|\b\d{1,2}:\d\d(?::\d\d)?\b",
        r"(?P<cut>\s\w+\s+(?:segundos|minutos|horas)\s+)(?=(?:antes|después)\b)",
        r"\b(?:el|la)\s+(?:\w+\s+)?más\s+(?:larg[oa]|cort[oa]|fuerte)\b|\balternativamente\b|"
        r"\bla\s+próxima\s+vez(?:\s+que)?\b",
        r"\b(?:al\s+(?:principio|final)|a\s+mitad)\s+(?:del\s+(?:vídeo|video)|de\s+la\s+(?:entrevista|charla))\b",
    ),
    relations=(
        (
            "right after",
            r"(?:justo|inmediatamente|poco)\s+(?:después\s+de(?:\s+que|l)?|tras)|en\s+cuanto|tan\s+pronto\s+como",
        ),
        ("right before", r"(?:justo|inmediatamente|poco)\s+antes\s+de(?:\s+que|l)?"),
        ("after", r"después\s+de(?:\s+que|l)?|tras|desde\s+que"),
        ("before", r"antes\s+de(?:\s+que|l)?"),
        ("while", r"mientras(?:\s+que)?|durante"),
        ("until", r"hasta\s+que"),
        ("between", r"entre"),
    ),
    join=r"\s+(?:y|e)\s+",
    conjunctions=r".*\bque|mientras|en cuanto|tan pronto como",
    front=rf"(?:{_DET}\s+)?{_EVENT}\b(?=\s+\S)(?!\s+(?:de|del|y|e|con|que|sobre|entre)\b)",
    idioms=r"\bantes\s+de\s+ayer\b|\bdespués\s+de\s+todo\b|\bantes\s+que\s+nada\b|\buna?\s+tras\s+otr[oa]\b|"
    r"\btras\s+(?:la\s+puerta|él|ella)\b"
    r"|\b(?:día|hora|año|vez|corre|va)\s+tras\b|\bmientras\s+tanto\b|\bdurante\s+(?:un|dos|tres|\w+)\s+(?:segundos?|"
    r"minutos?|años?|rato)\b",
    events=rf"^(?:{_DET}\s+)?(?:\w+\s+)?{_EVENT}(?:\s(?:de|del|por|con|sobre)\s.+)?$",
    bare_anchor=r"^(?!(?:y|o|pero|que)\b)(?:\w+(?:ar|er|ir|ando|iendo)\b|\w{4,}|\S+\s+\S)",
    clause=r"\S+\s+\S+\s+\S+",
    pronouns=r"(?:él|ella|ellos|ellas|alguien|se|nadie)",
    no_event=r"^(?:una? persona|él|ella|y|luego)$",
    nothing=r"^(?:qué\s+(?:pasa|ocurre|sucede|pasó|viene|hay|sigue)|lo\s+que\s+(?:pasa|ocurre|sucede|dice|dicen)|(?:(?:él|ella)\s+)?dice\s+algo|(?:el|"
    r"la)\s+(?:momento|parte|escena))$",
    questions=(
        Question(
            rf"^(?:(?:busca|muestra|encuentra|muéstrame|enséñame)\s+)?(?:el|"
            rf"la)\s+{_PLACE}\s+(?:exact[oa]\s+)?{_WHERE}\s+(?=\S)"
        ),
        Question(rf"^en\s+qu[eé]\s+{_PLACE}\s+"),
        Question(r"^(?:en\s+|de\s+)?qu[eé]\s+(?:año|mes|día|fecha|década|siglo)\s+", "time"),
        Question(r"^cu[aá]ndo\s+(?=(?:nació|se\s+(?:fundó|construyó|casó|inauguró))\b)", "time"),
        Question(r"^(?:desde\s+cuándo|a\s+qu[eé]\s+hora)\s+", "time"),
        Question(
            r"^cuándo\s+(?:se\s+)?(?=(?:abrió|cerró|fundó|construyó|inauguró|terminó|empezó|comenzó|murió|nació|ocurrió|llegó|salió|quebró|"
            r"casó|perdió|ganó|compró|vendió|descubrió|fueron?|hubo|abrieron|cerraron)\b)",
            "time",
        ),
        Question(r"^cuándo\s+(?=\S)"),
        Question(rf"^cuando\s+{_SHORT}"),
        Question(rf"^d[oó]nde\s+(?:ella\s+|él\s+)?(?={_SPEECH})"),
        Question(r"^(?:de\s+|a\s+|en\s+)?dónde\s+(?=\S)", "place"),
        Question(r"^(?:en|de)\s+qu[eé]\s+(?:ciudad|país|pueblo|lugar|calle|escuela)\s+", "place"),
        Question(r"^c[oó]mo\s+se\s+llama(?:ba)?\s+(?=\S)|^cu[aá]l\s+es\s+(?=(?:su|el)\s+nombre\b)", "person"),
        Question(r"^c[oó]mo\s+(?=se\s+llama(?:ba)?$)", "person"),
        Question(r"^(?:a\s+|de\s+|con\s+)?quién(?:es)?\s+(?=\S)", "person"),
        Question(r"^(?:durante\s+)?cuánt[oa]s?\s+(?=\S)", "number"),
        Question(
            r"^cu[aá]l\s+(?:es|fue|era)\s+(?=(?:el|la|su)\s+(?:precio"
            r"|coste|costo|número|cantidad|edad|presupuesto)\b)",
            "number",
        ),
        Question(r"^por\s+qué\s+(?=\S)", "reason"),
        Question(r"^cómo\s+(?=\S)", "manner"),
        Question(r"^(?:de\s+)?qué\s+(?=\S)|^cuál\s+(?:es|fue)\s+", "thing"),
    ),
    negation=r"\b(?:nadie|nada|nunca|jamás|ya\s+no|no(?!\s+solo|\s+sólo)|ningún|ninguna)\b|^sin\b",
    clause_ends=r"\b(?:y|pero|que|porque|si|aunque)\b|,",
    acts={
        "apologise": r"se\s+disculpa(?:n|ba)?|se\s+disculpó|pide\s+(?:perdón|disculpas)|pidió\s+(?:perdón|disculpas)"
        r"|piden\s+(?:perdón|disculpas)"
        r"|(?:ofrecen?|presentan?|ofreció|presentó)\s+(?:una?s?\s+|sus?\s+)?disculpas?|disculparse|dice\s+(?:que\s+)?lo\s+siente",
        "farewell": r"se\s+despiden?(?:\s+de)?|se\s+despidió(?:\s+de)?|dice\s+adiós(?:\s+a)?|despedirse",
        "greet": r"saluda(?:n|ba)?|saludó|da\s+la\s+bienvenida|dan\s+la\s+bienvenida|dice\s+(?:hola|buenos\s+días|"
        r"buenas\s+tardes)",
        "thank": r"agradecen?|agradeció|da\s+(?:las\s+)?gracias|dan\s+(?:las\s+)?gracias|dio\s+(?:las\s+)?gracias|"
        r"dice\s+gracias",
        "admit": r"(?:hacen?|hizo)\s+una\s+(?:confesión|admisión)|admiten?|admitió|admitir|reconocen?|reconoció|reconocer|confiesan?|confesó|confesar",
        "correct": r"corrige[n]?|corrigió|rectifican?|rectificó|se\s+retracta(?:n)?(?:\s+de)?|"
        r"se\s+retractó(?:\s+de)?|se\s+desdice(?:\s+de)?",
        "deny": r"niegan?|negó|negar|desmienten?|desmintió",
        "promise": r"(?:hacen?|hizo)\s+(?:una|la|su)\s+promesa|prometen?|prometió|prometer|juran?|juró",
        "agree": r"está(?:n)?\s+de\s+acuerdo(?:\s+con)?|acepta(?:n)?|aceptó|accede[n]?(?:\s+a)?",
        "refuse": r"se\s+nieg(?:a|an)(?:\s+a)?|se\s+negó(?:\s+a)?|rechazan?|rechazó|rehúsan?",
        "ask": r"(?:hacen?|hizo)\s+(?:una\s+pregunta|preguntas)|preguntan?|preguntó|preguntar",
        "regret": r"lamentan?|lamentó|se\s+arrepienten?(?:\s+de)?|se\s+arrepintió(?:\s+de)?|arrepentirse",
        "blame": r"culpan?|culpó|acusan?|acusó|reprochan?",
        "praise": r"elogian?|elogió|alaban?|felicita(?=\s+por)",
        "complain": r"se\s+quejan?(?:\s+de)?|se\s+quejó(?:\s+de)?|quejarse",
        "warn": r"(?:hacen?|hizo|lanzan?|da)\s+una\s+advertencia|advierten?|advirtió|avisan?|avisó",
        "advise": r"(?:dan?|dio)\s+(?:un\s+consejo|consejos)|aconsejan?|aconsejó|recomiendan?|recomendó|sugieren?|sugirió",
        "introduce": r"presentan?(?=\s+a\b)|se\s+presentan?|presentó(?=\s+a\b)",
        "announce": r"(?:hacen?|hizo)\s+un\s+anuncio|anuncian?|anunció|revelan?|reveló|declaran?|declaró",
        "doubt": r"dudan?(?:\s+de)?|dudó(?:\s+de)?|no\s+está\s+segur[oa](?:\s+de)?",
        "decide": r"deciden?|decidió",
        "invite": r"invitan?|invitó",
        "congratulate": r"felicitan?|felicitó",
        "hope": r"esperan?\s+que|tiene\s+la\s+esperanza",
        "fear": r"temen?|temió|tiene\s+miedo(?:\s+de|\s+a)?",
        "forgive": r"perdonan?|perdonó",
        "threaten": r"(?:hacen?|hizo|lanzan?|lanzó)\s+(?:una\s+amenaza|amenazas)|amenazan?|amenazó",
        "boast": r"presumen?(?:\s+de)?|se\s+jactan?(?:\s+de)?|alardean?",
        "remember": r"recuerdan?|recordó|se\s+acuerdan?(?:\s+de)?|rememoran?",
        "joke": r"bromean?|bromeó|(?:hace|cuenta|hizo|contó)\s+(?:una\s+broma|un\s+chiste)",
    },
    nouns={
        "admit": r"admisión|confesión|reconocimiento",
        "correct": r"rectificación|retractación",
        "apologise": r"disculpas?",
        "promise": r"promesa",
        "refuse": r"negativa|rechazo",
        "thank": r"agradecimiento",
        "greet": r"saludo|bienvenida",
        "farewell": r"despedida",
        "warn": r"advertencia",
        "complain": r"queja",
        "announce": r"anuncio",
        "ask": r"pregunta",
        "joke": r"broma|chiste",
    },
    said=r"dicen?|dijo|dicho|decir|menciona(?:n|ba|r|do|da)?|mencionó|(?:habla(?:n|ba|r|ndo)?|habló)(?=\s+(?:de|"
    r"sobre|del))|cuentan?|contó"
    r"|explican?|explicó|explicando|comentan?|comentó|describen?|describió|responden?|respondió|gritan?|gritó|"
    r"susurran?|discuten?"
    r"|narran?|relatan?|nombran?|cita(?:n)?",
    mention=r"(?:mención|menciones|referencias?|alusión|alusiones)(?=\s+(?:de|del|a|al)\b)",
    subject=rf"(?:(?:cuando|donde|el momento en que|se oye que) )?(?:{_DET} )?(?:(?!(?:y|luego|o|pero|en|de|con|por|"
    rf"para|a)\b)[\w.-]+ ){{0,3}}?"
    r"(?:de \w+ )?(?:(?:se|ya|no|nunca|también|está|están|estaba|es|son|fue|fueron|ha|han|le|les|lo|la|me|nos|que|"
    r"vuelve a|empieza a|nadie) )*",
    articles=rf"(?:{_DET} )?(?:\w+ )?",
    indefinite=r"algo|alguien",
    passive=r"(?:no\s+)?(?:es|son|fue|fueron|está|ha sido|sido)\s+$",
    links=r"\s*[:,]?\s*(?:(?:que|de|del|sobre|acerca\s+de|a\s+(?:él|ella|ellos)(?=\s)|las\s+palabras|la\s+palabra|"
    r"la\s+frase|por|al?(?=\s))\s+)*",
    reported=r"^\s*(?:que|cómo|por qué|qué|si)\b",
    written=(
        rf"(?:(?:el|la|un|una) )?(?:\w+ )?{_SURFACE} (?:de \w+ )?(?:que )?(?:dice|pone|reza|con (?:el texto|"
        rf"las palabras|la palabra)):? (?P<words>.+)",
        rf"en (?:el|la|un|una) {_SURFACE} (?:pone|dice|se lee|está escrito|aparece escrito):? (?P<words>.+)",
        r"(?:aparece(?:n)? )(?:la palabra|las palabras|el texto|el título) (?P<words>.+?)(?: en (?:la )?pantalla)?",
        r"(?:la palabra|las palabras|el texto|el título) (?P<words>.+?) aparece(?:n)?(?: en (?:la )?pantalla)?",
        rf"(?P<words>.+?) (?:está|es) (?:escrito|escrita|escritos|mostrad[oa])(?: en (?:el|la|un|una)? ?{_SURFACE})?",
        r"se muestra (?P<words>.+?) en (?:la )?pantalla",
    ),
    heard=(
        r"(?:se oyen?|se escuchan?|oímos|escuchamos|suenan?) (?P<words>.+)",
        r"(?P<words>.+?) (?:se oyen?|se escuchan?|suenan?)",
        r"(?:el )?(?:sonido|ruido) de (?P<words>.+)",
    ),
    seen=(
        r"(?:se ven?|vemos|aparece(?:n)? en pantalla) (?P<words>.+)",
        r"(?P<words>.+?) (?:no )?(?:se ven?|es visible|son visibles|está en (?:la )?pantalla|"
        r"aparece en (?:la )?pantalla|se muestra)",
        r"no hay (?P<words>nadie) en (?:la )?(?:pantalla|imagen)",
    ),
)
