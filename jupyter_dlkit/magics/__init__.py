"""IPython's face: ``%load_ext jupyter_dlkit``.

A magic parses its line, calls the API and returns the result, which shows itself.  Each stands
in a file of ``named``; a new one needs no more than that.
"""

from .loading import load, unload

__all__ = ["load", "unload"]
