"""A real kernel, and a caller on its channels."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from .stack import Stack, clean_environment

#: Seconds within which anything that is not a cell of ours must have happened.
PATIENCE = 60.0


class CellFailed(AssertionError):
    """A cell raised; the message is its traceback."""


@dataclass
class Outcome:
    """What a cell printed, displayed and returned."""

    stdout: str = ""
    stderr: str = ""
    result: str | None = None
    displayed: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    execution_count: int | None = None


class LiveKernel:
    """Started on entering, killed on leaving.

    >>> with LiveKernel(stack("today")) as kernel:
    ...     kernel.run("x = 1")
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._home = tempfile.TemporaryDirectory(prefix="dlkit-kernel-")
        self._manager = KernelManager(connection_file=f"{self._home.name}/kernel.json")
        #: What the process wrote past its channels.
        self.log = Path(self._home.name, "log")
        spec = stack.kernelspec()
        self._manager._kernel_spec = KernelSpec(**spec)
        self.client: BlockingKernelClient

    def __enter__(self) -> LiveKernel:
        home = {"IPYTHONDIR": self._home.name, "JUPYTER_RUNTIME_DIR": self._home.name}
        with self.log.open("wb") as log:
            self._manager.start_kernel(
                env={**clean_environment(), **home}, cwd=self._home.name, stdout=log, stderr=log
            )
        self.client = self._manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._home.cleanup()

    @property
    def alive(self) -> bool:
        """Whether its process still runs."""
        return bool(self._manager.is_alive())

    def interrupt(self) -> None:
        """As the button does."""
        self._manager.interrupt_kernel()

    # Cells -----------------------------------------------------------------

    def start(self, code: str, **options: Any) -> str:
        """Send a cell; the id of its message.

        Its error aborts no other cell, unless asked: the kernel would abort what comes soon
        after it says that it is idle, too.
        """
        return str(self.client.execute(code, **{"stop_on_error": False, **options}))

    def finish(self, message_id: str, timeout: float = PATIENCE) -> Outcome:
        """What the cell gave, once it is idle again.  It may have raised: see ``error``."""
        outcome = Outcome()
        for message in self._iopub(message_id, timeout):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                name = str(content["name"])
                setattr(outcome, name, getattr(outcome, name) + content["text"])
            elif kind == "execute_input":
                outcome.execution_count = content["execution_count"]
            elif kind == "execute_result":
                outcome.result = content["data"].get("text/plain")
            elif kind == "display_data":
                outcome.displayed.append(content["data"])
            elif kind == "error":
                outcome.error = "\n".join(content["traceback"])
        return outcome

    def run(self, code: str, timeout: float = PATIENCE) -> Outcome:
        """Run a cell to its end; raises ``CellFailed`` when it did."""
        outcome = self.finish(self.start(code), timeout)
        if outcome.error is not None:
            raise CellFailed(outcome.error)
        return outcome

    def wait_for_output(self, message_id: str, text: str, timeout: float = PATIENCE) -> None:
        """Until that cell has printed ``text``: it is in the middle of running now."""
        seen = ""
        for message in self._iopub(message_id, timeout):
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]
                if text in seen:
                    return
        raise AssertionError(f"The cell ended and had printed only {seen!r}.")

    def _iopub(self, message_id: str, timeout: float) -> Any:
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != message_id:
                continue
            yield message
            if message["content"].get("execution_state") == "idle":
                return

    # Control ---------------------------------------------------------------

    def control(
        self, kind: str, content: dict[str, Any], timeout: float = PATIENCE
    ) -> dict[str, Any]:
        """Send one message on the control channel; the reply to it."""
        channel = self.client.control_channel
        message = self.client.session.msg(kind, content)
        channel.send(message)
        deadline = time.monotonic() + timeout
        while True:
            reply: dict[str, Any] = channel.get_msg(timeout=max(0.0, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply
