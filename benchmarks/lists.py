"""How long a list of tensors takes, from the HTTP request to the parsed answer."""

from __future__ import annotations

import gc
import http.client
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from tests.live.server import TOKEN, LiveServer, ServedKernel

from . import cells
from .figures import Figure, Sample
from .peers import variable_inspector

#: Seconds between requests to a busy kernel: the default rate, so each is a new look.
BUSY_PAUSE = 2.1


def wait_until_attached(server: LiveServer, kernel: ServedKernel) -> None:
    """The agent is there and has said so; its first list is still to come."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        # Asking for devices attaches, where starting the kernel has not.
        server.dlkit(f"kernels/{kernel.id}/devices")
        states = {k["id"]: k["agent"] for k in server.dlkit("kernels")["kernels"]}
        if states[kernel.id] == "attached":
            return
        time.sleep(0.05)
    raise AssertionError(f"not attached within 30 s: {states[kernel.id]}")


class Client:
    """What costs least beside the thing measured: one open connection, orjson, and, as
    ``timeit`` has it, no garbage collection of its own meanwhile."""

    def __init__(self, server: LiveServer, kernel: ServedKernel) -> None:
        address = urlsplit(server.url)
        self._connection = http.client.HTTPConnection(str(address.netloc), timeout=60)
        self._path = f"{address.path}jupyter_dlkit/kernels/{kernel.id}/tensors?"
        self._connection.connect()

    def list(self, at_least: int, **query: str) -> tuple[float, dict[str, Any]]:
        """Milliseconds from the request to the parsed answer, and the answer, which is
        checked to be what was asked for."""
        path, headers = self._path + urlencode(query), {"Authorization": f"token {TOKEN}"}
        gc.collect()
        gc.disable()
        started = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        answer = orjson.loads(response.read())
        took = (time.perf_counter() - started) * 1000
        gc.enable()
        assert response.status == 200, answer
        assert answer["complete"], "the time budget ended the walk"
        if "since" not in query:
            columns = query.get("format") == "columns"
            rows = answer["columns"]["name"] if columns else answer["tensors"]
            assert len(rows) >= at_least, f"{len(rows)} of {at_least} rows"
        return took, answer


def while_busy(server: LiveServer, stack: str, requests: int) -> Iterator[Figure]:
    """1,000 tensors while a cell spins, and while one trains."""
    for doing, setup, cell in (
        ("spins in Python", cells.TENSORS.format(count=1000), cells.SPIN),
        ("trains", cells.MODEL.format(count=1000), cells.TRAIN),
    ):
        kernel = server.start_kernel(stack)
        kernel.run(setup)
        wait_until_attached(server, kernel)
        running = kernel.start(cell)
        kernel.wait_for_output(running, "running")
        sample, client = Sample(), Client(server, kernel)
        for _ in range(requests):
            sample.values.append(client.list(1000)[0])
            time.sleep(BUSY_PAUSE)
        assert kernel.state == "busy"
        kernel.shut_down()
        yield Figure(
            f"list of 1,000 tensors while a cell {doing}, p99",
            stack,
            sample.quantile(0.99),
            "ms",
            150,
            note=str(sample),
        )


def first_lists(server: LiveServer, stack: str, kernels: int) -> Iterator[Figure]:
    """10,000 tensors that nobody has listed before, each time in a new kernel."""
    samples = {"columns": Sample(), "rows": Sample()}
    for turn in range(2 * kernels):
        form = ("columns", "rows")[turn % 2]
        kernel = server.start_kernel(stack)
        kernel.run(cells.TENSORS.format(count=10_000))
        wait_until_attached(server, kernel)
        client = Client(server, kernel)
        samples[form].values.append(client.list(10_000, format=form)[0])
        kernel.shut_down()
    name = "first list of 10,000 tensors of a new kernel"
    columns, rows = samples["columns"], samples["rows"]
    yield Figure(f"{name}, by columns, median", stack, columns.median, "ms", 80, note=str(columns))
    yield Figure(f"{name}, by columns, p95", stack, columns.quantile(0.95), "ms", 160)
    yield Figure(f"{name}, by rows, median", stack, rows.median, "ms", 150, note=str(rows))


def large_lists(server: LiveServer, stack: str, repeats: int) -> Iterator[Figure]:
    """10,000 tensors that are all new since the last list; nothing changed; the peer."""
    kernel = server.start_kernel(stack)
    setup = cells.TENSORS.format(count=10_000)
    kernel.run(setup)
    wait_until_attached(server, kernel)
    client = Client(server, kernel)
    client.list(10_000)
    samples = {"columns": Sample(), "rows": Sample()}
    for turn in range(2 * repeats):
        form = ("columns", "rows")[turn % 2]
        kernel.run(setup)
        samples[form].values.append(client.list(10_000, format=form)[0])
    name = "list of 10,000 tensors, all new,"
    columns, rows = samples["columns"], samples["rows"]
    yield Figure(f"{name} by columns, median", stack, columns.median, "ms", 80, note=str(columns))
    yield Figure(f"{name} by columns, p95", stack, columns.quantile(0.95), "ms", 160)
    yield Figure(f"{name} by rows, median", stack, rows.median, "ms", 150, note=str(rows))

    _, answer = client.list(10_000, format="columns")
    unchanged = Sample()
    for _ in range(2 * repeats):
        revision = str(answer["revision"])
        took, answer = client.list(0, format="columns", since=revision)
        assert not answer["full"]
        assert not answer["columns"]["name"]
        unchanged.values.append(took)
        time.sleep(0.02)
    name = "10,000 tensors, since, nothing changed, median"
    yield Figure(name, stack, unchanged.median, "ms", 25, note=str(unchanged))
    kernel.shut_down()


def beside_the_inspector(server: LiveServer, stack: str, repeats: int) -> Iterator[Figure]:
    """The same 10,000 variables, listed by us and by jupyterlab-variableinspector."""
    kernel = server.start_kernel(stack)
    kernel.run(cells.VARIABLES.format(count=10_000))
    wait_until_attached(server, kernel)
    ours, client = Sample(), Client(server, kernel)
    for _ in range(10 * repeats):
        ours.values.append(client.list(10_000, format="columns")[0])
    theirs = variable_inspector(kernel, repeats)
    kernel.shut_down()
    name = "10,000 variables"
    yield Figure(f"{name}: jupyter_dlkit, by columns, median", stack, ours.median, "ms")
    yield Figure(f"{name}: jupyterlab-variableinspector, median", stack, theirs.median, "ms")
    yield Figure(
        f"{name}: variableinspector ÷ jupyter_dlkit",
        stack,
        theirs.median / ours.median,
        "×",
        150,
        at_least=True,
    )
