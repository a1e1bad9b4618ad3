"""VidThinker (arXiv 2507.13353): which frames an instruction needs, found by a language model in three stages.

Clips are described with the instruction in view; from the descriptions a model says which clips are relevant; and
frames are taken from these by what the instruction asks about. The published stages come without their prompts: those
here are ours. What is written are rows as VideoITG's training code reads them.
"""

from whenabouts.training.vidthinker.recipe import Question, VidThinker, write_rows

__all__ = ["Question", "VidThinker", "write_rows"]
