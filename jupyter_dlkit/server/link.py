"""One link per kernel: attached on first need, shared by all clients."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import Any, Awaitable, Callable

import orjson
from jupyter_core.utils import ensure_async

from ..kernel import protocol
from .attach import Agent, agent_error, attach, head_of, refusal, refusal_at_sight
from .channel import Channel, Message, ZMQControlChannel, ZMQShellChannel
from .errors import DLKitError, KernelGone, NoAnswer, NotAttached
from .last_list import LastList
from .notebooks import Notebooks
from .schedule import Budget
from .settings import Settings

#: Seconds between two looks at a kernel's process while it owes an answer.
WATCH = 0.25

#: Seconds after which an answer that never came is given up, and the agent asked for anew.
LOST_AFTER = 120.0

#: Seconds for which a refusal that a person may lift is not examined again.
REFUSED_FOR = 3.0

#: "However old": encode the last scan again, whenever it was.
ANY_AGE_MS = 1e9


class KernelLink:
    """Requests to the agent of one kernel.

    ``listeners`` are called, without arguments, when ``agent``, ``reason`` or the
    kernel's state changed; ``ends`` with a :class:`KernelGone` when its process is no more.
    """

    def __init__(
        self,
        kernel_id: str,
        manager: Any,
        *,
        settings: Settings,
        notebooks: Notebooks,
        log: logging.Logger,
        connect: Callable[[Any, logging.Logger], Channel] = ZMQControlChannel,
        connect_shell: Callable[[Any, logging.Logger], Channel] = ZMQShellChannel,
    ) -> None:
        self.kernel_id = kernel_id
        self.manager = manager
        self.listeners: set[Callable[[], None]] = set()
        self.ends: set[Callable[[KernelGone], None]] = set()
        self.agent = Agent.DETACHED
        self.reason: str | None = None
        #: Whether a move or a deletion runs.
        self.changing = False
        #: Bytes of tensors by device, as last seen.
        self.bytes: dict[str, int] = {}
        #: What torch has brought up in the kernel, as the agent says it.
        self.backend: str | None = None
        self.last_list = LastList()
        self.budget = Budget(settings.min_interval, settings.busy_interval)
        #: Number of the last scan, and when (monotonic seconds) it was asked for.
        self.scans = 0
        self.scanned_at = -math.inf
        self._taken_at: str | None = None
        self._settings = settings
        self._notebooks = notebooks
        self._log = log
        self._connect = connect
        self._connect_shell = connect_shell
        self._channel: Channel | None = None
        self._shell: Channel | None = None
        self._turn: asyncio.Future[Message] | None = None
        self._process: Any = None
        self._attaching: asyncio.Task[None] | None = None
        self._refused: NotAttached | None = None
        self._refused_until = -math.inf
        self._in_flight: dict[bytes, asyncio.Future[Message]] = {}
        self._recent: dict[str | None, Message] = {}
        self._watching: asyncio.Task[None] | None = None
        self._observed = self._observe()

    # State of the kernel ------------------------------------------------------

    def _observe(self) -> bool:
        """Whether the manager tells when the kernel becomes busy or idle."""
        has_trait = getattr(self.manager, "has_trait", None)
        if has_trait is None or not has_trait("execution_state"):
            return False
        self.manager.observe(self._state_changed, "execution_state")
        return True

    def _state_changed(self, change: Any) -> None:
        self._tell()

    @property
    def tells_state(self) -> bool:
        """False when the kernel's state must be polled."""
        return self._observed

    @property
    def kernel_state(self) -> str:
        """``idle``, ``busy``, ``starting``, …, as the server knows it."""
        return str(getattr(self.manager, "execution_state", None) or "unknown")

    @property
    def busy(self) -> bool:
        """Whether a cell runs."""
        return self.kernel_state == "busy"

    @property
    def occupied(self) -> bool:
        """Whether a cell runs, or a change of ours."""
        return self.busy or self.changing

    @property
    def pid(self) -> int | None:
        """Of the kernel's process, when it is local."""
        pid = getattr(getattr(self.manager, "provisioner", None), "pid", None)
        return pid if isinstance(pid, int) else None

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()

    def _set(self, agent: Agent, reason: str | None = None) -> None:
        if (agent, reason) != (self.agent, self.reason):
            self.agent, self.reason = agent, reason
            self._tell()

    # Asking -------------------------------------------------------------------

    async def ask(
        self, op: str, args: dict[str, Any] | None = None, timeout: float | None = None
    ) -> Message:
        """The agent's answer; attaches first.  Equal requests share one message.

        The caller must be one who may ``execute``.  ``timeout`` is in seconds; a
        request that took longer stays on its way, and the next equal one joins it.

        Raises:
            NotAttached: nothing may be, or can be, attached.
            NoAnswer: not in time.
            KernelGone: the kernel died or was restarted meanwhile.
            DLKitError: what the agent refuses.
        """
        limit = self._settings.request_timeout if timeout is None else timeout
        deadline = time.monotonic() + limit
        await self._attached(deadline)
        reply: Message = await self._in_time(self._send(op, args or {}), deadline)
        head = head_of(reply)
        if not head.get("ok"):
            raise agent_error(reply)
        return reply

    def change(self, op: str, args: dict[str, Any]) -> asyncio.Future[Message]:
        """Sends a change on the shell channel, behind all that the kernel has still to run.

        The agent must be attached (:meth:`ready`).  The future has no time limit; it
        fails with :class:`KernelGone` when the kernel's process ends.

        Raises:
            OverflowError: too many changes wait already.
        """
        future = self._open_shell().request(protocol.REQUEST, protocol.request(op, args))
        self._watch()
        return future

    async def turn(self) -> None:
        """Until the kernel's main shell has done all that it has to; attaches nothing.

        Raises:
            NoAnswer: not in time: something runs, or the kernel hangs.
            DLKitError: it is gone, or cannot be asked.
        """
        if self._process is not None and self._process is not self._current_process():
            self.renew("kernel_restarted", "The kernel was restarted.")
        if self._turn is None or self._turn.done():  # no more than one waits in its queue
            try:
                # Untracked by all who count activity or show what the kernel does.
                self._turn = self._open_shell().request("kernel_info_request", {})
            except (OverflowError, AttributeError) as error:
                raise NoAnswer("kernel_not_answering", f"It cannot be asked: {error}.") from None
            self._watch()
        await self._in_time(self._turn, time.monotonic() + self._settings.request_timeout)

    @property
    def tells(self) -> bool:
        """Whether the agent is in the kernel's process, so that asking it attaches nothing."""
        return self.agent is Agent.ATTACHED and self._process is self._current_process()

    def _open_shell(self) -> Channel:
        if self._shell is None:
            self._shell = self._connect_shell(self.manager, self._log)
            self._process = self._current_process()
        return self._shell

    async def ready(self) -> None:
        """Attaches, when that has not been done.

        Raises:
            as :meth:`ask`.
        """
        await self._attached(time.monotonic() + self._settings.request_timeout)

    async def tensors(self, since: str | None, max_age_ms: float = 0.0) -> Message:
        """The list, by columns, as a difference from ``since`` where that is known."""
        args = {
            "since": since,
            "budget_ms": self._settings.scan_budget_ms,
            "max_age_ms": max_age_ms,
        }
        asked_at = time.monotonic()
        reply = await self.ask(protocol.TENSORS, args)
        head = head_of(reply)
        if head.get("taken_at") != self._taken_at:  # not an earlier scan, encoded again
            self._taken_at = head.get("taken_at")
            self.scans += 1
            self.scanned_at = asked_at
            self.budget.thread_ms = float(head.get("thread_ms", 0.0))
            self._recent.clear()
        self._recent[since] = reply
        self.backend = head.get("backend")
        self.bytes = {str(k): int(v) for k, v in head.get("totals", {}).items()}
        self.last_list.learn(head, since, reply.content)
        return reply

    async def tensors_within_budget(self, since: str | None) -> Message:
        """The list for one who asks once: a busy kernel is not scanned again too soon."""
        if self.busy and self.agent is Agent.ATTACHED:
            window = self.budget.pause(busy=True)
            if time.monotonic() - self.scanned_at < window:
                if since in self._recent:
                    return self._recent[since]
                return await self.tensors(since, max_age_ms=window * 1000)
        return await self.tensors(since)

    def _send(self, op: str, args: dict[str, Any]) -> asyncio.Future[Message]:
        key = orjson.dumps([op, args], option=orjson.OPT_SORT_KEYS)
        future = self._in_flight.get(key)
        if future is None:
            try:
                future = self._open().request(protocol.REQUEST, protocol.request(op, args))
            except OverflowError as error:
                raise NoAnswer("kernel_not_answering", f"{error}.") from None
            self._in_flight[key] = future
            future.add_done_callback(lambda _: self._in_flight.pop(key, None))
            self._watch()
        return future

    async def _in_time(self, future: Awaitable[Any], deadline: float) -> Any:
        """Waits without cancelling what others wait for as well."""
        try:
            return await asyncio.wait_for(
                asyncio.shield(future), max(0.0, deadline - time.monotonic())
            )
        except asyncio.TimeoutError:
            raise self._no_answer() from None

    def _no_answer(self) -> NoAnswer:
        if self.agent is Agent.ATTACHED:
            error = NoAnswer(
                "kernel_not_answering",
                f"The kernel ({self.kernel_state}) did not answer within "
                f"{self._settings.request_timeout:g} s.",
            )
        else:
            error = NoAnswer(
                "attaching",
                self.reason or f"The kernel ({self.kernel_state}) has not taken the agent yet.",
            )
        error.age_ms = self.last_list.age_ms
        return error

    # Attaching ----------------------------------------------------------------

    async def _attached(self, deadline: float) -> None:
        if self._process is not None and self._process is not self._current_process():
            self.renew("kernel_restarted", "The kernel was restarted.")
        if self.agent is Agent.ATTACHED:
            return
        if self._refused is not None and time.monotonic() < self._refused_until:
            raise self._refused
        if self._attaching is None:
            self._attaching = asyncio.create_task(self._attach())
            # Its waiters may have gone when it fails.
            self._attaching.add_done_callback(lambda t: t.cancelled() or t.exception())
        await self._in_time(self._attaching, deadline)

    async def _attach(self) -> None:
        try:
            refused = await refusal(self._settings, self.manager, self._notebooks, self.kernel_id)
            if refused is not None:
                raise refused
            self._set(Agent.ATTACHING)
            started = time.monotonic()
            channel = self._open()
            self._watch()
            late = asyncio.get_running_loop().call_later(
                self._settings.request_timeout, self._attaching_is_late
            )
            try:
                hello = await attach(channel, self.manager)
            finally:
                late.cancel()
            self._set(Agent.ATTACHED)
            self._log.info(
                "Attached to kernel %s (%s, Python %s) in %.0f ms",
                self.kernel_id,
                self.manager.kernel_name,
                hello.get("python"),
                (time.monotonic() - started) * 1000,
            )
        except NotAttached as error:
            off = error.code == "attach_disabled"
            # What a kernel cannot take, it cannot take until it is restarted.
            self._refused_until = time.monotonic() + REFUSED_FOR if off else math.inf
            self._refused = error
            self._set(Agent.DISABLED if off else Agent.UNSUPPORTED, error.message)
            raise
        except DLKitError:
            self._set(Agent.DETACHED)
            raise
        except Exception as error:
            self._log.exception("Attaching to kernel %s failed", self.kernel_id)
            self._set(Agent.UNREACHABLE, f"The kernel could not be reached: {error}")
            raise KernelGone(
                "kernel_unreachable", f"The kernel could not be reached: {error}"
            ) from error
        finally:
            if self._attaching is asyncio.current_task():
                self._attaching = None

    def _attaching_is_late(self) -> None:
        if self.kernel_state != "starting":
            self._set(
                Agent.UNREACHABLE,
                f"The kernel ({self.kernel_state}) has not answered for "
                f"{self._settings.request_timeout:g} s; it is attached when it does.",
            )

    def standing(self) -> tuple[Agent, str | None]:
        """State of the agent and why, without asking the kernel."""
        if self.agent is Agent.DETACHED:
            refused = refusal_at_sight(self._settings, self.manager)
            if refused is not None:
                off = refused.code == "attach_disabled"
                return Agent.DISABLED if off else Agent.UNSUPPORTED, refused.message
        return self.agent, self.reason

    # The kernel's life ----------------------------------------------------------

    def _current_process(self) -> Any:
        return getattr(getattr(self.manager, "provisioner", None), "process", None) or self.pid

    def _open(self) -> Channel:
        if self._channel is None:
            self._channel = self._connect(self.manager, self._log)
            self._process = self._current_process()
        return self._channel

    def _watch(self) -> None:
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch_process())

    async def _watch_process(self) -> None:
        """Looks after the kernel's process as long as it owes an answer."""
        try:
            while self._is_owed():
                await asyncio.sleep(WATCH)
                waiting = None if self._channel is None else self._channel.waiting_since
                if getattr(self.manager, "shutting_down", False):
                    self.renew("kernel_stopped", "The kernel is being stopped or restarted.")
                elif not await ensure_async(self.manager.is_alive()):
                    self.renew("kernel_died", "The kernel died while it was asked.")
                elif self._process is not self._current_process():
                    self.renew("kernel_restarted", "The kernel was restarted while it was asked.")
                elif time.monotonic() - (waiting or math.inf) > LOST_AFTER:
                    self._forget_agent("kernel_not_answering", "The kernel did not answer.")
        except Exception:
            self._log.exception("Watching kernel %s failed", self.kernel_id)
        finally:
            self._watching = None

    def _is_owed(self) -> bool:
        """Whether an answer of this kernel is waited for."""
        if self._shell is not None and self._shell.pending:
            return True
        control = self._channel
        return control is not None and bool(control.pending or self._attaching is not None)

    def renew(self, code: str, message: str) -> None:
        """Forgets the kernel's process: whoever waits gets the error, and the next one attaches."""
        shell, self._shell = self._shell, None
        self._process = None
        gone = KernelGone(code, message)
        if shell is not None:
            shell.close(gone)
        for end in tuple(self.ends):
            end(gone)
        self._forget_agent(code, message)

    def _forget_agent(self, code: str, message: str) -> None:
        """Forgets what was asked on control.  Changes stay in the kernel's queue."""
        channel, self._channel = self._channel, None
        self._refused = None
        self._in_flight.clear()
        self._recent.clear()
        self.scanned_at = -math.inf
        self.last_list = LastList()
        self.bytes = {}
        if channel is not None:
            channel.close(KernelGone(code, message))
        self._set(Agent.DETACHED)

    async def close(self) -> None:
        """Ends the link; waits for its tasks."""
        if self._observed:
            self.manager.unobserve(self._state_changed, "execution_state")
            self._observed = False
        self.renew("kernel_stopped", "The kernel was stopped.")
        self.listeners.clear()
        self.ends.clear()
        tasks = [t for t in (self._attaching, self._watching) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
