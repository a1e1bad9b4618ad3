"""Benchmarks: one file per dataset: its readers, splits, official protocol and known defects."""
