"""Queries in French, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    (
        "Quand avoue-t-elle une faiblesse pour la première fois ?",
        {"event": "elle avoue une faiblesse", "which": 1, "words": "une faiblesse", "kind": "said", "act": "admit"},
    ),
    (
        "la deuxième fois qu'elle mentionne le budget",
        {"event": "elle mentionne le budget", "which": 2, "words": "le budget", "kind": "said"},
    ),
    (
        "chaque fois que le budget est mentionné",
        {"event": "le budget est mentionné", "which": 0, "words": "le budget", "kind": "said"},
    ),
    ("combien de fois rit-elle ?", {"event": "elle rit", "which": 0, "count": True}),
    ("la deuxième mention du budget", {"event": "mention du budget", "which": 2, "words": "budget", "kind": "said"}),
    ("la dernière fois qu'elle rit", {"event": "elle rit", "which": -1}),
    ("elle rit pour la troisième fois", {"event": "elle rit", "which": 3}),
    ("avant la pause", {"event": "", "relation": "before", "anchors": ("la pause",)}),
    ("après la pause", {"event": "", "relation": "after", "anchors": ("la pause",)}),
    (
        "juste après les applaudissements",
        {"event": "", "relation": "right after", "anchors": ("les applaudissements",)},
    ),
    (
        "elle mentionne le budget après la pause",
        {
            "event": "elle mentionne le budget",
            "relation": "after",
            "anchors": ("la pause",),
            "words": "le budget",
            "kind": "said",
        },
    ),
    (
        "après la pause, elle mentionne le budget",
        {
            "event": "elle mentionne le budget",
            "relation": "after",
            "anchors": ("la pause",),
            "words": "le budget",
            "kind": "said",
        },
    ),
    (
        "avant que le train parte, elle salue",
        {"event": "elle salue", "relation": "before", "anchors": ("le train parte",), "act": "greet"},
    ),
    ("il chante pendant qu'elle danse", {"event": "il chante", "relation": "while", "anchors": ("elle danse",)}),
    (
        "entre la pause et les applaudissements",
        {"event": "", "relation": "between", "anchors": ("la pause", "les applaudissements")},
    ),
    (
        "elle salue jusqu'à ce que le train parte",
        {"event": "elle salue", "relation": "until", "anchors": ("le train parte",), "act": "greet"},
    ),
    ("que se passe-t-il juste avant la pause ?", {"event": "", "relation": "right before", "anchors": ("la pause",)}),
    ("personne n'est à l'écran", {"kind": "seen", "negated": True}),
    ("elle ne parle plus", {"negated": True}),
    ("elle dit qu'elle ne l'a jamais rencontré", {"words": "elle ne l'a jamais rencontré", "kind": "said"}),
    ("elle ne mentionne pas le budget", {"words": "le budget", "kind": "said", "negated": True}),
    ("comment s'appelle-t-elle ?", {"words": "elle", "asks": "person"}),
    ("quel est son nom ?", {"words": "son nom", "asks": "person"}),
    ("quand est-elle née ?", {"words": "elle est née", "asks": "time"}),
    ("en quelle année le tunnel a-t-il ouvert ?", {"words": "le tunnel a ouvert", "asks": "time"}),
    ("où parle-t-elle de sa mère ?", {"event": "elle parle de sa mère", "words": "sa mère", "kind": "said"}),
    ("où est-elle née ?", {"words": "elle est née", "asks": "place"}),
    ("pourquoi a-t-elle quitté l'entreprise ?", {"words": "elle a quitté l'entreprise", "asks": "reason"}),
    ("combien de personnes sont mortes ?", {"words": "personnes sont mortes", "asks": "number"}),
    ("qui a construit le tunnel ?", {"words": "a construit le tunnel", "asks": "person"}),
    ("que dit-elle de sa mère ?", {"event": "elle dit de sa mère", "words": "sa mère", "kind": "said"}),
    ("elle parle de sa mère", {"words": "sa mère", "kind": "said"}),
    ("elle reconnaît une erreur", {"words": "une erreur", "kind": "said", "act": "admit"}),
    ("elle s'excuse", {"kind": "said", "act": "apologise"}),
    ("elle remercie le public", {"words": "le public", "act": "thank"}),
    ("il dit au revoir aux invités", {"words": "aux invités", "act": "farewell"}),
    ("elle corrige ce qu'elle a dit", {"words": "ce qu'elle a dit", "kind": "said", "act": "correct"}),
    ("le panneau indique sortie", {"words": "sortie", "kind": "written", "quoted": True}),
    ("il dit « bon retour »", {"words": "bon retour", "kind": "said", "quoted": True}),
    ("on entend des applaudissements", {"words": "des applaudissements", "kind": "heard"}),
    ("on voit une voiture rouge", {"words": "une voiture rouge", "kind": "seen"}),
    ("un homme ouvre le frigo et prend du lait", {}),
    ("le premier homme part", {}),
    ("la seconde guerre mondiale", {}),
    ("elle mentionne le budget deux fois", {"words": "le budget", "kind": "said", "unread": ("deux fois",)}),
    ("la dernière question", {"event": "question", "which": -1, "kind": "said", "act": "ask"}),
    ("l'après-midi, elle marche", {}),
    (
        "chaque fois que le métier à tisser est mentionné",
        {"event": "le métier à tisser est mentionné", "which": 0, "words": "le métier à tisser", "kind": "said"},
    ),
    ("elle refuse de répondre", {"words": "répondre", "act": "refuse"}),
    ("une plaisanterie de la guide", {"words": "guide", "act": "joke"}),
    ("quelqu'un demande le prix du billet", {"words": "le prix du billet", "kind": "said", "act": "ask"}),
    (
        "quand ne parle-t-il pas de la tempête",
        {"event": "il ne parle pas de la tempête", "words": "tempête", "kind": "said", "negated": True},
    ),
    (
        "quand n'évoque-t-il pas le budget",
        {"event": "il n'évoque pas le budget", "words": "le budget", "kind": "said", "negated": True},
    ),
    (
        "quand le budget n'est-il pas mentionné",
        {"event": "le budget n'est pas mentionné", "words": "le budget", "kind": "said", "negated": True},
    ),
    ("le deuxième flash", {"event": "flash", "which": 2}),
    ("la deuxième coupe", {"event": "coupe", "which": 2}),
    ("tous les flashs", {"event": "flashs", "which": 0}),
    ("le dernier bruit", {"event": "bruit", "which": -1}),
    ("la première guerre mondiale", {}),
    (
        "la tempête avant la pause après la blague",
        {"event": "la tempête", "relation": "before", "anchors": ("la pause",), "unread": ("après la blague",)},
    ),
    ("ce qu'il dit après la pause", {"event": "", "relation": "after", "anchors": ("la pause",)}),
    ("il dit quelque chose avant de s'excuser", {"event": "", "relation": "before", "anchors": ("s'excuser",)}),
    ("pendant qu'il parle de sa mère", {"event": "il parle de sa mère", "words": "sa mère", "kind": "said"}),
    ("au début", {"unread": ("au début",)}),
    ("il fait une promesse", {"kind": "said", "act": "promise"}),
    ("il présente des excuses", {"kind": "said", "act": "apologise"}),
    ("il fait un aveu", {"kind": "said", "act": "admit"}),
    ("il promet quelque chose", {"kind": "said", "act": "promise"}),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"fr", None} and told.count("fr") >= 0.85 * len(told)
