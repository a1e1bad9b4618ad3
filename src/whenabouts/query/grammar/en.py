"""English."""

from __future__ import annotations

from whenabouts.query.grammar.grammar import Grammar, Question, any_of

_NUMBERS = {
    name: place
    for place, name in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), start=1
    )
} | {
    "last": -1,
    "final": -1,
    "second to last": -2,
    "second-to-last": -2,
    "second last": -2,
    "next to last": -2,
    "last but one": -2,
    "penultimate": -2,
    "third to last": -3,
    "third-to-last": -3,
    "2nd last": -2,
    "2nd to last": -2,
    "3rd last": -3,
    "3rd to last": -3,
}
_ORDINAL = any_of(" ".join(name.replace(" ", "_") for name in _NUMBERS))
_N = rf"(?P<n>{_ORDINAL}|\d{{1,3}}(?:st|nd|rd|th))"
_TIME = r"(?:time|moment|occasion|occurrence|occurence|instance|appearance)"
_PART = r"(?:scene|shot|part|clip|sequence)"
_THAT = r"(?:that|when|where|in which|at which|of|with)"
_OF_VIDEO = r"(?!\s+of\s+(?:the|this|a)\s+(?:video|clip|game|movie|match|race|show))"
_FIND = r"(?:(?:when|at|on|is|was|find|show|list|show me|find me|give me)\s+){0,3}"
_MENTIONS = r"talk(?=\s(?:of|about))|mention|reference|allusion|discussion|question|answer|remark|comment|statement|joke|laugh|smile|kiss"
_ACT_NOUNS = (
    "admission|confession|correction|retraction|denial|apology|apologies|promise|agreement|refusal|thanks|regret|"
    "accusation|greeting|farewell|goodbye|compliment|complaint|warning|advice|introduction|announcement|doubt|"
    "decision|invitation|threat|memory|praise"
)
_EVENTS = (
    r"break|pause|intermission|interval|interruption|commercial|commercials|ad|ads|advert|applause|clapping|laughter|"
    r"silence|music|song|speech|talk|interview|lecture|presentation|discussion|debate|conversation|question|answer|"
    r"joke|intro|introduction|outro|credits|opening|ending|beginning|end|start|ceremony|performance|game|match|round|"
    r"goal|kick-?off|half-?time|penalty|race|fight|crash|accident|explosion|announcement|apology|confession|verdict|"
    r"dance|dinner|lunch|breakfast|toast|meeting|demonstration|explanation|story|scene|title|clip|video|phone call|"
    r"call|bell|alarm|storm|blackout|black screen|replay|whistle|countdown|show|concert|prayer|vote|kiss|jump|fall"
)
_EVENT = rf"(?:{_EVENTS})s?"
_SIGNAL = (  # what is counted in a recording although nobody does it
    r"(?:(?:loud|hard|sudden|short|long|camera|coffee|lunch|commercial)\s)?(?:round\sof\sapplause|burst\sof\slaughter|flash\sof\slight(?:ning)?|flash|cut|fade(?:[ -](?:in|out|to\sblack))?|"
    r"freeze|beep|bleep|tone|bang|boom|crash|thud|noise|sound|knock|bark|siren|gun\s?shot|explosion|cheer|scream|sneeze|"
    r"cough|(?:(?:tele)?phone|bell)\sring|doorbell|laugh|song|silence|pause|break|applause|scene\schange|test\spattern|colou?r\sbars)(?:e?s)?"
    r"(?=(?:\s(?:is|are)\s(?:heard|seen|audible|visible|shown|made)|\s(?:sound|occur|happen|appear|come|start|begin)s?)?$)"
)

