"""What is said about an error that happened: plain values that hold nothing of the user's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Tuple


@dataclass(frozen=True)
class OperandSeen:
    """An operand of the sub-expression that failed, as it is now.

    ``name``: as the user wrote it, or how it is reached from the user's names.  ``shape``,
    ``dtype`` and ``device`` are None together: "not known" (nothing but the call had it).
    ``derived``: it follows by the rules from operands that are known; nobody saw it.
    """

    name: str
    shape: Optional[Tuple[int, ...]] = None
    dtype: Optional[str] = None
    device: Optional[str] = None
    derived: bool = False

    @property
    def known(self) -> bool:
        """Whether its shape, dtype and device are known."""
        return self.shape is not None

    def text(self) -> str:
        """``(3, 4) float32 on cpu``."""
        if self.shape is None:
            return "not known: a temporary"
        return f"{self.shape} {self.dtype} on {self.device}"


@dataclass(frozen=True)
class MendOffered:
    """A small change after which the sub-expression works, by the rules.

    ``expression``: the sub-expression after the change.  ``place``: line, column, last line
    and last column of what ``replacement`` replaces, lines from 1 and columns from 0 in UTF-8
    bytes of the failing cell; both are None where it cannot be said as a change of the cell.
    """

    message: str
    expression: str
    place: Optional[Tuple[int, int, int, int]] = None
    replacement: Optional[str] = None


@dataclass(frozen=True)
class Explanation:
    """Why it failed.

    ``kind``: ``shape``, ``dtype``, ``device`` or ``index``.  ``where``: None for the cell that
    was run, else the file or cell that the line is in.  ``line``: from 1.  ``expression``: as
    written; None where only the line is known.  ``layer``: the module in which it failed, by
    its path from the user's variable, None where none leads to it; ``layer_text``: that and what
    it is, None outside of modules.
    ``problem``: the reason by the rules; None where it is not known, and then ``unknown`` says
    why not.  ``evidence``: what torch said, quoted where an operand is not known.
    """

    kind: str
    line: int
    expression: Optional[str]
    operands: Tuple[OperandSeen, ...] = ()
    problem: Optional[str] = None
    mends: Tuple[MendOffered, ...] = ()
    layer: Optional[str] = None
    layer_text: Optional[str] = None
    unknown: Optional[str] = None
    evidence: Optional[str] = None
    where: Optional[str] = None
    execution_count: Optional[int] = None

    def to_dict(self) -> Dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    def text(self) -> str:
        """A few lines, to stand below the traceback."""
        place = f"line {self.line}" + (f" of {self.where}" if self.where else "")
        code = _one_line(self.expression) if self.expression else "an operation"
        inside = f", in {self.layer_text}" if self.layer_text else ""
        lines = [f"dlkit: {code} failed ({place}{inside})."]
        width = max((len(one.name) for one in self.operands), default=0)
        lines += [f"  {one.name.ljust(min(width, 40))}  {one.text()}" for one in self.operands]
        if self.problem:
            lines.append(f"  {self.problem}")
        if self.unknown:
            lines.append(f"  {self.unknown}")
        if self.evidence:
            lines.append(f"  torch said: {self.evidence}")
        lines += [f"  {one}" for one in self._tries()]
        return "\n".join(lines)

    def _tries(self) -> List[str]:
        tries = []
        for number, mend in enumerate(self.mends[:2]):
            word = "Try" if number == 0 else "or "
            tries.append(f"{word}: {_one_line(mend.expression)}")
        return tries


def _one_line(code: str) -> str:
    words = " ".join(code.split())
    return words if len(words) <= 160 else words[:157] + "…"
