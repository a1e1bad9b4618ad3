"""MCP (Model Context Protocol): the tools that assistants and agents call.

folders.py    which files may be named
arguments.py  what the tools take; results.py is what they give
toolbox.py    what the tools do
calls.py      runs their calls on threads, with progress, until they are cancelled
serve.py      speaks the protocol
SKILL.md      tells agents which tool to use when
"""
