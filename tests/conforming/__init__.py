"""How vectors of the official code are read, and compared with what is computed here: one file per family."""
