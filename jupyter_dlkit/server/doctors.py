"""The examinations of the server and of each kernel, found by the kernel's id."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from .diagnosis import Diagnosis, Run
from .doctor_facts import ServerFacts
from .errors import KernelGone
from .kernel_doctor import KernelTarget
from .link import KernelLink
from .links import Links


class ServerTarget:
    """The server's own machine and environment; see
    :class:`~jupyter_dlkit.server.diagnosis.Target`."""

    def __init__(self, facts: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self.name = "The server's environment"
        self._facts = facts

    def process(self) -> object:
        """The server's own, always the same."""
        return None

    async def prepare(self) -> None:
        """Nothing can prevent it."""

    async def examine(self, run: Run, advanced: Callable[[], None]) -> dict[str, Any]:
        """Examines in a process of its own, held by a worker thread."""
        loop = asyncio.get_running_loop()
        cancelled = threading.Event()
        others = await self._facts()

        def take(change: Callable[[], None]) -> None:
            def on_loop() -> None:
                change()
                advanced()

            if not cancelled.is_set():
                loop.call_soon_threadsafe(on_loop)

        def found(finding: Any, done: int, total: int | None) -> None:
            def change() -> None:
                run.total = total
                run.findings.append(finding.to_dict())

            take(change)

        def progressed(doing: str, done: float, total: float) -> None:
            def change() -> None:
                run.progress = (doing, done, total)

            take(change)

        def work() -> dict[str, Any]:
            from ..doctor.examine import examine
            from ..doctor.facts import here

            report = examine(
                here("server", **others),
                long=run.integrity,
                on_finding=found,
                on_progress=progressed,
                cancel=cancelled,
            )
            return report.to_dict()

        try:
            return await asyncio.to_thread(work)
        finally:
            cancelled.set()


class Doctors:
    """One :class:`Diagnosis` for the server, and one for each kernel that was asked about."""

    def __init__(self, links: Links, facts: ServerFacts, log: logging.Logger) -> None:
        self._links = links
        self._facts = facts
        self._log = log
        self._server = Diagnosis(None, ServerTarget(facts.of_server), log)
        self._kernels: dict[str, tuple[KernelLink, Diagnosis]] = {}

    def of(self, kernel_id: str | None) -> Diagnosis:
        """That of a kernel, or of the server; nothing is started by this.

        Raises:
            NoSuchKernel: it does not run.
        """
        self._sweep()
        if kernel_id is None:
            return self._server
        link = self._links.link(kernel_id)
        known = self._kernels.get(kernel_id)
        if known is not None and known[0] is link:
            return known[1]
        target = KernelTarget(
            lambda: self._links.link(kernel_id), lambda: self._facts.of_kernel(kernel_id)
        )
        diagnosis = Diagnosis(kernel_id, target, self._log)

        def ended(gone: KernelGone) -> None:
            diagnosis.outdate()

        link.ends.add(ended)
        self._kernels[kernel_id] = link, diagnosis
        if known is not None:
            self._links.keep(known[1].close())
        return diagnosis

    def _sweep(self) -> None:
        running = set(self._links.running())
        for kernel_id in [one for one in self._kernels if one not in running]:
            self._links.keep(self._kernels.pop(kernel_id)[1].close())

    async def close(self) -> None:
        """Ends what runs."""
        for diagnosis in (self._server, *(one for _, one in self._kernels.values())):
            await diagnosis.close()
