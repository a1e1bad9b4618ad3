"""Numbers that JSON does not know become null; everything else stays as it is."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.files.json import finite

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_strict_json_takes_it_and_gives_it_back(value: object) -> None:
    made = finite(value)
    assert json.loads(json.dumps(made, allow_nan=False)) == made == finite(made)


def test_only_what_json_lacks_is_lost() -> None:
    value = {"a": (1.5, math.nan), "b": [math.inf, {"c": -math.inf, "d": 0.0}], 3: True}
    assert finite(value) == {"a": [1.5, None], "b": [None, {"c": None, "d": 0.0}], "3": True}
