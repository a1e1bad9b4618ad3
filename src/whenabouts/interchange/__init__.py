"""Interchange: predictions as pages, clips, timelines and subtitles for other programs."""
