"""MCP (Model Context Protocol): the tools that assistants call.

folders.py    which files may be named
arguments.py  what the tools take; results.py is what they give, descriptions.py what they say of themselves
toolbox.py    what the tools do; looking.py shows and plays, quoting.py quotes
resources.py  answers and clips that can be read again
calls.py      runs calls on threads, with progress, until they are cancelled
members.py    the users of a server, each with their own scopes, folders and quota
protocol.py   all of it in the words of the protocol; serve.py puts it on stdio or HTTP
SKILL.md      tells assistants which tool to use when
"""
