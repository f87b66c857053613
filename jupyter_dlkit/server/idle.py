"""The idle watch: once a minute, and only where somebody has set a limit."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Callable, Iterable, Protocol

import orjson

from ..hardware.opened import has_opened_cuda
from . import idle_kernels
from .errors import NoSuchKernel
from .idle_choice import Choice, ChoiceFile
from .idle_ledger import DeviceLook, KernelLook, Ledger, Look
from .idle_notice import Notice, kernel_to_dict, why_not
from .links import Links
from .own_word import agents_word, rests
from .sampler import MachineSampler

#: A device with less than this in use, in bytes, is held by nobody.
HELD = 128 * 2**20


class IdleListener(Protocol):
    """One client's subscription."""

    def idle(self, message: bytes) -> None:
        """Takes an ``idle`` message; it replaces the last one."""


class IdleWatch:
    """Raises one notice when accelerators that kernels hold are idle for too long.

    ``default`` is what the administrator has set; what the user has set comes first.
    ``period`` is in seconds; ``clock`` counts seconds, ``today`` tells the time with its zone.
    Shuts nothing down: it says which kernels may be.
    """

    def __init__(
        self,
        sampler: MachineSampler,
        links: Links,
        file: ChoiceFile,
        default: Choice,
        *,
        log: logging.Logger,
        period: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._sampler = sampler
        self._links = links
        self._file = file
        self._default = default
        self._log = log
        self._period = period
        self._clock = clock
        self._today = today
        self._chosen = file.read()
        self._ledger = Ledger()
        self._notice: Notice | None = None
        #: Id and time of the notice for as long as some device stays idle for too long.
        self._raised: tuple[str, datetime] | None = None
        self._taken_at: datetime | None = None
        #: Processor seconds of each kernel at the last look, and when that was.
        self._spent: dict[str, tuple[float, float]] = {}
        self._listeners: set[IdleListener] = set()
        self._told: bytes | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._looking = asyncio.Lock()

    # What is set ----------------------------------------------------------------

    @property
    def choice(self) -> Choice:
        """What is in force."""
        return self._chosen or self._default

    def choose(self, limit: float | None, price: float | None, currency: str) -> None:
        """The user's limit (minutes), price (an hour) and currency; None: not wanted."""
        wanted = replace(self.choice, limit=limit, price=price, currency=currency)
        if wanted != self.choice:  # of equal values nothing is written
            self._keep(wanted)

    def not_today(self, until: datetime | None = None) -> None:
        """Nobody is told, and nothing sampled, until the day ends."""
        self._keep(self.choice.not_today(self._today(), until))

    def _keep(self, choice: Choice) -> None:
        before, self._chosen = self.choice, choice
        self._file.write(choice)
        if self._rest() is not None:
            self._begin_anew()
        elif self._notice is not None:
            self._judge(self._notice.look)  # another limit, another price
        if (before.limit is None) != (choice.limit is None):
            self._begin_anew()
        self.start()
        self._wake.set()
        self._tell()

    def _rest(self) -> float | None:
        """Seconds for which nothing is to be looked at, infinite without a limit; else None."""
        if self.choice.limit is None:
            return float("inf")
        return self.choice.snoozed(self._today()) or None

    def _begin_anew(self) -> None:
        self._ledger.clear()
        self._spent.clear()
        self._notice = self._raised = None

    # Looking --------------------------------------------------------------------

    def start(self) -> None:
        """Watches from now on, where there is a limit."""
        if self._task is None and self.choice.limit is not None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self.choice.limit is not None:
                self._wake.clear()
                pause = self._rest()
                if pause is None:
                    await self._look_and_tell()
                    pause = self._period
                try:
                    await asyncio.wait_for(self._wake.wait(), pause)
                except asyncio.TimeoutError:
                    pass
        finally:
            self._task = None

    async def _look_and_tell(self) -> None:
        try:
            look = await self.look()
            if self._rest() is None:  # nothing was set meanwhile
                self._ledger.observe(look)
                look = await self._heard(look, [k for d, _ in self._late(look) for k in d.held])
            if self._rest() is None:
                self._judge(look)
        except Exception:
            # The driver's, or a kernel's, trouble must not end the watch.
            self._log.exception("Idle accelerators could not be looked for")
        self._tell()

    async def look(self, also: Iterable[str] = ()) -> Look:
        """The accelerators and the kernels that hold them, now.

        The agents of kernels that hold any, and of those in ``also``, are asked whether a cell
        runs.  Where no kernel runs, nothing is asked of any driver.
        """
        async with self._looking:
            self._taken_at = self._today()
            if not self._links.running():
                return Look(self._clock(), (), {})
            sampled = await self._sampler.sample(0.0)
            places = await self._links.notebooks.places()
            running = self._links.running()
            pids = {k: pid for k in running if (pid := self._links.link(k).pid) is not None}
            loop = asyncio.get_running_loop()
            seen = await loop.run_in_executor(None, _see, pids)
            at = self._clock()
            kernels = {}
            for kernel_id in self._links.running():
                link, place = self._links.link(kernel_id), places.get(kernel_id)
                kernels[kernel_id] = KernelLook(
                    id=kernel_id,
                    name=str(link.manager.kernel_name),
                    notebook=None if place is None else place.path,
                    state=link.kernel_state,
                    last_activity=getattr(link.manager, "last_activity", None),
                    cores=self._cores(kernel_id, at, seen.get(kernel_id, (None, False))[0]),
                    changing=link.changing,
                )
            with_cuda = [k for k, (_, opened) in seen.items() if opened and k in kernels]
            devices = held_by_kernels(sampled.status["devices"], kernels, with_cuda)
            asked = {k for device in devices for k in device.held} | set(also)
            await self._correct(kernels, asked.intersection(kernels))
            return Look(at, devices, kernels)

    async def _correct(self, kernels: dict[str, KernelLook], asked: Iterable[str]) -> None:
        """Takes the agents' word for the status."""

        async def correct(kernel_id: str) -> None:
            try:
                word = await agents_word(self._links.link(kernel_id))
            except NoSuchKernel:
                return
            if word is not None:
                kernel = kernels[kernel_id]
                works = kernel.state == "idle" and (word.running or word.taken)
                state = "busy" if works else kernel.state
                kernels[kernel_id] = replace(kernel, state=state, cells=word.cells)

        await asyncio.gather(*(correct(kernel_id) for kernel_id in asked))

    async def _heard(self, look: Look, kernel_ids: Iterable[str]) -> Look:
        """Those of the kernels that seem to rest are asked whether they do."""

        async def heard(kernel: KernelLook) -> KernelLook:
            try:
                return replace(kernel, silent=not await rests(self._links.link(kernel.id)))
            except NoSuchKernel:
                return replace(kernel, state="dead")

        seem = [k for one in dict.fromkeys(kernel_ids) if (k := look.kernels.get(one)) is not None]
        told = await asyncio.gather(*(heard(k) for k in seem if k.reason is None))
        return replace(look, kernels={**look.kernels, **{kernel.id: kernel for kernel in told}})

    def _cores(self, kernel_id: str, at: float, spent: float | None) -> float | None:
        """How many processors it used since the last look; None at the first."""
        before = self._spent.get(kernel_id)
        if spent is None:
            return None
        if before is not None and at - before[0] < min(1.0, self._period):
            return max(0.0, spent - before[1]) / max(at - before[0], 1.0)
        self._spent[kernel_id] = (at, spent)
        return None if before is None else max(0.0, spent - before[1]) / (at - before[0])

    def _late(self, look: Look) -> list[tuple[DeviceLook, float]]:
        """The devices that are idle for longer than the limit, and for how many seconds."""
        limit, idle = self.choice.limit, self._ledger.idle()
        return [
            (device, idle[device.uuid])
            for device in look.devices
            if limit is not None and idle.get(device.uuid, 0.0) >= 60 * limit
        ]

    def _judge(self, look: Look) -> None:
        """Raises, renews or withdraws the notice.

        A device all of whose holders are at work is none that a person could free.
        """
        late = self._late(look)
        if not late:
            self._notice = self._raised = None
            return
        can_be_freed = [
            (device, seconds)
            for device, seconds in late
            if any(
                k in look.kernels and why_not(look.kernels[k], look) is None for k in device.held
            )
        ]
        if not can_be_freed:
            self._notice = None
            return
        # One that comes again before the devices were used is the same for who has put it away.
        self._raised = self._raised or (uuid.uuid4().hex, self._today())
        self._notice = Notice(
            id=self._raised[0],
            raised_at=self._raised[1],
            idle=tuple(sorted(can_be_freed, key=lambda one: -one[1])),
            look=look,
            price=self.choice.price,
            currency=self.choice.currency,
        )

    async def recheck(self, kernel_ids: Iterable[str]) -> list[dict[str, Any]]:
        """For each kernel, by a new look, whether it may be shut down now, or why not."""
        wanted = list(dict.fromkeys(kernel_ids))
        look = await self._heard(await self.look(wanted), wanted)
        answers = []
        for kernel_id in wanted:
            kernel = look.kernels.get(kernel_id)
            if kernel is None or kernel.state == "dead":
                kernel = KernelLook(kernel_id, "", None, "dead")
                gone = {"reason": f"The kernel {kernel_id} does not run any more."}
                answers.append({**kernel_to_dict(kernel, look), **gone})
            else:
                answers.append(kernel_to_dict(kernel, look))
        return answers

    # Telling --------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """An ``Idle`` of the document; looks at nothing."""
        choice = self.choice
        set_by = "administrator" if choice.limit is not None or choice.price is not None else None
        return {
            "limit_minutes": choice.limit,
            "hourly_price": choice.price,
            "currency": choice.currency,
            "set_by": "user" if self._chosen is not None else set_by,
            "watching": self._rest() is None,
            "not_today": choice.snoozed(self._today()) > 0,
            "taken_at": None
            if self._taken_at is None
            else self._taken_at.isoformat(timespec="seconds"),
            "notice": None if self._notice is None else self._notice.to_dict(),
        }

    def add(self, listener: IdleListener) -> None:
        """Tells this one too; at once how it stands."""
        self._listeners.add(listener)
        listener.idle(_message(self.state()))

    def remove(self, listener: IdleListener) -> None:
        """Tells this one no more."""
        self._listeners.discard(listener)

    def _tell(self) -> None:
        """Tells of what is new; that somebody looked again is not."""
        state = self.state()
        without_time = orjson.dumps({**state, "taken_at": None})
        if without_time != self._told:
            self._told = without_time
            for listener in tuple(self._listeners):
                listener.idle(_message(state))

    async def close(self) -> None:
        """Ends it."""
        self._listeners.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _message(state: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": "idle", "data": state})


def _see(pids: dict[str, int]) -> dict[str, tuple[float | None, bool]]:
    """Processor seconds, and whether CUDA is open, of each kernel; in a worker thread."""
    seen = {}
    for kernel_id, pid in pids.items():
        family = idle_kernels.processes(pid)
        opened = has_opened_cuda(process.pid for process in family)
        seen[kernel_id] = (idle_kernels.spent(family), opened)
    return seen


def held_by_kernels(
    found: list[dict[str, Any]], kernels: dict[str, KernelLook], with_cuda: list[str]
) -> tuple[DeviceLook, ...]:
    """Each accelerator with the kernels that hold it.

    A kernel that the driver does not name, as in a container, but that has CUDA open, is
    taken to hold what is in use by somebody unnamed.
    """
    named = {p["kernel_id"] for d in found for p in d["processes"] if p["kernel_id"] is not None}
    unnamed = [k for k in with_cuda if k not in named]
    devices = []
    for device in found:
        held: dict[str, int | None] = {}
        for process in device["processes"]:
            owner = process["kernel_id"]
            if owner in kernels:
                more, before = process["bytes"], held.get(owner)
                held[owner] = before if more is None else (before or 0) + more
        mig = device["mig"] or {"enabled": False, "parent": None}
        # A split card is held through its instances.
        whole = not mig["enabled"] or mig["parent"] is not None
        if not held and whole and (device["memory"]["used"] or 0) >= HELD:
            held = dict.fromkeys(unnamed)
        devices.append(
            DeviceLook(
                device["uuid"],
                device["index"],
                device["name"] or "The accelerator",
                device["utilization"],
                held,
            )
        )
    return tuple(devices)
