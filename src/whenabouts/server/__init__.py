"""Asked over a network: the HTTP API with its page (`whenabouts serve`), and MCP (`whenabouts mcp`).

    app.py          the application: create_app(Settings) -> FastAPI
    settings.py     what the operator allows
    guard.py        who may ask
    schema.py       what is asked and answered; openapi.py tells it to programs
    videos.py        videos under opaque ids, in allowed folders; uploads.py takes new ones
    media.py        byte ranges
    jobs/           what takes long: a durable queue, and processes that work on it
    work.py         what each kind of job is, from request to result
    desk.py         what takes a moment, in processes of its own
    annotations.py  corrections of annotators; agreement.py compares them
    metrics.py      counts for Prometheus
    routes/         addresses, one file per noun
    page/           the page: plain files
    mcp/            tools for assistants and agents

Videos are decoded in child processes only: a file that crashes the decoder costs one answer, never the server.
"""
