"""What is said, for videos without subtitles: Whisper (arXiv:2212.04356) run by faster-whisper, with no network.

`pieces` cuts the sound of a video so that memory does not grow with it, `listening` finds where someone speaks and in
which language and writes it down word by word, `sentences` makes lines of the words, `weights` knows the models, and
`recogniser` puts them together and keeps what was heard.
"""

from __future__ import annotations

from whenabouts.evidence.speech.recogniser import SpeechRecogniser

__all__ = ["SpeechRecogniser"]
