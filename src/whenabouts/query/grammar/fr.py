"""French."""

from __future__ import annotations

from whenabouts.query.grammar.grammar import Grammar, Question

_NUMBERS = {
    "premier": 1, "première": 1, "premiere": 1, "deuxième": 2, "second": 2, "seconde": 2, "troisième": 3, "quatrièm"
    "e": 4,
    "cinquième": 5, "sixième": 6, "septième": 7, "huitième": 8, "neuvième": 9, "dixième": 10, "dernier": -1, "derniè"
    "re": -1,
    "derniere": -1, "avant-dernier": -2, "avant-dernière": -2,
}  # fmt: skip
_N = (
    r"(?P<n>avant-derni(?:er|ère)|premi(?:er|ère|ere)|deuxième|seconde?"
    r"|troisième|quatrième|cinquième|sixième|septième|"
    r"huitième|neuvième|dixième|derni(?:er|ère|ere)|\d{1,3})(?:e|ème|er|ère)?"
)
_PLACE = r"(?:moment|instant|scène|passage|endroit|partie|plan)"
_WHERE = r"(?:où|quand|dans\s+(?:lequel|laquelle|lesquels)|auquel)"
_MENTION = (
    r"(?:mention|référence|allusion|question|réponse|remarque|excuse"
    r"|confession|aveu|promesse|salutation|avertissement|"
    r"annonce|plainte|blague|plaisanterie|rire|rectification|remerciement|compliment|invitation)s?"
)
_EVENT = (
    r"(?:pause|entracte|interruption|publicité|pub|applaudissements?|rires?|silence|musique|chanson|discours|"
    r"entretien|interview|"
    r"conférence|présentation|débat|conversation|question|réponse|blague|introduction|générique|cérémonie|spectacle|"
    r"match|"
    r"but|mi-temps|course|combat|accident|explosion|annonce|aveu|confession|excuses?|danse|dîner|déjeuner|repas|"
    r"réunion|"
    r"démonstration|histoire|scène|titre|vidéo|appel|orage|tempête|concert|prière|vote|baiser|saut|chute|début|fin)"
)
_SIGNAL = (
    r"(?:flash|éclair|coupe|plan\snoir|fondu(?:\s(?:au|en)\snoir)?|bip|détonation|bruit|coup\sde\sfeu|cri|silence|pause|applaudissements?|"
    r"rires?|chanson|sonnerie|écran\snoir)s?(?=(?:\s(?:fort|soudain|sonore))?$)"
)
_DET = r"(?:le\s|la\s|les\s|l['’]|un\s|une\s|des\s|du\s|son\s|sa\s|ses\s|leur\s|cette\s|ce\s)"
_SHORT = rf"(?=(?:{_DET}|elle\s|il\s|on\s|ils\s|elles\s|quelqu['’]un\s)(?:[^\s,]+\s){{0,7}}[^\s,]+$)"
_INVERSION = (  # le tunnel a-t-il ouvert -> le tunnel a ouvert; avoue-t-elle -> elle avoue
    (
        r"^((?:le\s|la\s|les\s|l['’]|un\s|une\s|son\s|sa\s).{1,40}\s(?:n['’])?\w+)-(?:t-)?(?:elle|il|on|elles|ils)\b",
        r"\1",
    ),
    (r"(?<!\S)((?:ne\s+|n['’])?[\wéèêàç]+)-(?:t-)?(elle|il|on|elles|ils)\b", r"\2 \1"),
    (r"^(est|sont|était|a|ont)\s+((?:le|la|l['’]|un|une)\s?\w+)\b", r"\2 \1"),
)
_SPEECH = (
    r"(?:parl|dit|mentionn|racont|expliqu|évoqu|décri|avou|admet|reconna|remerci|promet|nie|annonc|avert|salu|"
    r"s['’]excus|ri[te]|demand|répond|est-il\s+question)"
)
_SURFACE = (
    r"(?:panneau|titre|sous-titre|texte|écran|diapositive|carton|affiche|étiquette|logo|bannière|tableau|pancarte|"
    r"enseigne|légende|page|générique)s?"
)
_END = r"(?:s|nt|r|ait|aient|ant|é|ée|a)?"

