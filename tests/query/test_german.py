"""Queries in German, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    (
        "Wann gibt sie zum ersten Mal eine Schwäche zu?",
        {"event": "sie gibt eine Schwäche zu", "which": 1, "words": "eine Schwäche", "kind": "said", "act": "admit"},
    ),
    (
        "das zweite Mal, dass sie das Budget erwähnt",
        {"event": "sie das Budget erwähnt", "which": 2, "words": "das Budget", "kind": "said"},
    ),
    (
        "jedes Mal, wenn das Budget erwähnt wird",
        {"event": "das Budget erwähnt wird", "which": 0, "words": "das Budget", "kind": "said"},
    ),
    ("jedes Mal wenn sie lacht", {"event": "sie lacht", "which": 0}),
    (
        "wie oft wird das Budget erwähnt?",
        {"event": "das Budget wird erwähnt", "which": 0, "words": "das Budget", "kind": "said", "count": True},
    ),
    ("wie oft lacht sie", {"event": "sie lacht", "which": 0, "count": True}),
    (
        "die zweite Erwähnung des Budgets",
        {"event": "Erwähnung des Budgets", "which": 2, "words": "des Budgets", "kind": "said"},
    ),
    ("zum letzten Mal lacht sie", {"event": "sie lacht", "which": -1}),
    ("sie lacht zum dritten Mal", {"event": "sie lacht", "which": 3}),
    ("das vorletzte Mal, als er lacht", {"event": "er lacht", "which": -2}),
    ("vor der Pause", {"event": "", "relation": "before", "anchors": ("der Pause",)}),
    ("nach der Pause", {"event": "", "relation": "after", "anchors": ("der Pause",)}),
    ("kurz nach dem Applaus", {"event": "", "relation": "right after", "anchors": ("dem Applaus",)}),
    (
        "sie erwähnt das Budget nach der Pause",
        {
            "event": "sie erwähnt das Budget",
            "relation": "after",
            "anchors": ("der Pause",),
            "words": "das Budget",
            "kind": "said",
        },
    ),
    (
        "nach der Pause erwähnt sie das Budget",
        {
            "event": "sie erwähnt das Budget",
            "relation": "after",
            "anchors": ("der Pause",),
            "words": "das Budget",
            "kind": "said",
        },
    ),
    (
        "sie erwähnt nach der Pause das Budget",
        {
            "event": "sie erwähnt das Budget",
            "relation": "after",
            "anchors": ("der Pause",),
            "words": "das Budget",
            "kind": "said",
        },
    ),
    ("sie lacht, nachdem der Witz endet", {"event": "sie lacht", "relation": "after", "anchors": ("der Witz endet",)}),
    (
        "nachdem das Tor gefallen ist, jubelt er",
        {"event": "er jubelt", "relation": "after", "anchors": ("das Tor gefallen ist",)},
    ),
    ("bevor der Zug abfährt, winkt sie", {"event": "sie winkt", "relation": "before", "anchors": ("der Zug abfährt",)}),
    ("er singt, während sie tanzt", {"event": "er singt", "relation": "while", "anchors": ("sie tanzt",)}),
    (
        "zwischen der Pause und dem Applaus",
        {"event": "", "relation": "between", "anchors": ("der Pause", "dem Applaus")},
    ),
    ("sie winkt, bis der Zug abfährt", {"event": "sie winkt", "relation": "until", "anchors": ("der Zug abfährt",)}),
    ("was passiert direkt nach dem Applaus", {"event": "", "relation": "right after", "anchors": ("dem Applaus",)}),
    ("ein Mann steht vor der Tür", {}),
    ("er geht nach Hause", {}),
    ("ein Hund läuft nach links", {}),
    ("niemand ist im Bild", {"kind": "seen", "negated": True}),
    ("sie spricht nicht mehr", {"negated": True}),
    ("sie sagt, dass sie ihn nie getroffen hat", {"words": "sie ihn nie getroffen hat", "kind": "said"}),
    ("sie erwähnt das Budget nicht", {"words": "das Budget", "kind": "said", "negated": True}),
    ("wie heißt sie?", {"words": "sie", "asks": "person"}),
    ("wie ist ihr Name", {"words": "ihr Name", "asks": "person"}),
    ("wann wurde sie geboren", {"words": "sie wurde geboren", "asks": "time"}),
    ("in welchem Jahr wurde der Tunnel eröffnet", {"words": "der Tunnel wurde eröffnet", "asks": "time"}),
    (
        "wo spricht sie über ihre Mutter",
        {"event": "sie spricht über ihre Mutter", "words": "ihre Mutter", "kind": "said"},
    ),
    ("wo wurde sie geboren", {"words": "sie wurde geboren", "asks": "place"}),
    ("warum hat sie die Firma verlassen", {"words": "sie hat die Firma verlassen", "asks": "reason"}),
    ("wie viele Menschen sind gestorben", {"words": "Menschen sind gestorben", "asks": "number"}),
    ("wie viel kostete der Tunnel", {"words": "der Tunnel kostete", "asks": "number"}),
    ("wer hat den Tunnel gebaut", {"words": "hat den Tunnel gebaut", "asks": "person"}),
    ("was sagt sie über ihre Mutter", {"event": "sie sagt über ihre Mutter", "words": "ihre Mutter", "kind": "said"}),
    ("sie spricht über ihre Mutter", {"words": "ihre Mutter", "kind": "said"}),
    ("sie gesteht einen Fehler", {"words": "einen Fehler", "kind": "said", "act": "admit"}),
    (
        "wenn sie eine Schwäche zugibt",
        {"event": "sie eine Schwäche zugibt", "words": "eine Schwäche", "kind": "said", "act": "admit"},
    ),
    ("sie nimmt ihre Aussage zurück", {"words": "ihre Aussage", "kind": "said", "act": "correct"}),
    ("sie entschuldigt sich", {"kind": "said", "act": "apologise"}),
    ("sie bedankt sich bei den Zuschauern", {"words": "den Zuschauern", "act": "thank"}),
    ("sie verabschiedet sich", {"act": "farewell"}),
    ("er begrüßt die Gäste", {"words": "die Gäste", "act": "greet"}),
    ("sie hat einen Fehler zugegeben", {"words": "einen Fehler", "kind": "said", "act": "admit"}),
    ("er sagt „willkommen zurück“", {"words": "willkommen zurück", "kind": "said", "quoted": True}),
    ("auf dem Schild steht Ausgang", {"words": "Ausgang", "kind": "written", "quoted": True}),
    ("das Wort ENDE erscheint", {"words": "ENDE", "kind": "written", "quoted": True}),
    ("man hört Applaus", {"words": "Applaus", "kind": "heard"}),
    ("ein Telefon ist zu hören", {"words": "ein Telefon", "kind": "heard"}),
    ("ein rotes Auto ist zu sehen", {"words": "ein rotes Auto", "kind": "seen"}),
    ("ein Mann öffnet den Kühlschrank und nimmt Milch heraus", {}),
    ("der erste Mann geht weg", {}),
    ("der zweite Weltkrieg", {}),
    ("im ersten Stock", {}),
    ("sie erwähnt das Budget zweimal", {"words": "das Budget", "kind": "said", "unread": ("zweimal",)}),
    ("in der ersten Hälfte lacht sie", {"unread": ("in der ersten Hälfte",)}),
    ("das Geständnis", {"kind": "said", "act": "admit"}),
    ("die letzte Frage", {"event": "Frage", "which": -1, "kind": "said", "act": "ask"}),
    (
        "alle Erwähnungen des Budgets",
        {"event": "Erwähnungen des Budgets", "which": 0, "words": "des Budgets", "kind": "said"},
    ),
    ("sie lehnt das Angebot ab", {"words": "das Angebot", "act": "refuse"}),
    ("er streitet ab, dort gewesen zu sein", {"words": "dort gewesen zu sein", "kind": "said", "act": "deny"}),
    (
        "Wann wird zuletzt vom Lieferwagen gesprochen?",
        {"event": "wird vom Lieferwagen gesprochen", "which": -1, "words": "Lieferwagen", "kind": "said"},
    ),
    ("der Angeklagte will nichts sagen", {"kind": "said", "negated": True}),
    ("er bittet sie um Verzeihung", {"words": "sie", "kind": "said", "act": "apologise"}),
    ("Wie kalt ist es dort oben?", {"words": "es dort oben ist", "asks": "number"}),
    (
        "wann wird der Sturm nicht erwähnt",
        {"event": "der Sturm wird nicht erwähnt", "words": "der Sturm", "kind": "said", "negated": True},
    ),
    (
        "wann spricht er nicht über den Sturm",
        {"event": "er spricht nicht über den Sturm", "words": "den Sturm", "kind": "said", "negated": True},
    ),
    ("der zweite Schnitt", {"event": "Schnitt", "which": 2}),
    ("der letzte Blitz", {"event": "Blitz", "which": -1}),
    ("jeder Blitz", {"event": "Blitz", "which": 0}),
    ("alle Schnitte", {"event": "Schnitte", "which": 0}),
    ("der erste Ton der Melodie", {}),
    (
        "die Stille vor der Pause nach dem Witz",
        {"event": "die Stille", "relation": "before", "anchors": ("der Pause",), "unread": ("nach dem Witz",)},
    ),
    ("was er direkt nach der Pause sagt", {"event": "", "relation": "right after", "anchors": ("der Pause",)}),
    (
        "er sagt etwas, bevor er sich entschuldigt",
        {"event": "", "relation": "before", "anchors": ("er sich entschuldigt",)},
    ),
    (
        "während er über seine Mutter spricht",
        {"event": "er über seine Mutter spricht", "words": "seine Mutter", "kind": "said"},
    ),
    ("am Anfang", {"unread": ("am Anfang",)}),
    ("er macht ein Versprechen", {"kind": "said", "act": "promise"}),
    ("er gibt ihr ein Versprechen", {"kind": "said", "act": "promise"}),
    ("er macht eine Drohung", {"kind": "said", "act": "threaten"}),
    ("er stellt eine Frage", {"kind": "said", "act": "ask"}),
    ("er verspricht etwas", {"kind": "said", "act": "promise"}),
    (
        "zum zweiten Mal erwähnt er den Sturm",
        {"event": "er erwähnt den Sturm", "which": 2, "words": "den Sturm", "kind": "said"},
    ),
    (
        "er erwähnt zum zweiten Mal den Sturm",
        {"event": "er erwähnt den Sturm", "which": 2, "words": "den Sturm", "kind": "said"},
    ),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"de", None} and told.count("de") >= 0.85 * len(told)
