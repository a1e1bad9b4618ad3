"""What a system gets wrong, query by query: each answer has one outcome, with what mending it would bring.

facts.py       answers and truth as columns, one row a query
outcomes.py    the outcomes, and in which order they are told apart
stages.py      the same in the five terms of ExtremeWhenBench
mending.py     what mending an outcome would bring, at most
ends.py        how far starts and ends are off
groups.py      scores by length, place, words, number of moments
sentences.py   all of it in words, of one system; beside.py of two
diagnosis.py   `diagnose`, the result and its report
"""