_AGREE = (  # she laugh -> she laughs, after `does` was cut
    (r"^((?:they|people|we|you|i)\s)not\s(?=\w)", r"\1do not "),
    (
        r"^((?:(?!(?:is|are|was|were|be|has|have|had|did|does|do|will|would|can|could|should|may|might|that|who)\b)"
        r"[^\s,]+\s){1,6}?)not\s(?=\w)(?!(?:to|the|an?|very|even|his|her|for|because|in|on|at|that|\w+ing)\b)",
        r"\1does not ",
    ),
    (r"^(he|she|it|someone|somebody|nobody|anyone|anybody)\s+have\b", r"\1 has"),
    (r"^(he|she|it|someone|somebody|nobody|anyone|anybody)\s+(\w+(?:s|sh|ch|x|o))\b", r"\1 \2es"),
    (r"^(he|she|it|someone|somebody|nobody|anyone|anybody)\s+(\w+[^aeiou\W])y\b", r"\1 \2ies"),
    (r"^(he|she|it|someone|somebody|nobody|anyone|anybody)\s+((?!not\b|never\b|ever\b)\w+)", r"\1 \2s"),
    (r"^([\w ]{1,40}?)\s(?:does|did|do)\s(.+)$", r"\2 \1"),  # children does she have
)
_SWAP = (  # is the budget mentioned -> the budget is mentioned
    (r"^(will|would|can|could|has|have|had)\s+(he|she|it|they|there|someone)\b", r"\2 \1"),
    (r"^(?:will|would|can|could|has|have|had)\s+(?=(?:the|an?|her|his|their)\s)", r""),
    (r"^(is|are|was|were)\s+(he|she|it|they|there|someone|anyone|nobody)\b", r"\2 \1"),
    (
        r"^(is|are|was|were)\s+(.{1,80}?)\s+(not\s+|never\s+)?(?=(?:\w+ed|\w+ing|shown|said|seen|heard|told|spoken|written|born|built|"
        r"visible|on screen)\b)",
        r"\2 \1 \3",
    ),
    (r"^(is|are|was|were)\s+((?:[^\s,]+\s){1,5}?)not\s(?=\w)", r"\2\1 not "),
)
_WITHOUT = (  # doesn't she laugh -> she does not laugh
    (r"^(is|are|was|were)n['’]t\s+(he|she|it|they|someone|(?:the|an?|his|her|their)\s\w+)\s", r"\2 \1 not "),
    (r"^(?:does|did|do)n['’]t\s+(they|people|we|you|i)\s", r"\1 do not "),
    (r"^(?:does|did|do)n['’]t\s+(he|she|it|someone|(?:the|an?|his|her|their)\s\w+)\s", r"\1 does not "),
)
_SUBJECT = (  # behind "is" in a question
    r"(?:(?:the|an?|he|she|it|they|there|her|his|their|any|some|any(?:one|body|thing)|some(?:one|body|thing))\b"
    r"|\S+\s(?:first\s|last\s)?(?:mentioned|introduced|shown|said|discussed|seen|heard)\b)"
)
_DO = r"(?:does|did|do)"
_BE = r"(?:is|are|was|were)"
_SHORT = r"(?=(?:a|an|the|he|she|they|it|someone|somebody|people|her|his|nobody|no one)\s(?:[^\s,]+\s){0,7}[^\s,]+$)"
_SPEECH = (
    r"(?:say|mention|talk|speak|explain|discuss|admit|apologi[sz]e|tell|describe|thank|promise|ask|introduce|deny|"
    r"announce|warn|confess|correct|complain|joke|greet|agree|laugh|cry|smile|refer|bring up|take back|retract)"
)
_WHAT_IS = r"(?:what\s+(?:is|was|are|were)|what['’]s)\s+"
_BEFORE_SPEECH = r"(?=(?:[^\s]+\s){1,3}(?:first\s|last\s)?" + _SPEECH + r"\b)"

