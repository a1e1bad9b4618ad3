"""Text of strangers, as it may be shown and sent."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from whenabouts.printable import COMMANDS, encodable, json_text

TEXT = st.text(st.characters(codec=None) | st.sampled_from("\x1b\x9b\u202e\u2066\ud800\n\t"))


@given(TEXT)
def test_json_keeps_the_text_and_shows_no_command(text: str) -> None:
    written = json_text({"a": [text]}, indent=2)
    assert json.loads(written) == {"a": [text]} and not COMMANDS.search(written)


@given(TEXT)
def test_every_text_can_be_encoded(text: str) -> None:
    told = encodable(text)
    told.encode()
    assert told == text or any("\ud800" <= letter <= "\udfff" for letter in text)
