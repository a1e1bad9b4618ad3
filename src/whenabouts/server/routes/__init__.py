"""Addresses: about, videos, jobs, annotations, the library, and the page."""