GRAMMAR = Grammar(
    code="fr",
    function_words="le la les l un une des du de et ou que qu qui en dans par pour avec sans sur son sa ses leur se "
    "est sont "
    "était elle il ils elles on lui ne pas jamais personne rien quand où quel quelle quels pourquoi comment combien "
    "avant "
    "après pendant tandis jusqu entre chaque fois premier première seconde deuxième dernière tous toutes très plus a"
    "u aux ce cette parle dit "
    "mentionne ont avait quelqu comme mais je nous vous à même aussi chez",
    numbers=_NUMBERS,
    count=(
        Question(r"^combien\s+de\s+fois\s+(?:est-ce\s+qu(?:e\s+|['’])?)?(?=\S)", None, _INVERSION),
        Question(r"^à\s+quelle\s+fréquence\s+(?:est-ce\s+qu(?:e\s+|['’])?)?(?=\S)", None, _INVERSION),
        Question(r"^(?:le\s+)?nombre\s+de\s+fois\s+(?:où|que)\s+"),
    ),
    every=(
        r"^(?:à\s+)?(?:chaque\s+fois|toutes\s+les\s+fois)\s+(?:qu(?:e\s+|['’])|où\s+)(?=\S)",
        rf"^(?:tous\s+les|toutes\s+les|chaque)\s+{_PLACE}s?\s+{_WHERE}\s+(?=\S)",
        rf"^(?:tous\s+les|toutes\s+les|toutes\s+ses|chaque)\s+(?={_MENTION}\b)",
        rf"^(?:tous\s+les|toutes\s+les|chaque)\s+(?={_SIGNAL})",
        r"(?<=\S),?\s+(?:à\s+)?chaque\s+fois$",
    ),
    order=(
        rf"^(?:quand\s+est\s+)?la\s+{_N}\s+fois\s+(?:qu(?:e\s+|['’])|où\s+)(?=\S)",
        rf"^(?:au|à\s+la|le|la)\s+{_N}\s+{_PLACE}\s+{_WHERE}\s+(?=\S)",
        rf"(?:^|\s+)pour\s+(?:la|une)\s+(?:toute\s+)?{_N}\s+fois(?=\s|,|$)",
        rf"(?<=\S)\s+une\s+{_N}\s+fois(?=\s|$)",
        rf"^(?:la|le|sa|son)?\s*{_N}\s+(?={_MENTION}\b)",
        rf"^(?:la|le|les)?\s*{_N}\s+(?={_EVENT}$)",
        rf"^(?:la|le|les)?\s*{_N}\s+(?={_SIGNAL})",
    ),
    unread=(
        r"(?:^|(?<=\s))(?:tout\s+)?(?:au\s+(?:tout\s+)?début|à\s+la\s+(?:toute\s+)?fin)$",
        r"^(?P<cut>les\s+(?:deux|trois|quatre|cinq|\d+)\s+(?:premières|dernières|prochaines)\s+fois\s+(?:où\s+|"
        r"qu(?:e\s+|['’])))(?=\S)",
        r"\b(?:deux|trois|quatre|cinq|plusieurs|\d+)\s+fois\b",
        r"\b(?:dans|pendant|durant)\s+la\s+(?:première|seconde|deuxième|dernière)\s+(?:moitié|partie|heure|"
        r"minute)\b(?:\s+d\S+\s+\w+)?",
        r"\bà\s+la\s+\w+\s+minute\b|\bà\s+la\s+minute\s+\d+|\b\d{1,2}:\d\d(?::\d\d)?\b",
        r"(?P<cut>\s\w+\s+(?:secondes|minutes|heures)\s+)(?=(?:avant|après)\b)",
        r"\b(?:le|la)\s+(?:\w+\s+)?(?:le|la)?\s*plus\s+(?:long(?:ue)?|court[e]?|fort[e]?)\b|\balternativement\b|"
        r"\bla\s+prochaine\s+fois\b",
        r"\b(?:au\s+début|à\s+la\s+fin)\s+de\s+(?:la\s+vidéo|l['’](?:interview|entretien))",
    ),
    relations=(
        (
            "right after",
            r"(?:juste|immédiatement|peu|tout\s+de\s+suite)\s+après(?:\s+que|\s+qu['’])?|dès\s+qu(?:e|['’])|"
            r"aussitôt\s+qu(?:e|['’])",
        ),
        ("right before", r"(?:juste|immédiatement|peu)\s+avant(?:\s+que|\s+qu['’]|\s+de)?"),
        ("after", r"après(?:\s+que|\s+qu['’])?|depuis\s+qu(?:e|['’])"),
        ("before", r"avant(?:\s+que|\s+qu['’]|\s+de|\s+d['’])?"),
        ("while", r"pendant(?:\s+que|\s+qu['’])?|tandis\s+qu(?:e|['’])|durant|lors\s+d(?:e|u)"),
        ("until", r"jusqu['’]à\s+ce\s+qu(?:e|['’])"),
        ("between", r"entre"),
    ),
    join=r"\s+et\s+",
    conjunctions=r".*(?:que|qu['’])",
    front=rf"(?:{_DET})?{_EVENT}\b(?=\s+\S)(?!\s+(?:de|du|des|et|avec|que|sur|entre)\b)",
    inversion=_INVERSION,
    idioms=r"\b(?:un|une|l['’]un)\s+\w*\s?après\s+l['’]autre\b|\bavant-hier\b|\bavant-derni|\bavant\s+tout\b|"
    r"\baprès\s+tout\b|\baprès-(?:midi|demain)\b"
    r"|\b(?:jour|heure|année)\s+après\b|\b(?:court|crie)(?:ent)?\s+après\b|\bpendant\s+(?:une?|deux|trois|"
    r"\w+)\s+(?:secondes?|minutes?|ans|heures?|moment)\b"
    r"|\w(?:avant|après|entre|durant|pendant)|(?:avant|entre|durant|pendant)(?=[\w-])|\b(?:en|"
    r"vers\s+l['’])\s?avant\b|\bd['’]avant\b|\bentre\s+(?:eux|elles|deux)\b",
    events=rf"^(?:{_DET})?(?:\w+\s+)?{_EVENT}(?:\s(?:de|du|des|par|avec|sur)\s.+)?$",
    bare_anchor=r"^(?!(?:et|ou|mais|que)\b)(?:\w+(?:er|ir|re|ant)\b|\S+['’\s]\s*\S)",
    clause=r"\S+\s+\S+\s+\S+",
    pronouns=r"(?:elle|il|ils|elles|on|quelqu['’]un|tout\s+le\s+monde)",
    no_event=r"^(?:une personne|elle|il|et|puis)$",
    nothing=r"^(?:que\s+se\s+passe-t-il|qu['’]est-ce\s+qui\s+(?:se\s+passe|arrive|vient)|ce\s+qu(?:e\s+|['’])(?:il|elle|on|ils|elles)\s+di(?:t|sent)|(?:il|elle|on)\s+dit\s+quelque\s+chose|ce\s+qui\s+(?:se\s+passe|"
    r"arrive)|(?:le|la)\s+(?:moment|passage|scène))$",
    questions=(
        Question(
            rf"^(?:(?:trouve|montre|cherche|trouvez|montrez)(?:-moi)?\s+)?(?:le|la|l['’])\s*{_PLACE}\s+(?:précis\s+|"
            rf"exact\s+)?{_WHERE}\s+(?=\S)"
        ),
        Question(rf"^(?:à|dans)\s+quel(?:le)?\s+{_PLACE}\s+(?:est-ce\s+qu(?:e\s+|['’]))?", None, _INVERSION),
        Question(
            r"^(?:en\s+|à\s+)?quel(?:le)?\s+(?:année|mois|jour|date|décennie|siècle|heure)\s+(?:est-ce\s+qu(?:e\s+|"
            r"['’]))?",
            "time",
            _INVERSION,
        ),
        Question(
            r"^quand\s+(?=.*\b(?:née?|fondée?|construite?|mariée?)\b)(?:est-ce\s+qu(?:e\s+|['’]))?", "time", _INVERSION
        ),
        Question(r"^depuis\s+quand\s+", "time", _INVERSION),
        Question(r"^quand\s+est-ce\s+qu(?:e\s+|['’])(?=\S)"),
        Question(r"^quand\s+(?=(?:ne\s+)?\S+-(?:t-)?(?:elle|il|on|ils|elles)\b|(?:est|sont)\s)", None, _INVERSION),
        Question(rf"^(?:quand|lorsqu['’]|lorsque)\s*{_SHORT}", None, _INVERSION),
        Question(rf"^où\s+(?:est-ce\s+qu(?:e\s+|['’]))?(?=(?:(?:elle|il|on)\s)?{_SPEECH})", None, _INVERSION),
        Question(r"^(?:d['’])?où\s+(?:est-ce\s+qu(?:e\s+|['’]))?(?=\S)", "place", _INVERSION),
        Question(r"^(?:dans|de|à)\s+quel(?:le)?\s+(?:ville|pays|village|lieu|rue|école)\s+", "place", _INVERSION),
        Question(r"^comment\s+(?:s['’]appelle(?:-t-)?)\s*(?=\S)|^quel\s+est\s+(?=(?:son|le)\s+nom\b)", "person"),
        Question(r"^(?:à\s+|de\s+|avec\s+)?qui\s+(?:est-ce\s+qu[ei]\s+)?(?=\S)", "person"),
        Question(r"^combien\s+(?:de\s+|d['’])?(?:temps\s+)?(?:est-ce\s+qu(?:e\s+|['’]))?(?=\S)", "number", _INVERSION),
        Question(
            r"^quel(?:le)?\s+(?:est|était)\s+(?=(?:le|la|l['’]|son|sa)\s*(?:prix|coût|nombre|montant|âge|budget)\b)",
            "number",
        ),
        Question(r"^quel\s+âge\s+", "number", _INVERSION),
        Question(r"^pourquoi\s+(?:est-ce\s+qu(?:e\s+|['’]))?(?=\S)", "reason", _INVERSION),
        Question(r"^comment\s+(?:est-ce\s+qu(?:e\s+|['’]))?(?=\S)", "manner", _INVERSION),
        Question(
            r"^(?:qu['’]est-ce\s+qu(?:e\s+|i\s+|['’])|de\s+quoi\s+|que\s+|quoi\s+|quel(?:le)?s?\s+(?:est|"
            r"sont)\s+)(?=\S)",
            "thing",
            _INVERSION,
        ),
        Question(r"^est-ce\s+qu(?:e\s+|['’])(?=\S)"),
    ),
    negation=r"\b(?:personne(?=\s+n)|rien|jamais|ne\s+\S+\s+(?:pas|plus|jamais|rien|personne)|n['’]\S+\s+(?:pas|plus"
    r"|jamais|rien|personne))\b|^sans\b"
    r"|^(?:aucune?|pas\s+de)\b|\bil\s+n['’]y\s+a\s+(?:pas|plus|personne|aucun\w*)\b",
    clause_ends=r"\b(?:et|mais|que|qui|parce|si)\b|qu['’]|,",
    acts={
        "apologise": r"s['’]excus(?:e|ent|er|ait|ant)(?:\s+(?:de|pour)(?=\s))?|demande(?:nt)?\s+pardon|"
        r"(?:présente|fait|offre)(?:nt)?\s+(?:ses|leurs|des|les)\s+excuses|dit\s+(?:pardon|désolée?)",
        "farewell": r"dit\s+au\s+revoir(?:\s+à)?|fait\s+ses\s+adieux|prend\s+congé|dit\s+adieu(?:\s+à)?",
        "greet": r"salu(?:e|ent|er|ait)\b|souhaite(?:nt)?\s+la\s+bienvenue|accueill(?:e|ent)|dit\s+(?:bonjour|"
        r"bonsoir|salut)(?:\s+à)?",
        "thank": rf"remerci(?:e{_END}|er)|dit\s+merci(?:\s+à)?",
        "admit": rf"(?:fait|font)\s+(?:un\s+aveu|une\s+confession|des\s+aveux)|avou(?:e{_END}|er|ait|é)|admet(?:tent|tre|tait)?|admis|reconna(?:ît|issent|ître|issait)|reconnu|"
        rf"concèd(?:e|ent)|confess(?:e|ent|er|é)",
        "correct": rf"corrig(?:e{_END}|er|é)|rectifi(?:e|ent|er|é)|se\s+rétract(?:e|ent|er)|"
        rf"revient\s+sur\s+(?=(?:ses|ce|sa|son)\b)|retire(?=\s+(?:ce|ses)\b)",
        "deny": r"\bni(?:e|ent|er|ait)\b|démen(?:t|tent|tir)|conteste(?:nt)?",
        "promise": r"(?:fait|font|faire)\s+(?:une|la|sa)\s+promesse|prome(?:t|ttent|ttre|ttait)|promis|jure(?:nt)?|s['’]engage(?:nt)?(?:\s+à)?",
        "agree": r"(?:est|sont)\s+d['’]accord(?:\s+avec)?|accepte(?:nt)?|consent(?:ent)?(?:\s+à)?|acquiesce(?:nt)?",
        "refuse": r"refus(?:e|ent|er|é)(?:\s+d(?:e\s|['’]))?|rejet(?:te|tent|er)|décline(?:nt)?",
        "ask": r"demand(?:e|ent|er|é)|interroge(?:nt)?|pose(?:nt)?\s+(?:une|la|des)\s+questions?",
        "regret": r"regrett(?:e|ent|er|é)",
        "blame": r"accus(?:e|ent|er|é)|blâm(?:e|ent|er)|reproch(?:e|ent|er)",
        "praise": r"(?:fait|font)\s+(?:un|des)\s+compliments?|lou(?:e|ent)\b|fait\s+l['’]éloge|complimente(?:nt)?|vante(?:nt)?\b",
        "complain": r"se\s+plai(?:nt|gnent|ndre)(?:\s+d(?:e\s|u\s|['’]))?|râle(?:nt)?",
        "warn": r"(?:fait|lance|donne)(?:nt)?\s+un\s+avertissement|averti(?:t|ssent|r)?|met\s+en\s+garde|prévien(?:t|nent)",
        "advise": r"(?:donne(?:nt)?|fait|font)\s+(?:un|des)\s+(?:conseils?|recommandations?)|conseill(?:e|ent|er|é)|recommand(?:e|ent|er|é)|suggèr(?:e|ent)",
        "introduce": r"présent(?:e|ent|er|é)(?!\s+(?:ses|leurs|des|les)\s+excuses)",
        "announce": r"(?:fait|font)\s+une\s+annonce|annonc(?:e|ent|er|é)|révèl(?:e|ent)|révél(?:er|é)|déclar(?:e|ent|er|é)|dévoile(?:nt)?",
        "doubt": r"dout(?:e|ent|er)(?:\s+(?:de|que)(?=\s))?|n['’]est\s+pas\s+sûre?(?:\s+de)?",
        "decide": r"décid(?:e|ent|er|é)(?:\s+de(?=\s))?",
        "invite": r"invit(?:e|ent|er|é)\b",
        "congratulate": r"félicit(?:e|ent|er|é)",
        "hope": r"espèr(?:e|ent)|espér(?:er|ait)",
        "fear": r"crain(?:t|dre)|craignent|redout(?:e|ent)|a\s+peur(?:\s+d(?:e\s|u\s|['’]))?",
        "forgive": r"pardonn(?:e|ent|er|é)",
        "threaten": r"(?:fait|profère)(?:nt)?\s+(?:une|des)\s+menaces?|menac(?:e|ent|er|é)",
        "boast": r"se\s+vant(?:e|ent|er)(?:\s+d(?:e\s|['’]))?",
        "remember": r"se\s+souvien(?:t|nent)(?:\s+d(?:e\s|u\s|['’]))?|se\s+rappell(?:e|ent)|évoqu(?:e|"
        r"ent)\s+(?:le\s+souvenir|ses\s+souvenirs)",
        "joke": r"plaisant(?:e|ent|er|é)|blagu(?:e|ent)|(?:fait|raconte)\s+une\s+(?:blague|plaisanterie)",
    },
    nouns={
        "admit": r"aveu|confession",
        "correct": r"rectification|rétractation",
        "apologise": r"excuses?",
        "promise": r"promesse",
        "refuse": r"refus",
        "thank": r"remerciements?",
        "greet": r"salutation|bienvenue",
        "farewell": r"adieux?",
        "warn": r"avertissement",
        "complain": r"plainte",
        "announce": r"annonce",
        "ask": r"question",
        "joke": r"blague|plaisanterie",
    },
    said=r"\b(?:dit|disent|dire|disait)\b|mentionn(?:e|ent|er|ait|ée?s?)\b|(?:parl(?:e|ent|er|ait|ant|é))(?=(?:\s+(?:pas|plus|jamais))?\s+(?:de"
    r"|du|des|d['’])|\s+d)|racont(?:e|ent|er|ait|é)"
    r"|expliqu(?:e|ent|er|ait|é|ant)|évoqu(?:e|ent|er|ait|ée?s?)\b|décri(?:t|vent|re|vant)|répond(?:ent|re)?|cri(?:e"
    r"|ent)\b|murmur(?:e|ent)|discut(?:e|ent|er)(?=\s+d)"
    r"|comment(?:e|ent)\b|précis(?:e|ent)\b",
    mention=r"(?:mentions?|références?|allusions?)(?=\s+(?:de|du|des|à|au|d['’]))",
    subject=rf"(?:(?:quand|lorsqu['’]|où|le moment où|on entend) ?)?(?:quelqu['’]un |{_DET})?(?:(?!(?:et|puis|ou|mais|en|de|avec|"
    rf"par|pour|à|dans)\b)[\w.-]+ ){{0,3}}?"
    r"(?:(?:de |à |du |des |d['’])\w+ )?(?:(?:se|ne|n['’]|lui|leur|y|est|sont|a"
    r"|ont|été|était|aussi|encore|qui|pas|jamais|en train de|d['’]abord|"
    r"personne) ?)*",
    articles=rf"(?:{_DET})?(?:\w+ )?",
    indefinite=r"quelque\s+chose|quelqu['’]un",
    passive=r"(?:n['’]|ne\s+)?(?:est|sont|était|a\s+été|été|fut)\s+(?:(?:encore|aussi|pas|jamais)\s+)?$",
    links=r"\s*(?:pas\s+|jamais\s+|plus\s+)?[:,]?\s*(?:(?:que\s|qu['’]|de\s(?:la\s|l['’])?(?=\S)|du\s|des\s|d['’]|"
    r"à\s+propos\s+d(?:e\s|u\s)|au\s+sujet\s+d(?:e\s|u\s)|le\s+mot\s|les\s+mots\s))?",
    reported=r"^\s*(?:que|qu['’]|comment|pourquoi|si)",
    written=(
        rf"(?:(?:le|la|l['’]|un|une) ?)?(?:\w+ )?{_SURFACE} (?:qui )?(?:dit|indique|affiche|porte (?:le texte|"
        rf"les mots|l['’]inscription)|avec (?:le texte|les mots|le mot)):? (?P<words>.+)",
        rf"(?:sur|à) (?:le |la |l['’]|un |une )?{_SURFACE},? (?:on (?:peut )?li(?:t|re)|il est écrit|est écrit|"
        rf"il y a écrit):? (?P<words>.+)",
        r"(?:le mot|les mots|le texte|le titre) (?P<words>.+?) (?:apparaît|apparaissent|"
        r"s['’]affiche(?:nt)?)(?: à l['’]écran)?",
        rf"(?P<words>.+?) (?:est|sont) (?:écrite?s?)(?: sur (?:le |la |l['’]|un |une )?{_SURFACE})?",
        r"(?P<words>.+?) (?:est|sont) (?:affichée?s?|montrée?s?) à l['’]écran",
    ),
    heard=(
        r"(?:on entend|nous entendons) (?P<words>.+)",
        r"(?P<words>.+?) (?:se fait entendre|se font entendre|retentit|est audible|résonne)",
        r"(?:le )?(?:son|bruit) (?:de (?:la |l['’])?|du |des |d['’])(?P<words>.+)",
    ),
    seen=(
        r"(?:on voit|nous voyons|on aperçoit) (?P<words>.+)",
        r"(?P<words>.+?) (?:n['’])?(?:est|sont|apparaît|apparaissent) (?:pas )?(?:visibles?|à l['’]écran|"
        r"à l['’]image|dans le champ)",
        r"(?P<words>.+?) (?:est|sont) (?:montrée?s?|vue?s?)",
    ),
)
