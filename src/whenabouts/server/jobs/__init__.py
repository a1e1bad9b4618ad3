"""Jobs: asked for now, answered later, never lost.

store.py    the queue in SQLite: what is asked survives the server
order.py    whose turn it is
runner.py   threads that give jobs to processes, one at a time each
process.py  a process that works, from outside; worker.py is its inside, tasks.py what it can do
changes.py  tells those who follow a job that it changed
"""
