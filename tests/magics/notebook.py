"""A notebook on a real kernel into which the magics were loaded."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.live.kernel import PATIENCE, LiveKernel
from tests.live.stack import ROOT

#: The checkout is found, and no name is left.
FOUND = f"__import__('sys').path.insert(0, {str(ROOT)!r})"


@dataclass
class Ran:
    """What a cell gave."""

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    results: list[dict[str, Any]] = field(default_factory=list)  #: of the display hook
    displayed: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    traceback: str = ""

    @property
    def result(self) -> str:
        """The text of the one result."""
        (data,) = self.results
        return str(data["text/plain"])

    @property
    def shown(self) -> list[str]:
        """The texts of what was displayed."""
        return [str(data["text/plain"]) for data in self.displayed]

    @property
    def usage_error(self) -> str:
        """The sentence that is all that the cell gave."""
        assert self.status == "error"
        assert not (self.traceback or self.results or self.displayed or self.stdout), self
        begin, _, sentence = self.stderr.partition("UsageError: ")
        assert not begin and sentence.endswith("\n") and sentence.count("\n") == 1, self.stderr
        return sentence.strip()


class Notebook:
    """Runs cells and completes them."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.kernel = kernel
        self.client = kernel.client

    def load(self) -> Ran:
        """``%load_ext``, from the checkout."""
        self.kernel.run(FOUND)
        return self.run("%load_ext jupyter_dlkit")

    def start(self, code: str) -> str:
        """Send a cell."""
        return self.kernel.start(code)

    def run(self, code: str) -> Ran:
        """Run a cell to its end."""
        return self.finish(self.start(code))

    def finish(self, message_id: str) -> Ran:
        """What a cell gave."""
        ran = Ran()
        for message in self.kernel._iopub(message_id, PATIENCE):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                setattr(ran, content["name"], getattr(ran, content["name"]) + content["text"])
            elif kind == "execute_result":
                ran.results.append(content["data"])
            elif kind == "display_data":
                ran.displayed.append(content["data"])
            elif kind == "update_display_data":
                ran.updated.append(content["data"])
            elif kind == "error":
                ran.traceback = "\n".join(content["traceback"])
        ran.status = self._reply(message_id)["status"]
        return ran

    def value(self, expression: str) -> Any:
        """What the kernel prints of an expression, as Python reads it."""
        ran = self.run(f"print(repr(({expression})))")
        assert ran.status == "ok", ran
        import ast

        return ast.literal_eval(ran.stdout)

    def complete(self, code: str, at: int | None = None) -> list[str]:
        """Whole texts of the cell, for each completion that is offered."""
        reply = self._reply(self.client.complete(code, len(code) if at is None else at))
        start, end = reply["cursor_start"], reply["cursor_end"]
        return [code[:start] + match + code[end:] for match in reply["matches"]]

    def help(self, code: str) -> str:
        """What ``?`` shows."""
        message_id = self.start(code)
        self.kernel.finish(message_id)
        (page,) = self._reply(message_id)["payload"]
        return str(page["data"]["text/plain"])

    def _reply(self, message_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.0, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message_id:
                content: dict[str, Any] = reply["content"]
                return content
