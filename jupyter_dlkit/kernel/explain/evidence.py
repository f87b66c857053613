"""What torch said: quoted as evidence, and never the source of a verdict.

Its first line is used for two things only: to keep silent about errors of other kinds, and to
keep silent where the present operands would tell another story than the one that happened.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Sequence, Tuple

_LONGEST = 300

_KINDS: Tuple[Tuple[str, str], ...] = (
    (
        "device",
        r"on the same device|same device type|devices?, .+ and .+!|is on .+, (but|different)"
        r"|not on the expected device",
    ),
    (
        "index",
        r"out of bounds|index out of range in self|indices should be either|too many indices"
        r"|[Dd]imension out of range|The shape of the mask|indexing tensors could not be broadcast",
    ),
    (
        "dtype",
        r"same dtype|scalar types?|can't be cast|should be the same|[Ii]ndices must be long"
        r"|used as indices must be|not implemented for '|expected m1 and m2|dtype",
    ),
    (
        "shape",
        r"must match|cannot be multiplied|[Ss]izes? mismatch|is invalid for input of size"
        r"|not compatible|[Ee]xpected .*\bD\b|\dD\b|batch.?size|normalized_shape|channels"
        r"|[Kk]ernel size|broadcast|same size|same shape|number of (sizes|dim)|should contain"
        r"|input.size|target size|multi-target|expects? (each )?tensors?|must be a matrix"
        r"|stack expects|incorrect (batch|matrix)|inconsistent tensor size|expanded size"
        r"|number of dimensions|size of tensor|subscript \w has size|does not match",
    ),
)

_PAIRS = (
    re.compile(r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)"),
    re.compile(r"cannot be multiplied \(\d+x(\d+) and (\d+)x(\d+)\)"),
)


class Evidence(NamedTuple):
    """``kind``: ``shape``, ``dtype``, ``device``, ``index``, or None for anything else."""

    quote: str
    kind: Optional[str]


def evidence(error: BaseException) -> Evidence:
    """The first line of the message of a torch error."""
    arguments = error.args
    text = arguments[0] if arguments and type(arguments[0]) is str else ""
    line = text[:4000].strip().partition("\n")[0].strip()
    quote = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    for kind, pattern in _KINDS:
        if re.search(pattern, line):
            return Evidence(quote, kind)
    return Evidence(quote, None)


def contradicts(said: Evidence, kind: str, shapes: Sequence[Sequence[int]]) -> bool:
    """Whether the present operands tell another story than the error did."""
    if (said.kind == "device") != (kind == "device") and said.kind is not None:
        return True
    sizes = {size for shape in shapes for size in shape}
    for pattern in _PAIRS:
        found = pattern.search(said.quote)
        if found is not None:
            return not {int(number) for number in found.groups()} <= sizes
    return False
