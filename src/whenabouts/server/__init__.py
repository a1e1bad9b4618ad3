"""Asked over a network: the HTTP API, its page, and MCP."""