_STATEMENT = (
    r"\s(?:it|that|this|what|something|(?:a|an|the|her|his"
    r"|their)\s(?:\w+\s)?(?:words?|statements?|claims?|remarks?|comments?|"
    r"promise|"
    r"accusations?|answer|criticism|admission))\b"
)
_TO = r" to (?:(?:the|his|her|their|an?)(?: \w+){1,2}|him|her|them|us|me|everyone|everybody)$"
_ACTS = {
    "apologise": r"(?:says?|said) (?:that )?(?:she|he|they) (?:is|was|are|were) (?:so |very )?sorry|apologi[sz](?:e|"
    r"es|ed|ing)|(?:say|says|said|saying|(?:is|are|was|were)(?: so| very)?) sorry"
    rf"|(?:makes?|made|making|offers?|offered|issues?|issued) (?:an?|her|his|their)(?: \w+)? apolog(?:y|ies)(?:{_TO})?|(?:asks?|begs?|asked|begged) (?:\w+ ){{0,3}}for forgiveness|begs? (?:\w+ )?pardon",
    "farewell": r"(?:say|says|said|saying|bid|bids|wave|waves) (?:goodbye|good-bye|bye|farewell|good night)(?: to)?"
    r"|takes? (?:her|his|their) leave",
    "greet": r"greet(?:s|ed|ing)?|welcom(?:e|es|ed|ing)"
    r"|(?:say|says|said|saying) (?:hello|hi|good (?:morning|evening|day|afternoon))(?: to)?",
    "thank": r"thank(?:s|ed|ing)?|(?:say|says|said|saying) (?:thank you|thanks)(?: to)?"
    r"|express(?:es|ed|ing)? (?:\w+ )?(?:gratitude|thanks)|(?:is|are|was|were) (?:\w+ )?grateful",
    "admit": rf"(?:makes?|made|making) an?(?: \w+)? (?:confession|admission)(?:{_TO})?|admit(?:s|ted|ting)?|confess(?:es|ed|ing)?|acknowledg(?:e|es|ed|ing)|conced(?:e|es|ed|ing)"
    r"|owns? up(?: to)?",
    "correct": r"correct(?:s|ed|ing)?|retract(?:s|ed)?|recant(?:s|ed|ing)?"
    rf"|(?:take|takes|took|taking) back(?=$|{_STATEMENT})|withdr(?:aw|aws|ew|awing)(?={_STATEMENT})",
    "deny": r"den(?:y|ies|ied|ying)",
    "promise": r"promis(?:e|es|ed|ing)|vow(?:s|ed|ing)?|swear(?:s|ing)?|swore|pledg(?:e|es|ed|ing)"
    rf"|(?:makes?|made|making|gives?|gave) (?:an?(?: \w+)? (?:promise|vow|pledge)|(?:her|his|their) word)(?:{_TO})?",
    "agree": r"agree(?:s|d|ing)?(?: with| to| on)?|consent(?:s|ed|ing)?(?: to)?",
    "refuse": r"refus(?:e|es|ed|ing)|declin(?:e|es|ed|ing)|reject(?:s|ed|ing)?|turns? down(?= (?:the|an?|her|his|"
    r"their) (?:\w+ )?(?:offer|invitation|request|proposal|job))",
    "ask": r"ask(?:s|ed|ing)?(?: (?:an?(?:other)?|the|many|several|some) (?:\w+ )?questions?)?|wants? to know|"
    r"inquir(?:e|es|ed|ing)|enquir(?:e|es|ed|ing)",
    "regret": r"express(?:es|ed|ing)? (?:\w+ )?regret(?:s? (?:for|about|over))?|regret(?:s|ted|ting)?|wish(?:es|"
    r"ed)? (?=(?:she|he|they|it) (?:had|were|could))",
    "blame": r"(?:makes?|made|making) (?:an?(?: \w+)? accusation|accusations)|blam(?:e|es|ed|ing)|accus(?:e|es|ed|ing)",
    "praise": r"(?:makes?|pays?|gives?)(?: \w+){0,2} compliments?|prais(?:e|es|ed|ing)|compliment(?:s|ed|ing)?|commend(?:s|ed|ing)?",
    "complain": r"(?:makes?|made|making) an?(?: \w+)? complaint|complain(?:s|ed|ing)?|grumbl(?:e|es|ed|ing)",
    "warn": r"warn(?:s|ed|ing)?|caution(?:s|ed|ing)?",
    "advise": r"advis(?:e|es|ed|ing)|recommend(?:s|ed|ing)?|suggest(?:s|ed|ing)?|(?:gives?|gave|giving) advice",
    "introduce": r"introduc(?:e|es|ed|ing)",
    "announce": r"(?:makes?|made|making) an?(?: \w+)? announcement|announc(?:e|es|ed|ing)|reveal(?:s|ed|ing)?|declar(?:e|es|ed|ing)|disclos(?:e|es|ed|ing)"
    r"|proclaim(?:s|ed|ing)?",
    "doubt": r"express(?:es|ed|ing)? (?:\w+ )?doubts?(?: about)?|doubt(?:s|ed|ing)?|(?:is|are|was|were) (?:unsure|"
    r"not sure)(?: whether| if)?",
    "decide": r"decid(?:e|es|ed|ing)|(?:makes?|made|making) a decision",
    "invite": r"invit(?:e|es|ed|ing)",
    "congratulate": r"congratulat(?:e|es|ed|ing)",
    "hope": r"express(?:es|ed|ing)? (?:\w+ )?hopes?|hop(?:e|es|ed|ing)",
    "fear": r"express(?:es|ed|ing)? (?:\w+ )?fears?(?: of| about)?|fear(?:s|ed|ing)?|dread(?:s|ed|ing)?|worr(?:y|ies"
    r"|ied|ying)"
    r"|(?:is|are|was|were) (?:afraid|scared|frightened|worried|anxious)",
    "forgive": r"forgiv(?:e|es|ing)|forgave|pardon(?:s|ed|ing)?",
    "threaten": r"(?:makes?|made|making) (?:an?(?: \w+)? threat|threats)|threaten(?:s|ed|ing)?",
    "boast": r"boast(?:s|ed|ing)?|brag(?:s|ged|ging)?",
    "remember": r"remember(?:s|ed|ing)?|recall(?:s|ed|ing)?|reminisc(?:e|es|ed|ing)|looks? back on",
    "joke": r"jok(?:e|es|ed|ing)|(?:make|makes|made|tell|tells|told|telling|crack|cracks)(?: \w+){0,2} jokes?",
}
_SURFACES = (
    r"title(?: card| screen)?|captions?|signs?|signboard|text|words?|screen|slides?|card|banner|poster|label|logo|"
    r"headline|subtitles?|intertitle|chyron|billboard|board|sheet|page|letters|lettering|t-?shirt|jersey|credits?"
)
_SHOWING = r"read(?:s|ing)?|say(?:s|ing)?|said|spell(?:s|ing)?|titled|labell?ed|with the (?:text|words?)"
# "A slide with a diagram" says what it looks like, "a slide with the agenda" what is written on it.
_LOOKS = r" (?:an?|some|two|three) | .*\b(?:background|letters|lettering|border|frame|colou?rs?)$"
_OPENING = r"(?:when |where |the moment |the part where )?(?:there is |we see |you see |we hear )?"
_WORDS = r"(?P<words>.+)"

