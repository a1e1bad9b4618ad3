"""One thing that reads what strangers wrote is a file; `target.TARGETS` has their names."""
