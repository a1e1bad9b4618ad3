"""Modules that four video-LLMs of the literature carry beside the language model, one file per paper.

`videomind` regresses spans from one hidden state, `meco` matches hidden states with frames, `trace` reads times from
heads of their own, `timesuite` shortens frame tokens and tells them their place. Each needs `torch`, none a checkpoint.
"""
