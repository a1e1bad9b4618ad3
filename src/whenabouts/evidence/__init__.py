"""Evidence in words: what is said (subtitles, speech) and what is written on screen, as timed text."""
