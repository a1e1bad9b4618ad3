"""Video-language models as grounders: one protocol per system, one engine per way of asking.

A *protocol* is how a model was asked by its authors: which frames, how time reaches it, the words of the question, how
its answer is read. An *engine* sends a conversation and returns text. `VideoLLM` joins the two into a grounder.
"""
