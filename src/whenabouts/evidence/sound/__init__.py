"""Sound: levels, tones, voices and sound events of a whole video, in pieces, with times on the video's clock."""
