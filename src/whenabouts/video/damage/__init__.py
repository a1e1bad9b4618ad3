"""Damage: what could not be read or decoded of a file, where, and the sentences that tell it."""
