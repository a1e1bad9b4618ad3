"""Addresses: about, films, jobs, annotations, the library, and the page."""
