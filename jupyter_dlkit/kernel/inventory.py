"""The list of live tensors, kept up to date by looking from the right thread."""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from .main_thread import MainThread, NotReached
from .scan import Scan, Scanner
from .table import Table

#: Names that IPython keeps of inputs and outputs.
_HISTORY = re.compile(r"_+$|_i+$|_i?\d+$|_(oh|ih|dh)$")
_LISTS = frozenset(("In", "Out"))

_TEXT = {id(str)}

#: Seconds that an idle kernel's event loop may take to let us look between cells.
_PATIENCE = 0.25


class Inventory:
    """Scans on request and answers from its table."""

    def __init__(self, shell: Any, main: MainThread, idle: Callable[[], bool]) -> None:
        self.shell = shell
        self.main = main
        self.idle = idle
        self.table = Table()
        self.scanner = Scanner(main.drop)
        self._scanned = 0.0
        self._looked = -1  # cells that had finished when autograd was last read

    async def list(
        self, since: Optional[str], budget: float, max_age: float, cells: int
    ) -> Tuple[Dict[str, Any], bytes]:
        """Head and JSON of the list.

        A scan younger than ``max_age`` seconds is encoded again.  ``cells`` counts
        finished cells: gradients are read again after each, when the kernel is idle.
        """
        spent = 0.0
        if not self._scanned or time.monotonic() - self._scanned > max_age:
            spent = await self.refresh(budget, cells)
        started = time.thread_time()
        encoded = self.table.encode(since)
        spent += time.thread_time() - started
        cost = round(spent * 1000, 3)
        body = f'{{"cost_ms":{cost},{encoded.body}}}'.encode()
        head = {
            "revision": self.table.revision,
            "full": encoded.full,
            "unchanged": encoded.unchanged,
            "rows": encoded.rows,
            "totals": self.table.device_bytes(),
            "thread_ms": cost,
            "taken_at": self.table.taken_at,
        }
        return head, body

    async def refresh(self, budget: float, cells: int) -> float:
        """Scan; seconds of CPU that it took."""
        if self._looked != cells and self.idle():
            try:
                scan, spent = await self.main.between(lambda: self._scan(budget, True), _PATIENCE)
                self._looked = cells
                return spent + self._take(scan)
            except NotReached:
                pass
        scan, spent = self._scan(budget, False)
        return spent + self._take(scan)

    def _take(self, scan: Scan) -> float:
        started = time.thread_time()
        self.table.update(scan)
        self._scanned = time.monotonic()
        return time.thread_time() - started

    def _scan(self, budget: float, autograd: bool) -> Tuple[Scan, float]:
        started = time.thread_time()
        scan = self.scanner.scan(self.namespace(), self.outputs(), budget, autograd)
        return scan, time.thread_time() - started

    def namespace(self) -> Dict[str, Any]:
        """The user's variables, without what IPython put there."""
        return namespace_of(self.shell)

    def outputs(self) -> Dict[Any, Any]:
        """``Out``."""
        return outputs_of(self.shell)


def namespace_of(shell: Any) -> Dict[str, Any]:
    """A copy of a shell's variables, without what IPython put there."""
    space = shell.user_ns
    names: Dict[str, Any] = dict.copy(space) if type(space) is dict else dict(space)
    # By the hashes that were stored: a key that is no name may have its own __eq__.
    if set(map(id, map(type, names))) != _TEXT:
        names = {name: value for name, value in names.items() if type(name) is str}
    absent = object()
    for name, value in list(shell.user_ns_hidden.items()):
        if names.get(name, absent) is value:
            del names[name]
    for name in history_names(names):
        del names[name]
    return names


def history_names(names: Dict[str, Any]) -> List[str]:
    """Those under which IPython keeps inputs and outputs: ``_``, ``_7``, ``Out``."""
    return [n for n in names if n[:1] in "_IO" and (n in _LISTS or _HISTORY.match(n))]


def outputs_of(shell: Any) -> Dict[Any, Any]:
    """``Out`` of a shell."""
    outputs = shell.user_ns.get("_oh")
    return outputs if type(outputs) is dict else {}
