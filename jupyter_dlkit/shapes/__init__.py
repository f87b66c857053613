"""The rules of shapes, dtypes and devices: plain values in, plain values out.

>>> from jupyter_dlkit.shapes import Operand, check
>>> check("add", [Operand((8, 1, 6, 1)), Operand((7, 1, 5))]).result.shape
(8, 7, 6, 5)
"""

from .checking import OPERATIONS, bind, check
from .errors import CannotCheck, Malformed, UnknownArgument, UnknownOperation
from .values import Dimension, Mend, Operand, Problem, Result, Scalar, Shape, Trap, Verdict

__all__ = [
    "OPERATIONS",
    "CannotCheck",
    "Dimension",
    "Malformed",
    "Mend",
    "Operand",
    "Problem",
    "Result",
    "Scalar",
    "Shape",
    "Trap",
    "UnknownArgument",
    "UnknownOperation",
    "Verdict",
    "bind",
    "check",
]
