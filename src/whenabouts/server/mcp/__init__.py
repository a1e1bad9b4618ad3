"""MCP (Model Context Protocol): the tools that assistants and agents call.

`folders` says which files may be named, `asked` and `answers` what goes in and comes out, `tools` what is done, `work`
how: with progress, until it is cancelled. `serve` speaks the protocol. SKILL.md tells agents when to call what.
"""
