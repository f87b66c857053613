"""Answers as text: ``show.text.tensors(result, width=None, colour=False)``, and so on.

``width`` is that of the terminal, or 80, when None.  No line is wider.  With ``colour`` the text
has the codes for colours that terminals know; it says the same without.
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
