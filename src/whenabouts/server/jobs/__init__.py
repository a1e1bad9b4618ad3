"""Jobs: requests that take long, queued until a worker process has done them.

store.py    the queue in SQLite, which survives the server
order.py    which client is served next
runner.py   threads that give jobs to worker processes, one at a time each
handler.py  what each kind of job is: from the client's request to a task, and from its result to what clients see
process.py  a worker process seen from the server; worker.py runs inside it, tasks.py holds what it can do
changes.py  notifies those who follow a job
"""
