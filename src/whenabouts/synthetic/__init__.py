"""Videos and features made on the spot, whose truth is known."""
