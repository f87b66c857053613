"""Who can switch it off, and which kernels cannot be looked into at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.live.server import LiveServer, ServedKernel
from tests.live.stack import Stack
from tests.server.answers import fits, refused
from tests.server.conftest import has_agent
from tests.server.until import until
from tests.server.watching import Watching


def standing(server: LiveServer, kernel_id: str) -> dict[str, Any]:
    """The ``Kernel`` of ``GET kernels``."""
    found = fits(server.dlkit("kernels"), "Kernels")["kernels"]
    return next(dict(k) for k in found if k["id"] == kernel_id)


def add_kernelspec(server: LiveServer, name: str, spec: dict[str, Any]) -> None:
    folder = Path(server.folder.parent, "data", "kernels", name)
    folder.mkdir(exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def refused_everywhere(
    server: LiveServer, kernel_id: str, code: str, agent: str, reason: str
) -> None:
    """By HTTP, on the stream, and in the list of kernels; in the same words."""
    for address in ("tensors", "devices", "tensors/1"):
        answer = server.get(f"jupyter_dlkit/kernels/{kernel_id}/{address}")
        assert reason in refused(answer, 409, code)["error"]["message"]
    with Watching(server) as stream:
        stream.watch(kernel_id)
        told = stream.until("kernel", lambda m: m["data"]["agent"] == agent)
        assert reason in told["data"]["reason"]
    seen = standing(server, kernel_id)
    assert seen["agent"] == agent
    assert reason in seen["reason"]


def change_in_every_way(server: LiveServer, kernel: ServedKernel) -> list[requests.Response]:
    """What each address that changes a kernel answers."""
    below = f"{server.url}jupyter_dlkit/kernels/{kernel.id}"
    body: dict[str, Any] = {"targets": ["a"], "device": "cpu"}
    return [
        server.http.request(method, below + address, json=sent, timeout=20)
        for method, address, sent in (
            ("POST", "/moves", body),
            ("POST", "/moves", {**body, "dry_run": True}),
            ("POST", "/moves/1/undo", body),
            ("DELETE", "/tensors/1?path=a", body),
            ("DELETE", "/tensors/1?path=a&dry_run=1", body),
            ("DELETE", "/tensors?group=a", body),
            ("POST", "/release", {"what": ["name:nobody"]}),
        )
    ]


def cannot_change(server: LiveServer, kernel: ServedKernel, reason: str, hint: str) -> None:
    """Nothing can be changed in a kernel that has one array, and nothing of ours gets into it."""
    for answer in change_in_every_way(server, kernel):
        error = refused(answer, 403, "changes_disabled")["error"]
        assert reason in error["message"]
        assert hint in error["hint"]
    assert not has_agent(kernel)
    # What only looks is left.
    assert server.dlkit(f"kernels/{kernel.id}/tensors")["total"] == 1


def test_a_server_can_switch_attaching_and_values_off(stack: Stack) -> None:
    with LiveServer(["DLKit.attach=False", "DLKit.values=False"]) as server:
        kernel = server.start_kernel(stack.name)
        assert standing(server, kernel.id)["agent"] == "disabled"
        refused_everywhere(server, kernel.id, "attach_disabled", "disabled", "on this server")
        assert not has_agent(kernel)
        answer = server.get(f"jupyter_dlkit/kernels/{kernel.id}/tensors/1", values="summary")
        refused(answer, 403, "values_disabled")
        fits(server.dlkit("status"), "Status")


def test_a_server_can_switch_changes_off(stack: Stack) -> None:
    with LiveServer(["DLKit.changes=False"]) as server:
        kernel = server.start_kernel(stack.name)
        kernel.run("import numpy as np\na = np.zeros(3)")
        cannot_change(server, kernel, "on this server", "DLKit.changes")


def test_a_kernelspec_can_switch_it_off(server: LiveServer, stack: Stack) -> None:
    spec = stack.kernelspec()
    spec["metadata"] = {"jupyter_dlkit": {"attach": False}}
    spec["display_name"] = "Private"
    add_kernelspec(server, f"private-{stack.name}", spec)
    kernel = server.start_kernel(f"private-{stack.name}", "private.ipynb")
    try:
        refused_everywhere(server, kernel.id, "attach_disabled", "disabled", "Private")
        assert not has_agent(kernel)
    finally:
        kernel.shut_down()


def test_a_kernelspec_can_switch_changes_off(server: LiveServer, stack: Stack) -> None:
    spec = stack.kernelspec()
    spec["metadata"] = {"jupyter_dlkit": {"changes": False}}
    spec["display_name"] = "Exam"
    add_kernelspec(server, f"exam-{stack.name}", spec)
    kernel = server.start_kernel(f"exam-{stack.name}", "exam.ipynb")
    try:
        kernel.run("import numpy as np\na = np.zeros(3)")
        cannot_change(server, kernel, "Exam", "kernelspec")
    finally:
        kernel.shut_down()


def test_a_notebook_can_switch_changes_off_and_on_again(server: LiveServer, stack: Stack) -> None:
    def write(metadata: dict[str, Any]) -> None:
        content = {"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        (server.folder / "graded.ipynb").write_text(json.dumps(content))

    write({"jupyter_dlkit": {"changes": False}})
    kernel = server.start_kernel(stack.name, "graded.ipynb")
    try:
        kernel.run("import numpy as np\na = np.zeros(3)")
        cannot_change(server, kernel, "graded.ipynb", "metadata")
        write({"jupyter_dlkit": {"changes": True}})
        # Now they reach the kernel, which has no torch and none of these changes.
        codes = {answer.status_code for answer in change_in_every_way(server, kernel)}
        assert codes <= {404, 409}
    finally:
        kernel.shut_down()


def test_a_notebook_can_switch_it_off_and_on_again(server: LiveServer, stack: Stack) -> None:
    def write(metadata: dict[str, Any]) -> None:
        content = {"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        (server.folder / "secret.ipynb").write_text(json.dumps(content))

    write({"jupyter_dlkit": {"attach": False}})
    kernel = server.start_kernel(stack.name, "secret.ipynb")
    try:
        refused_everywhere(server, kernel.id, "attach_disabled", "disabled", "secret.ipynb")
        assert not has_agent(kernel)
        write({})
        with Watching(server) as stream:
            stream.watch(kernel.id)
            stream.until("kernel", lambda m: m["data"]["agent"] == "attached")
        assert has_agent(kernel)
    finally:
        kernel.shut_down()


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("echo", "Echo is a kernel for echo, not for Python."),
        ("", "does not say that it is a Python kernel"),
        ("python", "has no ipykernel 6 or later (ModuleNotFoundError: No module named 'IPython')"),
    ],
)
def test_a_kernel_that_cannot_take_the_agent_is_named_as_such(
    server: LiveServer, language: str, reason: str
) -> None:
    argv = [sys.executable, "-m", "tests.server.echo_kernel", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Echo", "language": language, "metadata": {}}
    add_kernelspec(server, f"echo{language}", spec)
    kernel = server.start_kernel(f"echo{language}", "echo.ipynb")
    try:
        refused_everywhere(server, kernel.id, "unsupported", "unsupported", reason)
        # It was never sent a message that it does not know.
        assert "Unknown message type" not in server.log.read_text()
        assert kernel.run("anything") == "anything"
    finally:
        kernel.shut_down()


def test_a_new_kernel_is_attached_while_somebody_watches_another(
    server: LiveServer, kernel: ServedKernel, stack: Stack
) -> None:
    with Watching(server) as stream:
        stream.watch(kernel.id)
        stream.until("tensors")
        second = server.start_kernel(stack.name, "second.ipynb")
        try:
            until(lambda: standing(server, second.id)["agent"] == "attached")
        finally:
            second.shut_down()