GRAMMAR = Grammar(
    code="en",
    function_words="the a an and of to in is are was were she he they it her his their with who what when where why "
    "how that this for from on at by about does did do not has have had before after first second every someone "
    "while until you we i my your as be or but into its them him there which then says say time while me if can will"
    " up out off over some something down just all more now one onto through around "
    "together away",
    numbers=_NUMBERS,
    count=(
        Question(rf"^how\s+(?:many\s+times|often|frequently)\s+{_DO}\s+", None, _AGREE),
        Question(rf"^how\s+(?:many\s+times|often|frequently)\s+(?={_BE}\s)", None, _SWAP),
        Question(r"^how\s+(?:many\s+times|often|frequently)\s+(?=\S)"),
        Question(r"^(?:the\s+)?number\s+of\s+times\s+(?:that\s+)?(?=\S)"),
        Question(rf"^how\s+many\s+(?={_ACT_NOUNS}|(?:mention|reference|question|joke)s\b)", None, _AGREE[-1:]),
    ),
    every=(
        rf"^{_FIND}(?:every|each)\s+(?:single\s+)?{_TIME}(?:\s+{_THAT})?\s+(?=\S)",
        rf"^{_FIND}(?:every|each|all|all\s+of|all\s+the|all\s+of\s+the)\s+(?:single\s+)?{_PART}s?\s+{_THAT}\s+(?=\S)",
        rf"^{_FIND}all\s+(?:of\s+)?(?:the\s+)?{_TIME}s(?:\s+{_THAT})?\s+(?=\S)",
        r"^whenever\s+(?=\S+\s\S)",
        rf"^{_FIND}(?:all|every|each)(?:\s+of)?(?:\s+the|\s+her|\s+his|\s+their)?\s+(?=(?:{_MENTIONS}|"
        rf"{_ACT_NOUNS})s?\b)",
        rf"^{_FIND}(?:all|every|each)(?:\s+of)?(?:\s+the)?\s+(?:single\s+)?(?={_SIGNAL})",
        r"(?<=\S),?\s+(?:every|each)\s+(?:single\s+)?time$",
    ),
    order=(
        rf"^{_FIND}(?:the\s+)?(?:very\s+)?{_N}\s+{_TIME}{_OF_VIDEO}(?:\s+{_THAT})?\s+(?=\S)",
        rf"^{_FIND}(?:the\s+)?(?:very\s+)?{_N}\s+{_PART}{_OF_VIDEO}\s+{_THAT}\s+(?=\S)",
        rf"(?<=\S),?\s+for\s+(?:the|her|his|their)\s+(?:very\s+)?{_N}\s+time\b",
        rf"(?<=\S),?\s+an?\s+{_N}\s+time$",
        rf"^{_FIND}(?:the\s+|her\s+|his\s+|their\s+)?{_N}\s+(?=(?:{_MENTIONS}|{_ACT_NOUNS})\b)",
        rf"^{_FIND}(?:the\s+)?{_N}\s+(?=(?:{_EVENTS})$)",
        rf"^{_FIND}(?:the\s+)?{_N}\s+(?={_SIGNAL})",
    ),
    adverbs=(
        r"(?<=\w)(?<!\bthe)(?<!\bher)(?<!\bhis)(?<!\bat)(?<!\btheir)(?<!\ba)(?<!\bthis)(?<!\bin)(?<!\band)(?<!\bof)"
        r"\s(?P<n>first|last)(?=\s\w)(?!\s(?:time|floor|week|night|year|month|name|class|place|aid|of|and|thing|to|"
        r"in)\b)"
        r"(?!.*\bthen\b)",
    ),
    unread=(
        rf"^{_FIND}(?P<cut>(?:the\s+)?(?:{_ORDINAL})\s+(?:and|or)\s+(?:the\s+)?\w+\s+{_TIME}s?(?:\s+{_THAT})?\s+)(?=\S)",
        rf"^{_FIND}(?P<cut>(?:the\s+)?(?:0(?:th)?|zeroth)\s+{_TIME}(?:\s+{_THAT})?\s+)(?=\S)",
        rf"(?<=\S)(?P<cut>,?\s+and\s+the\s+(?:{_ORDINAL}))$",
        r"^(?:the\s+)?last(?=\s+(?:thing|words?|line|sentence)\s.*\bafter\s)",
        r"^(?:the\s+)?first(?=\s+(?:thing|words?|line|sentence)\s.*\bbefore\s)",
        r"^(?:the\s+)?(?:very\s+)?(?:first|last)\s+(?:thing|words?|line|sentence)(?=\s+(?:that\s+)?(?:she|he|they|the\s+\w+)\s+(?:says?|said|does|did)$)",
        r"(?:^|(?<=\s))(?:right\s+)?(?:at|near|towards?)\s+the\s+(?:very\s+)?(?:beginning|start|end)$",
        rf"(?:^{_FIND}(?P<cut>the\s+(?:first|last|next)\s+(?:two|three|four|five|few|couple\s+of|several|\d+)\s+"
        rf"(?:times|moments|occasions)(?:\s+{_THAT})?\s+)(?=\S))",
        rf"(?:^(?P<cut>(?:the\s+next|the\s+previous|every\s+other|every\s+second)\s+time(?:\s+{_THAT})?\s+)(?=\S))",
        r"(?<!\bhow\s)\b(?:more\s+than\s+once|(?:at\s+least\s+|exactly\s+)?(?:twice|thrice|(?:two|three|four|five|"
        r"several|many|\d+)"
        r"\s+times))\b(?!\s+(?:as|more|the))",
        r"(?<!\bfor)(?P<cut>\s(?:within\s+)?(?:a\s+few|about\s+\w+|\w+)\s+(?:seconds?|minutes?|"
        r"hours?)\s+)(?=(?:before|after|of)\b)",
        r"\bwithin\s+(?:the\s+)?(?:first\s+|last\s+)?\w+\s+(?:seconds?|minutes?|hours?)\b",
        r"\b(?:at|around|by|from|after|before|in)\s+(?:the\s+)?(?:(?:minute"
        r"|second|hour)\s+\d+|\d{1,2}:\d\d(?::\d\d)?\b"
        r"|\w+(?:st|nd|rd|th)\s+(?:minute|second|hour)\b)",
        r"\b(?:in|during|of|near|towards?|at|within)\s+the\s+(?:(?:first|second|last|middle|final)\s+"
        r"(?:half|third|quarter|part|(?:few|two|three|five|ten|\w+teen|\w+ty|\d+)\s+(?:seconds|minutes|hours))"
        r"|(?:beginning|start|middle|end)(?=\s+of\s+the\s+(?:video|interview|recording|talk|clip|show)))"
        r"(?:\s+of\s+the\s+\w+)?",
        r"\bthe\s+(?:longest|shortest|loudest|quietest)\b",
        r"\balternate(?:ly)?\b|\bthe\s+(?:most|least)\s+often\b|\b(?:unless|except\s+when|only\s+if)\b.{0,60}",
    ),
    relations=(
        ("right after", r"(?:right|just|shortly|immediately|directly|soon|straight)\s+after|as\s+soon\s+as"),
        ("right before", r"(?:right|just|shortly|immediately|directly)\s+before"),
        ("after", r"after|since|following"),
        ("before", r"before|prior\s+to"),
        (
            "while",
            r"while|whilst|during|as(?=\s(?:he|she|they|people|others|someone|everyone|everybody|the\s\w+\s"
            r"(?:is|are|was|were|begins?|starts?|plays?|sings?|speaks?|talks?|walks?|continues?))\b)",
        ),
        ("until", r"until|till"),
        ("between", r"between"),
    ),
    join=r"\s+and\s+",
    idioms=(
        r"\b(?:look|care|run|chase|tak(?:e|ing)|nam(?:e|ed)|go|com(?:e|ing)|ask|call(?:ed)?|sought|seek)"
        r"(?:s|ed|ing|ning|es)?(?:\s+\w+)?\s+after\b|\b(?:ran|took|went|chas\w+)\s+after\b"
        r"|\b(?:day|night|week|year)s?\s+(?:before|after)\b"
        r"|\b(\w+)\s+after\s+(?:\1|another)\b|\bbefore\s+and\s+after\b"
        r"|\bafter\s+(?:all|that|this|which|him|her|it|them|another|words|effects)\b(?!\s+\w)"
        r"|\b(?:after|before|during)\s+(?:that|this|which)\b|\bafter\s+(?:many|several|some|a\s+few|a\s+couple\s+of|"
        r"\d+|one|two|three|\w+teen|\w+ty)?\s*(?:seconds|minutes|hours|days|weeks|months|years)\b|\bbefore\s+(?:long"
        r"|him|her|it|them|us)\b(?!\s+\w)"
        r"|\b(?:a|the|little|long|short|whole)\s+while\b|\b(?:ever|long|and)\s+since\b|\bsince\s+(?:then|the\s+age)\b"
        r"|\b(?:stand|sit|kneel|bow|appear|perform|pos)(?:s|es|ing|ed|ting)?\s+before\b|\bjust\s+as\b|\bsuch\s+as\b"
        r"|\b(?:after|before),|\bas\s+(?:far|long|much|high|fast|hard|well|quickly|many|good|close)\b.{0,30}?\bas\b|"
        r"\bso\s+\w+\s+as\b|\bas\s+(?:\w+\s+)?as\b(?<!as soon as)|\b(?:the|same|known|dressed|well|far|much)\s+as\b"
        r"|\b(?:the|a)\s+(?:following|while)\b|\b(?:is|are|was|were|be|been)\s+following\b|\bfollowing\s+(?:him|her|"
        r"them|it)\b"
        r"|^(?:following|since)\b(?!\s+(?:the|a|an|her|his|their)\s)|\bfollowing\s+(?!the\s)"
        r"|\bbetween\s+(?:two|them|the\s+two|each|his|her|their|people|us|both)\b|\b(?:difference|choose|war|battle|"
        r"conversation|relationship|switch\w*|alternat\w*|divided|go\w*\s+back\s+and\s+forth)\s+between\b"
    ),
    conjunctions=r"as soon as|while|whilst|as|since",
    front=rf"(?:the|a|her|his|their)\s(?:\w+\s)?(?:{_EVENTS})(?=,?\s(?:the|a|an|her|his|there|someone)\s)",
    events=rf"^(?:the|a|an|her|his|their|this|that)?\s*(?:[\w-]+\s){{0,2}}?{_EVENT}(?:\s(?:of|in|by)\s.+)?$",
    bare_anchor=r"^(?!(?:and|or|but|then|to|in|on|with|by|a|the)(?:\s|$)(?<!a\s)(?<!the\s))(?:\w+ing\b.*|\S+\s+\S.*)$",
    clause=r"\b(?:is|are|was|were|has|have|had|\w+(?:s|ed))\b",
    pronouns=r"(?:he|she|they|it|we|i|you|someone|somebody|everyone|everybody|nobody)",
    no_event=r"^(?:the |a |an )?(?:person|people|man|woman|someone|he|she|they|it|then|and|\w+ly)$|\b(?:but|and|then"
    r"|or)$",
    nothing=r"^(?:what\s+(?:happens|happened|is\s+happening|comes|came|follows)|something\s+happens|(?:she|he|they|someone|the\s+\w+)\s+(?:says?|said)\s+(?:something|anything)|"
    r"what\s+(?:she|he|they|the\s+\w+)\s+(?:says?|said)|what\s+(?:does|"
    r"did|do)\s+(?:she|he|they|the\s+\w+)\s+say|what\s+is\s+said|(?:the\s+)?(?:first|last|next)\s+"
    r"(?:thing|words?|line|sentence)(?:\s+(?:that\s+)?(?:(?:she|he|they|the\s+\w+)\s+)?(?:says?|said|is\s+said|"
    r"spoken))?|the\s+"
    r"(?:moment|part|scene|bit|thing|time|shot))$",
    questions=(
        Question(
            r"^(?:please\s+)?(?:find|show|give|play)\s+(?:me\s+)?(?:the\s+)?(?:exact\s+)?"
            r"(?:moment|part|scene|place|point|time)s?\s+(?:that|when|where|in\s+which|at\s+which)\s+(?=\S)"
        ),
        Question(
            r"^(?:the\s+)?(?:exact\s+)?(?:moment|part|point|place)\s+(?:when"
            r"|where|in\s+which|at\s+which|that)\s+(?=\S)"
        ),
        Question(
            rf"^(?:at|in|on)\s+(?:what|which)\s+(?:point|time|moment|minute|scene|part|occasion)\s+{_DO}\s+",
            None,
            _AGREE,
        ),
        Question(
            rf"^(?:at|in|on)\s+(?:what|which)\s+(?:point|time|moment|minute|scene|part|occasion)\s+(?={_BE}\s)",
            None,
            _SWAP,
        ),
        Question(
            r"^(?:in\s+|on\s+|since\s+|until\s+|at\s+)?(?:which|what)\s+(?:year|month|day|date|decade|century|week|"
            r"season|time)\s+"
            rf"(?:{_DO}\s+)?",
            "time",
            (*_AGREE, *_SWAP),
        ),
        Question(
            r"^when\s+(?=(?:was|were)\s+(?:\S+\s+){1,3}(?:born|founded|built|invented|established|married|opened|"
            r"completed|hired|elected|appointed|constructed|published|released|divorced|arrested|fired|promoted)\b)",
            "time",
            _SWAP,
        ),
        Question(
            r"^when\s+did\s+(?=(?:\S+\s+){1,3}(?:die|retire|marry|get\s+married|graduate|emigrate|move\s+to|become|"
            r"leave\s+"
            r"(?:school|home)|start\s+(?:working|school))\b)",
            "time",
            _AGREE,
        ),
        Question(r"^when\s+will\s+", "time"),
        Question(rf"^(?:since|until)\s+when\s+(?:{_DO}\s+)?", "time", _SWAP),
        Question(r"^when\s+(?=(?:does|did|do|is|are|was|were)n['’]t\s)", None, _WITHOUT),
        Question(rf"^when\s+{_DO}\s+", None, _AGREE),
        Question(rf"^when\s+(?={_BE}\s{_SUBJECT})", None, _SWAP),
        Question(rf"^(?:when|where)\s+{_SHORT}"),
        Question(
            rf"^where\s+(?={_BE}\s+(?:\S+\s+){{1,6}}(?:mentioned|discussed|said|introduced|shown|seen|heard|"
            rf"explained)\b)",
            None,
            _SWAP,
        ),
        Question(rf"^where\s+{_DO}\s+{_BEFORE_SPEECH}", None, _AGREE),
        Question(rf"^where\s+{_DO}\s+", "place", _AGREE),
        Question(rf"^where\s+(?={_BE}\s)", "place", _SWAP),
        Question(
            r"^(?:in\s+|from\s+|to\s+)?(?:which|what)\s+(?:city|country|town|village|place|school|street|region|"
            r"state)\s+"
            rf"(?:{_DO}\s+)?",
            "place",
            (*_AGREE, *_SWAP),
        ),
        Question(rf"^{_WHAT_IS}(?=(?:\S+\s+){{1,4}}names?$|the\s+(?:\w+\s+)?names?\s+of\b)", "person"),
        Question(r"^what\s+(?=is\s+(?:\S+\s+){1,5}called$)", "person", ((r"^(is)\s+(.+)\s+called$", r"\2 \1 called"),)),
        Question(rf"^who(?:m|se)?\s+{_DO}\s+", "person", _AGREE),
        Question(rf"^who(?:m|se)?\s+(?:{_BE}\s+)?(?=\S)", "person"),
        Question(
            rf"^how\s+(?:many|much|long|old|far|tall|fast|big|large|deep|high|heavy|wide)\s+(?:{_DO}\s+)?(?=\S)",
            "number",
            (*_AGREE[-1:], *_SWAP, *_AGREE[:-1]),
        ),
        Question(
            rf"^{_WHAT_IS}(?=(?:the|her|his|their)\s+(?:\w+\s+)?(?:price|cost|number|amount|percentage|total|size|"
            rf"length|age)\b)",
            "number",
        ),
        Question(rf"^(?:why|how\s+come|for\s+what\s+reason)\s+(?:{_DO}\s+)?(?=\S)", "reason", (*_SWAP, *_AGREE)),
        Question(rf"^how\s+(?:(?:{_DO}|can|to|could|should|would)\s+)?(?=\S)", "manner", (*_SWAP, *_AGREE)),
        Question(rf"^{_WHAT_IS}(?=\S)", "thing"),
        Question(rf"^(?:what|which)\s+{_DO}\s+(?=\S)", "thing", _AGREE),
        Question(r"^what\s+(?!appears|seems|looks)(?=\S)", "thing"),
        Question(rf"^{_DO}\s+(?=(?:she|he|they|it|someone|anyone|the)\s)", None, _AGREE),
        Question(rf"^(?={_BE}\s{_SUBJECT})", None, _SWAP),
    ),
    negation=r"\b(?:nobody|no[ -]one|nothing(?!\s+but)|no\s+longer|never|(?:is|are|was|were|do|does|did|has|have|had"
    r"|will|would|can|could|should|be) (?:still |also |\w+ly )?not(?! only)|not (?:a|once)|cannot)\b|^without\b|"
    r"\bwithout\s+any(?:one|body|thing)?\b|\b\w+n['’]t\b"
    r"|\bthere\s+(?:is|are|was|were)\s+no\b|^no\s(?=\w)",
    clause_ends=r"\b(?:and|but|who|that|which|to|or|because|so|if|although|though|whether)\b|,",
    acts=_ACTS,
    nouns={
        "admit": "admission|confession",
        "correct": "correction|retraction",
        "deny": "denial",
        "apologise": "apology|apologies",
        "promise": "promise|pledge|vow",
        "agree": "agreement",
        "refuse": "refusal",
        "thank": "thanks",
        "regret": "regret",
        "blame": "accusation|blame",
        "greet": "greeting|welcome",
        "farewell": "farewell|goodbye",
        "praise": "praise|compliment",
        "complain": "complaint",
        "warn": "warning",
        "advise": "advice|recommendation|suggestion",
        "introduce": "introduction",
        "announce": "announcement",
        "doubt": "doubt",
        "decide": "decision",
        "invite": "invitation",
        "congratulate": "congratulations",
        "fear": "fear",
        "threaten": "threat",
        "remember": "memory|memories|recollection",
        "joke": "joke",
        "ask": "question",
    },
    split=(("correct", rf"(?:tak(?:e|es|en|ing)|took)(?={_STATEMENT})", "back"),),
    said=r"say(?:s|ing)?|said|shout(?:s|ed|ing)?|whisper(?:s|ed|ing)?|yell(?:s|ed|ing)?|mention(?:s|ed|ing)?"
    r"|explain(?:s|ed|ing)?|answer(?:s|ed|ing)?|repl(?:y|ies|ied|ying)|narrat(?:e|es|ed|ing)|discuss(?:es|ed|ing)?"
    r"|tell(?:s|ing)?|told|describ(?:e|es|ed|ing)|stat(?:e|es|ed|ing)|comment(?:s|ed|ing)? on|refer(?:s|red|ring)? to"
    r"|(?:bring|brings|brought|bringing) up|us(?:e|es|ed|ing) the (?:words?|phrase|term)|utter(?:s|ed)?|pronounc(?:e"
    r"|es|ed)"
    r"|recount(?:s|ed|ing)?|touch(?:es|ed)? on|reflect(?:s|ed|ing)? on|opens? up about|(?:talk(?:s|ed|ing)?|"
    r"speak(?:s|ing)?|spoke|spoken) (?:about|of)",
    mention=r"(?:mentions?|references?|allusions?) (?:of|to)|(?:discussions?|remarks?|comments?|statements?|stor(?:y"
    r"|ies)|anecdotes?) (?:of|about|on)|talk (?:about|of)",
    subject=rf"{_OPENING}(?:(?:a|an|the|one|another|this|that|some|her|his|their) )?"
    r"(?:(?!(?:and|then|to|while|or|but|of|in|on|at|with|for|by|from|into|who|which|camera|view|looks?|seems?|"
    r"appears?|opens?|holds?|walks?|sits?)\b)"
    r"[\w.'’-]+ ){0,4}?(?:(?:in|with|from|of|at|on) (?:(?!which|who|that)[\w-]+ ){1,4}?)?"
    r"(?:(?:['’](?:s|re)|is|are|was|were|has|have|had|be|been|being"
    r"|starts?|begins?|continues?|keeps?|stops?|can|could|"
    r"will|would|does|did|do|not|never|no longer|also|again|first|last|seen|heard|who|\w+ly|\w+n['’]t) )*",
    articles=rf"{_OPENING}(?:(?:the|an?|her|his|their|one|another|this|that) )?(?:\w+ )?",
    passive=r"\b(?:is|are|was|were|gets?|being|been|be)\s+(?:(?:\w+ly|also|again|being|not|never|no longer|first|"
    r"last)\s+){0,2}$",
    links=r"\s*[:,]?\s*(?:(?:that|about|of|for|out|loud|aloud|the words?|the phrase|the text|to (?:him|her|them|us|me|"
    r"everyone|(?:the|his|her|their) \w+)(?=\s(?:that|about|for|how|why|what)\b)|to the camera|(?:him|her|us|them|me|"
    r"everyone|people|someone|(?:the|his|her|their) \w+)(?=\s(?:that|about|of|how|why|what)\b))\s+)*",
    reported=r"^\s*(?:that|how|why|what|she|he|they|it|i|we|there|when|where|who)\b",
    indefinite=r"(?:some|any)(?:thing|one|body)|it|this|that",
    tail=r"",
    written=(
        rf"{_OPENING}(?:(?:a|an|the|some) )?(?:\w+ ){{0,2}}?(?:{_SURFACES})(?: on (?:the )?\w+)?"
        rf"(?: (?:that|which|is|are|was))* (?:{_SHOWING})(?:\s*:)?(?: the words?)? {_WORDS}",
        rf"(?:the )?(?:{_SURFACES}) (?P<words>(?!(?:of|with|and|first|then|in|on|is|are|that|from|for|about|"
        rf"also)\b).+?)"
        r" (?:appears?|shows? up|(?:is|are) (?:shown|written|displayed))(?: on (?:the )?screen)?",
        rf"(?:on|in) (?:the|a) (?:{_SURFACES}),? (?:it )?(?:says|reads|is written|there is written) {_WORDS}",
        rf"it (?:says|reads) (?P<words>.+?) on (?:the|a) (?:{_SURFACES})",
        r"(?!.*\b(?:first|appears?|shows?|comes?|goes|is|are|was|were)\b)(?:the |a )?(?:words?|text|letters|lettering) "
        r"(?P<words>(?!(?:of|with|and|in|on|at|that|which|from|for|about|by)\b).+?) "
        rf"(?:on|in) (?:(?:the|a) (?:\w+ )?(?:{_SURFACES})|screen)",
        rf"(?P<words>.+?) (?:is|are) (?:written|printed)(?: (?:on|in) (?:the|a) (?:\w+ )?(?:{_SURFACES}))?",
        rf"(?P<words>.+?) (?:is|are) displayed (?:on|in) (?:the|a) (?:\w+ )?(?:{_SURFACES})",
        r"(?P<words>(?!(?:an?|the|some|two|three)? ?(?:\w+ )?(?:man|woman|boy|girl|person|people|men|women|child|"
        r"children|"
        r"nobody|no one)\b).+?) (?:is|are) shown on (?:the )?screen",
        rf"(?:a|the) (?:{_SURFACES}) (?:about|with(?!{_LOOKS})) (?:the words? |the text )?{_WORDS}",
    ),
    heard=(
        rf"(?:when |where |the moment )?(?:we|you|one|i) (?:can )?hear {_WORDS}",
        r"(?P<words>.+?) (?:is|are|can be|could be|was|were) heard(?: in the background| again| off screen)?",
        rf"(?:the |a )?(?:sounds?|noises?) of {_WORDS}",
    ),
    seen=(
        rf"(?:when |where |the moment )?(?:we|you|one|i) (?:can )?see {_WORDS}",
        r"(?P<words>.+?) (?:is|are|was|were|becomes?) (?:(?:not |no longer |never )?visible|(?:not |no longer |"
        r"never )?on (?:the )?(?:screen|camera)|in (?:the )?(?:frame|picture"
        r"|shot|view)|shown|seen)(?: on (?:the )?screen)?",
        r"(?P<words>.+?) appears? on (?:the )?screen",
        r".{1,60} (?:is|are) (?:shown|seen) \w.*",
        rf"(?:an? |the )?(?:shot|picture|image|view|close-up) of {_WORDS}",
    ),
)
