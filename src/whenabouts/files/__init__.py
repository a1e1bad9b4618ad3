"""Files: written whole or not at all, read row by row, kept where a platform keeps such things."""
