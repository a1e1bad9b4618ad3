"""StreamingHarness (arXiv:2606.08615): a vision-language model watches a stream second by second.

    units     one second as the model sees it, and what its answer says
    memory    what is remembered in words of what is no longer shown
    background  work that is done while the stream goes on
    layout    the conversation of a chunk, to which every second only adds
    prompts   what the model is told and asked
    trigger   the online grounder: standing queries in, events out
    loss      the loss by which the paper trains models to speak at the right second

No code is public at the time of writing. The time marks, control words, sizes of the memory and weights of the loss are
the paper's; the prompts, the bounds on characters and the way several queries are asked at once are ours.
"""
