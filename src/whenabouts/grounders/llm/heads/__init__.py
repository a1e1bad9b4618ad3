"""Modules that four video-LLMs of the literature carry beside the language model, one file per paper.

`videomind` regresses spans from one hidden state (`verifying` is what its verifier adds), `meco` matches hidden states
with frames, `trace` reads times from heads of their own, `timesuite` shortens frame tokens and encodes
their place in time.
All but `verifying` need torch; none needs a checkpoint.
"""
