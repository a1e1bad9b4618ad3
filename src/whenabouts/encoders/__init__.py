"""Encoders: frames and text to vectors in one space, where a dot product is the score."""
