"""Speaks to the agent of a kernel as the server does."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from jupyter_dlkit.kernel import carry, protocol
from tests.live.kernel import LiveKernel
from tests.server.answers import fits

#: Milliseconds a scan may take where the budget is not what is tested.
PLENTY = 20_000


@dataclass(frozen=True)
class Reply:
    """An answer, with what travelled beside it."""

    head: dict[str, Any]
    content: dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list of tensors, row by row."""

    head: dict[str, Any]
    content: dict[str, Any]
    rows: list[dict[str, Any]]

    @property
    def revision(self) -> str:
        """To be sent back as ``since``."""
        return str(self.content["revision"])

    @property
    def names(self) -> set[str]:
        """The name of every row."""
        return {row["name"] for row in self.rows}

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The row of that name."""
        (found,) = [row for row in self.rows if row["name"] == name]
        return found


def rows_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a ``TensorColumns``; its columns must be equally long."""
    columns = dict(content["columns"])
    storage = columns.pop("storage")
    for values in [*columns.values(), *storage.values()]:
        assert len(values) == len(columns["id"])
    return [
        {
            **{name: values[i] for name, values in columns.items()},
            "storage": {name: values[i] for name, values in storage.items()},
        }
        for i in range(len(columns["id"]))
    ]


class Caller:
    """Requests to the agent in one kernel."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.kernel = kernel

    def attach(self, **changes: str) -> dict[str, Any]:
        """Attach as the server would; ``changes`` are made to the cargo."""
        content = carry.attach_content()
        content[protocol.CARGO] = {**content[protocol.CARGO], **changes}
        reply = self.kernel.control("execute_request", content)
        result: dict[str, Any] = reply["content"]
        return result

    def detach(self) -> None:
        """Send it away; it has gone when this returns."""
        assert self.answer(protocol.DETACH) == {}
        self.kernel.control("kernel_info_request", {})  # answered after it

    def ask(self, op: str, **args: Any) -> Reply:
        """One request, answered or refused."""
        reply = self.kernel.control(protocol.REQUEST, protocol.request(op, args))
        assert reply["msg_type"] == protocol.REPLY
        head = reply["metadata"][protocol.HEAD]
        if not head["ok"]:
            fits(reply["content"], "Error")
        return Reply(head, reply["content"])

    def answer(self, op: str, **args: Any) -> dict[str, Any]:
        """The content of an answer, which must not be a refusal."""
        reply = self.ask(op, **args)
        assert reply.head["ok"], reply.content
        return reply.content

    def hello(self) -> dict[str, Any]:
        """Who answers."""
        return self.answer(protocol.HELLO)

    def list(
        self, since: str | None = None, budget_ms: float = PLENTY, checked: bool = True
    ) -> Listing:
        """A fresh list, checked against the document (which takes long for many rows)."""
        reply = self.ask(protocol.TENSORS, since=since, budget_ms=budget_ms, max_age_ms=0)
        assert reply.head["ok"], reply.content
        if checked:
            fits({"kernel_state": "idle", **reply.content}, "TensorColumns")
        return Listing(reply.head, reply.content, rows_of(reply.content))

    def detail(self, identity: str, **args: Any) -> dict[str, Any]:
        """One row in full, checked against the document.  A slow machine has time for it."""
        content = self.answer(protocol.TENSOR, id=identity, **{"timeout_ms": PLENTY, **args})
        fits({"kernel_state": "idle", **content}, "TensorDetail")
        return content

    def named(self, name: str, **args: Any) -> dict[str, Any]:
        """The row of that name in full."""
        return self.detail(self.list()[name]["id"], **args)

    def devices(self) -> dict[str, Any]:
        """Devices as the kernel sees them, checked against the document."""
        content = self.answer(protocol.DEVICES)
        fits({"kernel_state": "idle", **content}, "KernelDevices")
        return content


class Onlooker:
    """Looks again and again from a thread of its own, until left.

    >>> with Onlooker(caller) as onlooker:
    ...     kernel.run("train()")
    """

    def __init__(self, caller: Caller, details: bool = False) -> None:
        self.caller = caller
        self.listings: list[Listing] = []
        self.refusals: list[dict[str, Any]] = []
        self.details: list[dict[str, Any]] = []
        self.troubles: list[BaseException] = []
        self._with_details = details
        self._over = threading.Event()
        self._seen = threading.Condition()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        try:
            while not self._over.is_set():
                listing = self.caller.list(checked=False)
                with self._seen:
                    self.listings.append(listing)
                    self._seen.notify_all()
                if self._with_details:
                    self.caller.devices()
                    for row in listing.rows[:: max(1, len(listing.rows) // 3)]:
                        self._detail(row)
        except BaseException as trouble:
            with self._seen:
                self.troubles.append(trouble)
                self._seen.notify_all()

    def _detail(self, row: dict[str, Any]) -> None:
        for values in (None, "summary", "slice"):
            reply = self.caller.ask(
                protocol.TENSOR, id=row["id"], path=row["name"], values=values, limit=10
            )
            if reply.head["ok"]:
                fits({"kernel_state": "busy", **reply.content}, "TensorDetail")
                self.details.append(reply.content)
            else:
                self.refusals.append({"status": reply.head["status"], **reply.content["error"]})

    def wait_until_looked(self, times: int = 1) -> None:
        """Until so many more lists have arrived."""
        with self._seen:
            enough = len(self.listings) + times
            assert self._seen.wait_for(
                lambda: len(self.listings) >= enough or self.troubles, timeout=60
            )

    def __enter__(self) -> Onlooker:
        self._thread.start()
        self.wait_until_looked()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.troubles:
            raise AssertionError("Looking failed.") from self.troubles[0]
