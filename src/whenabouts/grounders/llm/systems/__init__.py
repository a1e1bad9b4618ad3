"""Video-LLMs that answer through modules of their own, and not in words alone: one package per system.

`head` holds what a system has beside its language model, under its official names; `grounder` loads a folder of its
published files and answers. `System` is what these grounders have alike.
"""
