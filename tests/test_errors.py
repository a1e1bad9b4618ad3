"""What all errors have in common."""

from __future__ import annotations

from whenabouts.errors import InputError, MissingExtra


def test_a_message_quotes_no_more_than_can_be_read() -> None:
    said = str(InputError(f"a.vtt, cue 3: {'9' * 100_000} is not two times"))
    assert said.startswith("a.vtt, cue 3: 9999") and said.endswith("9999 is not two times") and len(said) < 2000
    assert str(MissingExtra("hub", "it")) == "it needs an extra: pip install 'whenabouts[hub]'"
