"""Queries in Spanish, and what only looks like a constraint."""

from __future__ import annotations

from typing import Any

import pytest
from readings import reading

from whenabouts.query import language_of

READINGS: list[tuple[str, dict[str, Any]]] = [
    (
        "¿Cuándo admite por primera vez una debilidad?",
        {"event": "admite una debilidad", "which": 1, "words": "una debilidad", "kind": "said", "act": "admit"},
    ),
    (
        "la segunda vez que menciona el presupuesto",
        {"event": "menciona el presupuesto", "which": 2, "words": "el presupuesto", "kind": "said"},
    ),
    (
        "cada vez que se menciona el presupuesto",
        {"event": "se menciona el presupuesto", "which": 0, "words": "el presupuesto", "kind": "said"},
    ),
    ("¿cuántas veces se ríe?", {"event": "se ríe", "which": 0, "count": True}),
    (
        "la segunda mención del presupuesto",
        {"event": "mención del presupuesto", "which": 2, "words": "presupuesto", "kind": "said"},
    ),
    ("la última vez que ella se ríe", {"event": "ella se ríe", "which": -1}),
    ("se ríe por tercera vez", {"event": "se ríe", "which": 3}),
    ("antes de la pausa", {"event": "", "relation": "before", "anchors": ("la pausa",)}),
    ("después del descanso", {"event": "", "relation": "after", "anchors": ("descanso",)}),
    ("justo después del aplauso", {"event": "", "relation": "right after", "anchors": ("aplauso",)}),
    (
        "ella menciona el presupuesto después de la pausa",
        {
            "event": "ella menciona el presupuesto",
            "relation": "after",
            "anchors": ("la pausa",),
            "words": "el presupuesto",
            "kind": "said",
        },
    ),
    (
        "después de la pausa menciona el presupuesto",
        {
            "event": "menciona el presupuesto",
            "relation": "after",
            "anchors": ("la pausa",),
            "words": "el presupuesto",
            "kind": "said",
        },
    ),
    (
        "antes de que salga el tren, ella saluda",
        {"event": "ella saluda", "relation": "before", "anchors": ("salga el tren",), "act": "greet"},
    ),
    ("él canta mientras ella baila", {"event": "él canta", "relation": "while", "anchors": ("ella baila",)}),
    ("entre la pausa y los aplausos", {"event": "", "relation": "between", "anchors": ("la pausa", "los aplausos")}),
    (
        "saluda hasta que sale el tren",
        {"event": "saluda", "relation": "until", "anchors": ("sale el tren",), "act": "greet"},
    ),
    ("¿qué pasa justo antes de la pausa?", {"event": "", "relation": "right before", "anchors": ("la pausa",)}),
    ("nadie está en pantalla", {"kind": "seen", "negated": True}),
    ("ya no habla", {"negated": True}),
    ("dice que nunca lo conoció", {"words": "nunca lo conoció", "kind": "said"}),
    ("no menciona el presupuesto", {"words": "el presupuesto", "kind": "said", "negated": True}),
    ("¿cómo se llama?", {"words": "se llama", "asks": "person"}),
    ("¿cuál es su nombre?", {"words": "su nombre", "asks": "person"}),
    ("¿cuándo nació?", {"words": "nació", "asks": "time"}),
    ("¿en qué año se inauguró el túnel?", {"words": "se inauguró el túnel", "asks": "time"}),
    ("¿dónde habla de su madre?", {"event": "habla de su madre", "words": "su madre", "kind": "said"}),
    ("¿dónde nació?", {"words": "nació", "asks": "place"}),
    ("¿por qué dejó la empresa?", {"words": "dejó la empresa", "asks": "reason"}),
    ("¿cuántas personas murieron?", {"words": "personas murieron", "asks": "number"}),
    ("¿quién construyó el túnel?", {"words": "construyó el túnel", "asks": "person"}),
    ("¿qué dice sobre su madre?", {"event": "dice sobre su madre", "words": "su madre", "kind": "said"}),
    ("ella habla de su madre", {"words": "su madre", "kind": "said"}),
    ("reconoce un error", {"words": "un error", "kind": "said", "act": "admit"}),
    ("se disculpa", {"kind": "said", "act": "apologise"}),
    ("da las gracias al público", {"words": "público", "act": "thank"}),
    ("se despide de los invitados", {"words": "los invitados", "act": "farewell"}),
    ("se retracta de lo que dijo", {"words": "lo que dijo", "kind": "said", "act": "correct"}),
    ("el cartel dice salida", {"words": "salida", "kind": "written", "quoted": True}),
    ("dice «bienvenidos de nuevo»", {"words": "bienvenidos de nuevo", "kind": "said", "quoted": True}),
    ("se oyen aplausos", {"words": "aplausos", "kind": "heard"}),
    ("se ve un coche rojo", {"words": "un coche rojo", "kind": "seen"}),
    ("un hombre abre la nevera y saca leche", {}),
    ("el primer hombre se va", {}),
    ("la segunda guerra mundial", {}),
    ("menciona el presupuesto dos veces", {"words": "el presupuesto", "kind": "said", "unread": ("dos veces",)}),
    ("la última pregunta", {"event": "pregunta", "which": -1, "kind": "said", "act": "ask"}),
    (
        "todas las menciones del presupuesto",
        {"event": "menciones del presupuesto", "which": 0, "words": "presupuesto", "kind": "said"},
    ),
    ("el yate antes del receso", {"event": "el yate", "relation": "before", "anchors": ("receso",)}),
    ("quién saluda a la gente", {"event": "saluda a la gente", "words": "la gente", "act": "greet"}),
    (
        "cuándo no habla de la tormenta",
        {"event": "no habla de la tormenta", "words": "la tormenta", "kind": "said", "negated": True},
    ),
    ("el presupuesto no es mencionado", {"words": "el presupuesto", "kind": "said", "negated": True}),
    ("el segundo corte", {"event": "corte", "which": 2}),
    ("el último aplauso", {"event": "aplauso", "which": -1}),
    ("todos los cortes", {"event": "cortes", "which": 0}),
    ("el primer piso", {}),
    ("la primera guerra mundial", {}),
    ("lo que dice después de la pausa", {"event": "", "relation": "after", "anchors": ("la pausa",)}),
    ("dice algo antes de disculparse", {"event": "", "relation": "before", "anchors": ("disculparse",)}),
    ("mientras habla de su madre", {"event": "habla de su madre", "words": "su madre", "kind": "said"}),
    ("al final", {"unread": ("al final",)}),
    ("hace una promesa", {"kind": "said", "act": "promise"}),
    ("hace una confesión", {"kind": "said", "act": "admit"}),
    ("hace una amenaza", {"kind": "said", "act": "threaten"}),
    ("hace una pregunta", {"kind": "said", "act": "ask"}),
    ("promete algo", {"kind": "said", "act": "promise"}),
]


@pytest.mark.parametrize(("query", "expected"), READINGS)
def test_queries_are_taken_apart(query: str, expected: dict[str, Any]) -> None:
    assert reading(query) == expected


def test_the_language_is_told() -> None:
    told = [language_of(query) for query, _ in READINGS]
    assert set(told) <= {"es", None} and told.count("es") >= 0.85 * len(told)
