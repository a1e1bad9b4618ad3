"""The server: an HTTP API with its page (`whenabouts serve`), and tools for assistants (`whenabouts mcp`).

    app.py          create_app(Settings) -> FastAPI: puts the routes on a state
    state.py        the parts of a running server
    settings.py     what the operator allows
    guard.py        access control; origin.py compares sites, proxy.py believes trusted proxies
    users.py        users, tokens and sessions; scopes.py says what each address needs, attempts.py slows down guessing
    quota.py        what each user may take; audit.py who did what
    exchange.py     one request and its answer, whatever happens; protocol.py the connection that it comes on
    schema/         bodies and responses, one file per noun; body.py reads them, openapi.py describes them
    videos.py       videos under opaque ids, in allowed folders; uploads.py receives new ones
    media.py        byte ranges
    jobs/           what takes long: a durable queue, and worker processes
    quick_tasks.py  what takes a moment, in worker processes too; video_cache.py keeps the results
    annotations.py  corrections of annotators; agreement.py compares them, preconditions.py guards their versions
    database.py     SQLite files, and their upgrade from older versions
    disk.py         what a failure of the disk means, and whether it has recovered; writes.py waits for it
    metrics.py      counters for Prometheus
    routes/         addresses, one file per noun
    page/           the page: plain files
    mcp/            tools for assistants and agents

Videos are decoded in worker processes only: a file that crashes the decoder costs one answer, never the server.
"""
