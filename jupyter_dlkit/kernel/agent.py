"""Answers the server's requests inside the kernel.

One agent per kernel.  Its handler runs on the control thread, so it answers
while a cell runs; ``architecture.md`` (the three tiers of looking) says what it
may read from there.  What has to happen on the main thread goes through
``main_thread``.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import time
import typing
from math import inf
from typing import Any, Callable, Coroutine, Dict, Optional, Set, Tuple

from . import protocol
from .cells.hook import History
from .errors import Refusal
from .explain.hook import Explainer
from .main_thread import MainThread, NotReached
from .running import Running, main_is_taken

#: What a handler of an operation returns: additions to the head, and the body.
Answer = Tuple[Dict[str, Any], bytes]

#: Version of the attached agent; set when it is attached.
VERSION: Optional[str] = None

_agent: Optional[Agent] = None


class Agent:
    """The handlers, and what they share."""

    def __init__(self, kernel: Any, version: str) -> None:
        self.kernel = kernel
        self.version = version
        self.main = MainThread(kernel.io_loop, asyncio.get_running_loop())
        self.cells = 0  # finished since we attached: what was read between cells is older
        self.running = Running(kernel)
        self.tasks: Set[asyncio.Task[None]] = set()
        self._inventory: Any = None
        self._changes: Any = None
        self._memory_errors: Any = None
        self._examination: Any = None
        self.explainer = Explainer(kernel.shell, self.main.control, self.is_idle)
        self.history = History(kernel.shell)

    # Life ------------------------------------------------------------------

    def attach(self) -> None:
        """Answer requests from now on."""
        self.kernel.control_handlers[protocol.REQUEST] = self.handle
        self.kernel.shell_handlers[protocol.REQUEST] = self.change
        if protocol.REQUEST not in self.kernel.control_msg_types:
            self.kernel.control_msg_types = [*self.kernel.control_msg_types, protocol.REQUEST]
        self.kernel.shell.events.register("pre_run_cell", self.before_cell)
        self.kernel.shell.events.register("post_run_cell", self.after_cell)

    def detach(self) -> None:
        """Answer none any more, and leave no trace."""
        self.kernel.control_handlers.pop(protocol.REQUEST, None)
        self.kernel.shell_handlers.pop(protocol.REQUEST, None)
        self.kernel.control_msg_types = [
            name for name in self.kernel.control_msg_types if name != protocol.REQUEST
        ]
        for event, function in (
            ("pre_run_cell", self.before_cell),
            ("post_run_cell", self.after_cell),
        ):
            try:
                self.kernel.shell.events.unregister(event, function)
            except ValueError:
                continue  # somebody reset the events
        self.explainer.close()
        self.main.close()
        if self._examination is not None:
            self._examination.cancelled.set()
        self._inventory = self._changes = self._examination = None

    def before_cell(self, *infos: Any) -> None:
        """Note that a cell begins (``pre_run_cell``)."""
        self.running.begin()
        self.explainer.before_cell()
        self.history.before_cell(*infos)

    def after_cell(self, *results: Any) -> None:
        """Note that a cell ended (``post_run_cell``), and say why it failed."""
        self.history.after_cell(*results)
        self.cells += 1
        self.running.end()
        self.explainer.after_cell(*results)
        if results and getattr(results[0], "error_in_exec", None) is not None:
            self.memory_errors.after_cell(*results)

    def is_idle(self) -> bool:
        """Whether no cell is running: then the main thread can be asked to look."""
        return not self.running.any()

    @property
    def inventory(self) -> Any:
        """The list; made when it is first asked for."""
        if self._inventory is None:
            from .inventory import Inventory

            self._inventory = Inventory(self.kernel.shell, self.main, self.is_idle)
        return self._inventory

    @property
    def memory_errors(self) -> Any:
        """What tells of a cell that ran out of memory; made when one has failed."""
        if self._memory_errors is None:
            from .memory_errors.hook import MemoryErrors

            self._memory_errors = MemoryErrors(self.kernel.shell, lambda: self.explainer.shows)
        return self._memory_errors

    @property
    def changes(self) -> Any:
        """Moves and deletions; made when one is first asked for."""
        if self._changes is None:
            from .changes import Changes

            self._changes = Changes(lambda: self.inventory)
        return self._changes

    # Changes, on the main thread ---------------------------------------------

    def change(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """A request of the shell channel: its turn in the kernel's queue has come."""
        from .turn import postponed

        if not postponed(self.kernel, self._change, stream, ident, parent):
            self._change(stream, ident, parent)

    def _change(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        content = parent["content"]
        op = str(content.get("op"))
        head: Dict[str, Any] = {"ok": True, "op": op, "agent": self.version}
        try:
            body = self.changes.run(op, dict(content.get("args") or {}))
        except Refusal as refusal:
            head.update(ok=False, status=refusal.status)
            body = Refusal.bare(refusal).body()
        except KeyboardInterrupt:  # before anything was touched; who asked waits for an answer
            head.update(ok=False, status=409)
            body = Refusal(
                "interrupted", "It was interrupted; nothing was changed.", "Ask for it again.", 409
            ).body()
        except BaseException as error:
            head.update(ok=False, status=500)
            body = Refusal.unexpected(error).body()
        self.cells += 1  # what was read between cells is older than this
        self.kernel.session.send(
            stream, protocol.REPLY, body, parent, ident, metadata={protocol.HEAD: head}
        )

    # Requests --------------------------------------------------------------

    def handle(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        """Start to answer; what has to wait for the main thread must not hold up
        the control channel, on which interrupts arrive too."""
        task = asyncio.ensure_future(self._answer(stream, ident, parent))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, stream: Any, ident: Any, parent: Dict[str, Any]) -> None:
        content = parent["content"]
        op = str(content.get("op"))
        head: Dict[str, Any] = {"ok": True, "op": op, "agent": self.version}
        try:
            operation = self.operations().get(op)
            if operation is None:
                raise Refusal(
                    "unknown_operation",
                    f"This kernel's agent does not know {op!r}.",
                    "Restart the kernel, or reload the page.",
                    400,
                )
            more, body = await operation(dict(content.get("args") or {}))
            head.update(more)
        except Refusal as refusal:
            head.update(ok=False, status=refusal.status)
            body = refusal.body()
        except Exception as error:
            # An error of ours: say what and where, keep nothing of it alive.
            head.update(ok=False, status=500)
            body = Refusal.unexpected(error).body()
        finally:
            content = parent["content"] = {}
        self._send(stream, ident, parent, head, body)

    def _send(
        self, stream: Any, ident: Any, parent: Dict[str, Any], head: Dict[str, Any], body: bytes
    ) -> None:
        session = self.kernel.session
        socket = getattr(stream, "socket", stream)  # the stream would wait for stdout's flush
        session.send(socket, protocol.REPLY, body, parent, ident, metadata={protocol.HEAD: head})
        flush = getattr(stream, "flush", None)
        if flush is not None:  # a send on the socket may have swallowed the sign of a new message
            flush()

    def operations(self) -> Dict[str, Callable[[Dict[str, Any]], Coroutine[Any, Any, Answer]]]:
        """What answers which operation (``protocol``)."""
        return {
            protocol.HELLO: self.hello,
            protocol.TENSORS: self.tensors,
            protocol.TENSOR: self.tensor,
            protocol.DEVICES: self.devices,
            protocol.DETACH: self.leave,
            protocol.RUNNING: self.runs,
            protocol.PLAN: self.plan,
            protocol.PROGRESS: self.progress,
            protocol.CANCEL: self.cancel,
            protocol.EXPLANATION: self.explanation,
            protocol.CHECK: self.check,
            protocol.CELLS: self.cells_of,
            protocol.MEMORY: self.memory,
            protocol.DOCTOR: self.doctor,
        }

    async def hello(self, args: Dict[str, Any]) -> Answer:
        """``protocol.HELLO``."""
        from .loaded import version_of

        # After the answer: who says hello asks for the list next, and compiling takes a while.
        asyncio.get_running_loop().call_soon(self._prepare)
        body = {
            "agent": self.version,
            "protocol": protocol.PROTOCOL,
            "python": platform.python_version(),
            "executable": sys.executable,
            "ipykernel": version_of("ipykernel"),
            "torch": version_of("torch"),
            "numpy": version_of("numpy"),
            "pid": os.getpid(),
            "hostname": platform.node(),
        }
        return {}, json.dumps(body).encode()

    def _prepare(self) -> None:
        if _agent is self:
            self.inventory  # noqa: B018  (made when it is first asked for)
            self.explainer.load_when_idle()
            self.history.attached(self.running.any())

    async def tensors(self, args: Dict[str, Any]) -> Answer:
        """``protocol.TENSORS``."""
        from .devices import state

        head, body = await self.inventory.list(
            since=args.get("since"),
            budget=float(args.get("budget_ms") or 150) / 1000,
            # Looking in the middle of a change would count as holding what it frees.
            max_age=float(args.get("max_age_ms") or 0) / 1000 if not self._is_changing() else inf,
            cells=self.cells,
        )
        head["backend"] = state()
        return head, body

    async def tensor(self, args: Dict[str, Any]) -> Answer:
        """``protocol.TENSOR``."""
        from .detail import describe

        return {}, await describe(self.inventory, self.main, args)

    async def devices(self, args: Dict[str, Any]) -> Answer:
        """``protocol.DEVICES``."""
        from .devices import devices

        started = time.thread_time()
        body = json.dumps(devices()).encode()
        return {"thread_ms": round((time.thread_time() - started) * 1000, 3)}, body

    async def plan(self, args: Dict[str, Any]) -> Answer:
        """``protocol.PLAN``."""
        timeout = float(args.get("timeout_ms") or 2000) / 1000
        changes = self.changes
        try:
            return {}, await self.main.within(lambda: changes.plan(args), timeout)
        except NotReached:
            raise Refusal(
                "busy",
                "The kernel is busy outside of Python; what would happen cannot be told now.",
                "Wait until the cell has finished, or for a moment between two of its steps.",
                504,
            ) from None

    async def progress(self, args: Dict[str, Any]) -> Answer:
        """``protocol.PROGRESS``."""
        return {}, self.changes.progress(str(args.get("id")))

    async def cancel(self, args: Dict[str, Any]) -> Answer:
        """``protocol.CANCEL``."""
        return {}, self.changes.cancel(str(args.get("id")))

    async def explanation(self, args: Dict[str, Any]) -> Answer:
        """``protocol.EXPLANATION``."""
        explainer = self.explainer
        if type(args.get("text")) is bool:
            explainer.shows = args["text"]
        told = None if self._memory_errors is None else self._memory_errors.last
        body = {"explanation": explainer.last, "memory_error": told, "text": explainer.shows}
        return {}, json.dumps(body).encode()

    async def check(self, args: Dict[str, Any]) -> Answer:
        """``protocol.CHECK``."""
        from .checking import checked

        return {}, checked(args, self.inventory)

    async def cells_of(self, args: Dict[str, Any]) -> Answer:
        """``protocol.CELLS``."""
        since, after = int(args.get("since") or 0), float(args.get("after") or 0)
        return {}, json.dumps(self.history.answer(since, after)).encode()

    async def memory(self, args: Dict[str, Any]) -> Answer:
        """``protocol.MEMORY``."""
        from .memory import ask
        from .table import now

        # In the middle of a change what it lets go would be counted.
        wait = 0.0 if self._is_changing() else float(args.get("timeout_ms") or 2000) / 1000
        try:
            account = await ask(self.kernel.shell, self.main, self.is_idle, wait)
        except NotReached:
            raise Refusal(
                "busy",
                "The kernel is busy outside of Python; who has its memory cannot be told now.",
                "Wait until the cell has finished, or for a moment between two of its steps.",
                504,
            ) from None
        body = account.to_dict()
        device = args.get("device")
        if device is not None:
            for part in ("devices", "findings"):
                body[part] = [one for one in body[part] if one["device"] == device]
        history = self.history.answer(int(args.get("since") or 0), float(args.get("after") or 0))
        body.update(history, taken_at=now())
        return {}, json.dumps(body).encode()

    async def doctor(self, args: Dict[str, Any]) -> Answer:
        """``protocol.DOCTOR``."""
        from .examination import Examination

        last, do = self._examination, args.get("do")
        if do == "start":
            if last is not None:
                last.cancelled.set()
            last = self._examination = Examination(args)
        elif last is None or last.id != args.get("id"):
            raise Refusal(
                "no_such_run",
                "This kernel's doctor knows nothing of this run.",
                "Run it anew.",
                404,
            )
        elif do == "cancel":
            last.cancelled.set()
        return {}, last.answer(int(args.get("since") or 0))

    def _is_changing(self) -> bool:
        return self._changes is not None and bool(self._changes.running)

    async def runs(self, args: Dict[str, Any]) -> Answer:
        """``protocol.RUNNING``."""
        taken = main_is_taken(self.kernel) is True
        body = {"running": self.running.any(), "ended": self.running.ended, "taken": taken}
        return {}, json.dumps(body).encode()

    async def leave(self, args: Dict[str, Any]) -> Answer:
        """``protocol.DETACH``."""
        # After the answer: it is sent by this very handler.
        asyncio.get_running_loop().call_soon(detach)
        return {}, b"{}"


def attach(kernel: Any, version: str) -> None:
    """Attach to ``kernel``; runs on its control thread."""
    global VERSION, _agent
    _agent = Agent(kernel, version)
    _agent.attach()
    VERSION = version


def detach() -> None:
    """Remove every trace, so that another agent can take the place."""
    global VERSION, _agent
    if _agent is not None:
        _agent.detach()
    VERSION = _agent = None
    root = __name__.partition(".")[0]
    if root == "_jupyter_dlkit_agent":  # carried, see bootstrap.py
        sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "Carried"]
        for name in [n for n in list(sys.modules) if n == root or n.startswith(root + ".")]:
            del sys.modules[name]
        for clear in getattr(typing, "_cleanups", ()):  # it remembers Union[…] of our classes
            clear()
