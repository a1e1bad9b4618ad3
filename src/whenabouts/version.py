"""The version of this package, by itself, so that any module may import it."""

__all__ = ["__version__"]

__version__ = "0.4.0"
