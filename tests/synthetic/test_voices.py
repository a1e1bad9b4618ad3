from __future__ import annotations

import numpy as np
import pytest
from spoken import need_voices

from whenabouts.synthetic.voices import RATE, read_aloud


@pytest.mark.parametrize("voice", ["piper", "de", "ko"])
def test_sentences_sound_where_they_are_said_to(voice: str) -> None:
    need_voices()
    made = read_aloud(["Guten Morgen.", "eins zwei drei"], voice, pause=0.5)
    loud = np.abs(made.samples) > 0.01
    assert [text for _, _, text in made.sentences] == ["Guten Morgen.", "eins zwei drei"]
    said = np.zeros(len(loud), bool)
    for start, end, _ in made.sentences:
        first, last = round(start * RATE), round(end * RATE)
        said[first:last] = True
        assert loud[first : first + RATE // 100].any() and loud[last - RATE // 100 : last].any()
    assert not loud[~said].any() and len(loud) > 1.5 * RATE


def test_an_unknown_voice_is_refused() -> None:
    need_voices()
    with pytest.raises(ValueError, match="no voice 'nobody'"):
        read_aloud(["Hello."], "nobody")
