"""Video-language models as grounders: one file per paper, one engine per way of reaching a model.

A *paper* (`papers/`) is one way to use a model as its authors did: what it is asked, which frames it is shown, how time
reaches it, how its answer is read, rewarded and trained. An *engine* (`engines/`) sends a conversation and returns
text. `VideoLLM` joins the two into a grounder.
"""

from __future__ import annotations

__all__ = ["HUB", "SERVER", "VIDEO_LLM_PREFIXES"]

SERVER = "openai:"  # openai:URL#MODEL, a server that speaks OpenAI's chat protocol
HUB = "hub:"  # hub:NAME, loaded on this machine
VIDEO_LLM_PREFIXES = (SERVER, HUB)
