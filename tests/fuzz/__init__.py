"""Inputs that nobody meant: files, requests and answers are damaged by chance and read as users' are.

    make fuzz                     5,000 cases, and everything that broke something before
    make fuzz CASES=20000 SEED=7  more, and others
    python -m fuzz --only media   one target (with tests/ on PYTHONPATH)

A target is a file in `targets`: small real inputs that it makes itself, and what is done with one. `mutate` damages
inputs, `child` runs cases in a process with limits, `run` restarts it when it dies, and `shrink` makes what broke
something small. Inputs that broke something once lie in `kept/TARGET` and are tried first, always.

Everything follows from the seed. What a case may end in is in `verdict`.
"""
