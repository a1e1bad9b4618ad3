"""JSON5: whatever JSON can say, what the specification adds, and nothing else."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.interchange.json5 import parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
SPECIFICATION = {  # of the examples in spec.json5.org, sections 1.1 and 3 to 8
    "{unquoted: 'and you can quote me on that', $a_1: 1, \u00e9t\u00e9: 2}": {
        "unquoted": "and you can quote me on that",
        "$a_1": 1,
        "\u00e9t\u00e9": 2,
    },
    "{singleQuotes: 'I can use \"double quotes\" here'}": {"singleQuotes": 'I can use "double quotes" here'},
    "'Look, Mom! \\\nNo \\\\n\\'s!'": "Look, Mom! No \\n's!",
    "'\\r\\\r\n\\x41\\u00e9\\ud83c\\udfac\\0\\q'": "\rA\u00e9\U0001f3ac\0q",
    "[0xdecaf, .8675309, 8675309., +1, -.5, 1e3, -0x10]": [0xDECAF, 0.8675309, 8675309.0, 1, -0.5, 1000.0, -16],
    "[Infinity, -Infinity]": [math.inf, -math.inf],
    "// a comment\n/* another\n**/ [1, /* two */ 2,] // the end": [1, 2],
    "\ufeff\u00a0\u2028{'backwardsCompatible': \"with JSON\",}": {"backwardsCompatible": "with JSON"},
    "'a\u2028b'": "a\u2028b",
}


@settings(max_examples=200)
@given(value=VALUES, plain=st.booleans())
def test_json_is_read_as_it_is(value: Any, plain: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=plain, indent=None if plain else 1)) == value


@pytest.mark.parametrize("text", SPECIFICATION)
def test_what_json5_adds(text: str) -> None:
    assert parse(text) == SPECIFICATION[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1 2]",
        "{a 1}",
        "{1a: 1}",
        "{,}",
        "[,]",
        "'a",
        "'a\nb'",
        "'\\x4'",
        "undefined",
        "1 2",
        "/* open",
        "+",
        "[" * 99,
    ],
)
def test_what_is_not_json5_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1 has|nested"):
        parse(text)


@settings(max_examples=300)
@given(text=st.text(alphabet="{}[]:,'\"\\ax0.1e+-/*\n u", max_size=40))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        assert len(str(error)) < 200
