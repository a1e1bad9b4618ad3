"""Stamps: what must be known of a file before its time stamps can be believed, and one clock where they make none."""
