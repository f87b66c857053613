"""Python source followed over the rules of shapes; nothing is evaluated.

>>> from jupyter_dlkit.shapes import Operand
>>> from jupyter_dlkit.shapes.source import follow_expression
>>> tensors = {"x": Operand((2, 3)), "w": Operand((4, 5))}
>>> follow_expression("x @ w", tensors.__getitem__).findings[0].code
'inner'
"""

from .follow import (
    FollowedCell,
    follow_cell,
    follow_expression,
    follow_node,
    follow_whole_cell,
    names_after,
)
from .paths import paths_in
from .values import (
    ABSENT,
    NOTHING,
    UNKNOWN,
    Array,
    Constant,
    Device,
    Dtype,
    Edit,
    Finding,
    Followed,
    Items,
    Layer,
    Named,
    Place,
    Range,
    Size,
    Step,
    Table,
    Unknown,
    Value,
)

__all__ = [
    "ABSENT",
    "NOTHING",
    "UNKNOWN",
    "Array",
    "Constant",
    "Device",
    "Dtype",
    "Edit",
    "Finding",
    "Followed",
    "FollowedCell",
    "Items",
    "Layer",
    "Named",
    "Place",
    "Range",
    "Size",
    "Step",
    "Table",
    "Unknown",
    "Value",
    "follow_cell",
    "follow_expression",
    "follow_node",
    "follow_whole_cell",
    "names_after",
    "paths_in",
]
