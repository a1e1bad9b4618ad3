"""Stills: pictures that are files of their own, as a sequence that is a video, or refused."""
