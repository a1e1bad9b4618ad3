"""Watches of the server: each is a process of its own, which the page follows."""

from whenabouts.server.live.watches import Watches

__all__ = ["Watches"]
