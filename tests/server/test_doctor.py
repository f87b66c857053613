"""The doctor over HTTP and on the stream: whose environment, by whom, one run at a time."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.live.server import TOKEN, LiveServer, ServedKernel
from tests.live.stack import Stack
from tests.server.answers import fits, refused
from tests.server.conftest import has_agent
from tests.server.test_life import pid_of
from tests.server.test_move_queue import busy
from tests.server.until import until
from tests.server.watching import Watching

Answer = dict[str, Any]


@pytest.fixture(name="examined", scope="module")
def _examined(server: LiveServer, stack: Stack) -> Iterator[ServedKernel]:
    """One kernel for the tests that leave it as it was."""
    started = server.start_kernel(stack.name, f"doctor-{stack.name}.ipynb")
    yield started
    started.shut_down()


def address(kernel: ServedKernel | None) -> str:
    return "doctor" if kernel is None else f"kernels/{kernel.id}/doctor"


def last(server: LiveServer, kernel: ServedKernel | None = None) -> Answer:
    """What GET answers."""
    return dict(fits(server.dlkit(address(kernel)), "Doctor"))


def ask(server: LiveServer, method: str, kernel: ServedKernel | None, **more: Any) -> Any:
    return requests.request(
        method,
        f"{server.url}jupyter_dlkit/{address(kernel)}",
        headers={"Authorization": f"token {TOKEN}"},
        timeout=30,
        **more,
    )


def start(server: LiveServer, kernel: ServedKernel | None = None, *long: str) -> Answer:
    """Starts a run."""
    answer = ask(server, "POST", kernel, json={"checks": list(long)} if long else None)
    assert answer.status_code == 202, answer.text
    said: Answer = fits(answer.json(), "Doctor")
    assert said["state"] == "running"
    assert said["run"]["integrity"] == bool(long)
    return said


def ended(server: LiveServer, kernel: ServedKernel | None = None) -> Answer:
    """The answer after the run."""

    def look() -> Answer | None:
        found = last(server, kernel)
        return found if found["run"] is None else None

    found = until(look, within=60)
    assert found is not None
    return found


def examine(server: LiveServer, kernel: ServedKernel | None = None) -> Answer:
    """A whole run; its report."""
    start(server, kernel)
    found = ended(server, kernel)
    assert (found["state"], found["error"]) == ("done", None), found
    assert found["complete"] and found["checks"]
    return found


def evidence(found: Answer, id: str) -> str:
    (check,) = (one for one in found["checks"] if one["id"] == id)
    return "\n".join([check["title"], *check["evidence"]])


def test_looking_starts_nothing(server: LiveServer, kernel: ServedKernel) -> None:
    with Watching(server) as stream:
        stream.send({"type": "subscribe", "topic": "doctor", "kernel_id": kernel.id})
        told = stream.until("doctor")
        found = last(server, kernel)
        assert told == {"type": "doctor", "kernel_id": kernel.id, "data": found}
        assert (found["state"], found["verdict"], found["checks"]) == ("none", None, [])
        assert found["summary"].endswith("has not been examined yet.")
        assert not has_agent(kernel)


def test_the_kernels_own_environment_is_examined(
    server: LiveServer, examined: ServedKernel
) -> None:
    mine = examine(server, examined)
    pid, python = examined.run("import os, sys; print(os.getpid(), sys.executable)").split()
    assert (mine["where"], mine["executable"]) == ("kernel", python)
    assert int(pid) == pid_of(server, examined)
    assert python in evidence(mine, "pytorch.environment")
    theirs = examine(server)
    assert (theirs["where"], theirs["executable"]) == ("server", sys.executable)
    assert last(server, examined) == mine


def test_another_environment_than_the_servers_is_a_finding_of_its_own(
    server: LiveServer, examined: ServedKernel, stack: Stack
) -> None:
    found = examine(server, examined)
    titles = {one["id"]: (one["verdict"], one["title"]) for one in found["checks"]}
    verdict, title = titles["pytorch.server"]
    if stack.name == "colab":
        assert title == "This kernel runs in another environment than the server"
        assert sys.prefix in evidence(found, "pytorch.server")
    else:
        assert verdict in ("ok", "not_applicable")


def test_the_text_for_a_forum_tells_nothing_private(
    server: LiveServer, examined: ServedKernel
) -> None:
    found = examine(server, examined)
    assert found["summary"].rstrip(".") in found["text"]
    home = examined.run("import os; print(os.path.expanduser('~'))").strip()
    if len(home) > 1:
        assert home not in found["text"]
    assert TOKEN not in found["text"]


#: What a user would notice, or a later cell stumble over; silent, so that it is no cell itself.
LOOK = """
import json, sys, threading
print(json.dumps({
    "torch": "torch" in sys.modules,
    "package": [name for name in sys.modules if name.startswith("jupyter_dlkit")],
    "names": [name for name in dir() if "doctor" in name or "dlkit" in name],
    "cells": len(In),
    "outputs": list(Out),
    "threads": [one.name for one in threading.enumerate() if "doctor" in one.name],
}))
"""


def test_a_kernel_that_runs_a_cell_is_examined_and_left_as_it_was(
    server: LiveServer, examined: ServedKernel
) -> None:
    def look() -> Answer:
        return dict(json.loads(examined.run(LOOK, silent=True, store_history=False)))

    before = look()
    assert (before["torch"], before["package"], before["threads"]) == (False, [], [])
    cell, end = busy(server, examined)
    try:
        found = examine(server, examined)
        assert examined.state == "busy"
    finally:
        end()
        examined.finish(cell)
    assert found["where"] == "kernel"
    before["cells"] += 1  # the one that ran
    until(lambda: look() == before)
    until(lambda: not psutil.Process(pid_of(server, examined)).children())


def test_a_run_is_told_to_those_who_watch(server: LiveServer, examined: ServedKernel) -> None:
    with Watching(server) as stream, Watching(server) as other:
        stream.send({"type": "subscribe", "topic": "doctor", "kernel_id": examined.id})
        other.send({"type": "subscribe", "topic": "doctor"})
        stream.until("doctor")
        other.until("doctor")
        started = start(server, examined)["run"]["started_at"]
        told = stream.until("doctor", lambda m: m["data"]["run"] is not None)
        assert told["data"]["run"]["started_at"] == started
        end = stream.until("doctor", lambda m: m["data"]["run"] is None)
        assert end["data"] == last(server, examined)
        stream.send({"type": "unsubscribe", "topic": "doctor", "kernel_id": examined.id})
        assert [m for m in other.all_for(0.3) if m["type"] == "doctor"] == []


def test_who_may_only_read_watches_the_servers_doctor_alone(
    server: LiveServer, examined: ServedKernel
) -> None:
    from tests.server.test_who_may import may, open_stream

    stream = open_stream(server, **may("read"))
    stream.send(json.dumps({"type": "subscribe", "topic": "doctor"}))
    assert fits(json.loads(stream.recv()), "StreamMessage")["type"] == "doctor"
    message = {"type": "subscribe", "topic": "doctor", "kernel_id": examined.id}
    stream.send(json.dumps(message))
    said = fits(json.loads(stream.recv()), "StreamMessage")
    assert (said["type"], said["error"]["code"]) == ("error", "forbidden")
    stream.close()


@pytest.fixture(name="slow")
def _slow(examined: ServedKernel, tmp_path: Path) -> Iterator[ServedKernel]:
    """Its interpreter takes a minute to start, as from a disk that is far away."""
    python = examined.run("import sys; print(sys.executable)").strip()
    slow = tmp_path / "python"
    slow.write_text(f'#!/bin/sh\nsleep 60\nexec {python} "$@"\n')
    slow.chmod(slow.stat().st_mode | stat.S_IXUSR)
    examined.run(f"import sys; sys.executable = {str(slow)!r}")
    yield examined
    examined.run(f"import sys; sys.executable = {python!r}")


def test_one_run_at_a_time_and_it_can_be_cancelled(server: LiveServer, slow: ServedKernel) -> None:
    before = last(server, slow)
    first = start(server, slow)
    assert (first["verdict"], first["checks"]) == (before["verdict"], before["checks"])
    assert start(server, slow)["run"]["started_at"] == first["run"]["started_at"]
    kernel = psutil.Process(pid_of(server, slow))
    until(kernel.children)
    more = start(server, slow, "integrity")
    assert more["run"]["started_at"] != first["run"]["started_at"]
    # Another is not what the longer one would be replaced by.
    answer = ask(server, "POST", slow)
    assert answer.json()["run"]["started_at"] == more["run"]["started_at"]

    cancelled = fits(ask(server, "DELETE", slow).json(), "Doctor")
    assert (cancelled["state"], cancelled["run"], cancelled["error"]) == ("cancelled", None, None)
    assert cancelled["checks"] == before["checks"]
    until(lambda: not kernel.children())
    again = fits(ask(server, "DELETE", slow).json(), "Doctor")
    assert again == cancelled


def test_a_kernel_that_dies_in_the_middle_is_told_and_another_run_can_begin(
    server: LiveServer, slow: ServedKernel
) -> None:
    start(server, slow)
    pid = pid_of(server, slow)
    until(psutil.Process(pid).children)
    helper = psutil.Process(pid).children()[0]
    try:
        os.kill(pid, signal.SIGKILL)
        found = ended(server, slow)
        assert found["state"] == "failed"
        assert found["error"]["message"].endswith(".") and found["error"]["hint"]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(helper.pid, signal.SIGKILL)
    until(lambda: slow.state in ("idle", "starting") and pid_of(server, slow) != pid, within=60)
    slow.reconnect()
    slow.run("1")
    assert examine(server, slow)["where"] == "kernel"


def test_a_report_of_another_process_says_so(server: LiveServer, examined: ServedKernel) -> None:
    before = examine(server, examined)
    assert before["note"] is None
    examined.restart()
    until(lambda: last(server, examined)["note"] == "The kernel was restarted since.")
    after = last(server, examined)
    assert after["checks"] == before["checks"]
    assert examine(server, examined)["note"] is None


def test_reading_the_files_is_told_in_bytes(server: LiveServer) -> None:
    with Watching(server) as stream:
        stream.send({"type": "subscribe", "topic": "doctor"})
        stream.until("doctor")
        assert start(server, None, "integrity")["run"]["integrity"]
        told = stream.until("doctor", lambda m: bool((m["data"]["run"] or {}).get("progress")))
        run = told["data"]["run"]
        assert 0 <= run["progress"]["done"] <= run["progress"]["total"]
        assert run["doing"]
        ask(server, "DELETE", None)
        assert last(server)["run"] is None


def test_a_wrong_body_names_its_field(server: LiveServer, examined: ServedKernel) -> None:
    for body, field in (({"checks": ["everything"]}, "checks.0"), ({"long": True}, "long")):
        said = refused(ask(server, "POST", examined, json=body), 400, "bad_request")
        assert said["error"]["message"].startswith(f"{field}:")
