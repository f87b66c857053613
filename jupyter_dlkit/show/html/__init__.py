"""Answers as HTML: ``show.html.tensors(result)``, and so on.

Each is one element with its own style, and needs no script and nothing from anywhere else.  Where
a page takes the style away it reads as plain tables and lists.
"""

from .checked import checked
from .devices import devices, status
from .doctor import doctor
from .memory import memory, released
from .moved import moved
from .tensors import tensor, tensors
from .usage import usage

__all__ = [
    "checked",
    "devices",
    "doctor",
    "memory",
    "moved",
    "released",
    "status",
    "tensor",
    "tensors",
    "usage",
]
