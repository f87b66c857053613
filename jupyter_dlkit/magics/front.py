"""``%dlkit NAME``: every magic under one name, for a notebook that owns the short ones."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand

from .answering import HELP, answer_cell, answer_line
from .magic import Magic, magics

NAME = "dlkit"

DESCRIPTION = """\
%dlkit [NAME …]

%dlkit alone lists the magics of jupyter_dlkit; %dlkit NAME … is %NAME …, also where the short
name belongs to somebody else, and %%dlkit memory is %%memory. %dlkit NAME --help explains one.
"""


class Front:
    """In one shell.  ``short`` has the names that are there as ``%name`` and ``%%name`` too."""

    def __init__(self, shell: Any, short: set[str]) -> None:
        self.shell = shell
        self.short = short

    def line_function(self) -> Any:
        """What ``%dlkit`` runs."""

        def dlkit(line: str = "") -> Any:
            name, rest = _divided(line)
            if not name or name in HELP:
                print(self.listing())
                return None
            magic = self._magic(name, "%")
            if magic.line is None and not set(HELP) & set(rest.split()):
                raise UsageError(f"%%dlkit {name}, with two %, goes above the code of a cell.")
            return answer_line(self.shell, magic, rest)

        dlkit.__doc__ = DESCRIPTION
        return no_var_expand(dlkit)

    def cell_function(self) -> Any:
        """What ``%%dlkit`` runs."""

        def dlkit(line: str, cell: str) -> Any:
            __tracebackhide__ = True
            name, rest = _divided(line)
            cells = [f"%%dlkit {one.name}" for one in magics().values() if one.cell]
            if not name:
                raise UsageError(f"%%dlkit needs a name: {' or '.join(cells)}.")
            magic = self._magic(name, "%%")
            if magic.cell is None:
                raise UsageError(f"%dlkit {name}, with one %, is a line; {cells[0]} is for cells.")
            return answer_cell(self.shell, magic, rest, cell)

        dlkit.__doc__ = DESCRIPTION
        return no_var_expand(dlkit)

    def listing(self) -> str:
        """What there is, as text."""
        rows = []
        for magic in magics().values():
            for escape, there in (("%", magic.line), ("%%", magic.cell)):
                if there is not None:
                    own = escape + magic.name in self.short
                    name = f"{escape}{'' if own else f'{NAME} '}{magic.name}"
                    rows.append((name, magic.summary))
        width = max(len(name) for name, _ in rows)
        lines = [f"  {name.ljust(width)}  {summary}" for name, summary in rows]
        return "\n".join(
            [
                "The magics of jupyter_dlkit:",
                *lines,
                "Each is there as %dlkit NAME too; %tensors? or %dlkit gpu --help explains one.",
            ]
        )

    def _magic(self, name: str, escape: str) -> Magic:
        known = magics()
        if name in known:
            return known[name]
        from ..api.nearest import nearest

        near = nearest(name, known)
        advice = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
        raise UsageError(f"There is no {escape}dlkit {name}; {advice}")


def _divided(line: str) -> tuple[str, str]:
    """The name, without a ``;`` that ends the line, and the rest."""
    name, _, rest = line.strip().partition(" ")
    if name.endswith(";"):
        return name.rstrip(";"), ";"
    return name.lstrip("%"), rest.strip()
