"""Every answer is what the document says, and says what is true."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jupyter_dlkit.server import document
from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.until import until


def tensors(server: LiveServer, kernel: ServedKernel, **query: Any) -> dict[str, Any]:
    answer = server.dlkit(f"kernels/{kernel.id}/tensors", **query)
    by_columns = query.get("format") == "columns"
    return dict(fits(answer, "TensorColumns" if by_columns else "TensorList"))


def test_the_document_is_served_and_valid(server: LiveServer) -> None:
    from openapi_spec_validator import validate

    served = server.dlkit("openapi.json")
    assert served == document.document()
    validate(served)


def test_kernels_are_listed_with_their_notebooks(server: LiveServer, kernel: ServedKernel) -> None:
    def seen() -> dict[str, Any]:
        listed = fits(server.dlkit("kernels"), "Kernels")["kernels"]
        return next(dict(k) for k in listed if k["id"] == kernel.id)

    before = seen()
    assert before["agent"] == "detached"
    assert before["path"].endswith(".ipynb")
    assert before["language"] == "python"
    pid = int(kernel.run("import os; print(os.getpid())", silent=True, store_history=False))
    assert before["pid"] == pid
    assert before["bytes"] == {}
    tensors(server, kernel)
    after = seen()
    assert after["agent"] == "attached"
    assert after["bytes"] == {"cpu": 2 * 3 * 4 + 5 * 8}


def test_rows_and_columns_say_the_same(server: LiveServer, kernel: ServedKernel) -> None:
    rows = tensors(server, kernel)
    columns = tensors(server, kernel, format="columns")
    assert [r["name"] for r in rows["tensors"]] == columns["columns"]["name"] == ["a", "b"]
    row = rows["tensors"][0]
    assert row["shape"] == [2, 3]
    for field, value in row.items():
        column = columns["columns"][field]
        if field == "storage":
            assert value == {name: part[0] for name, part in column.items()}
        else:
            assert value == column[0], field
    for field in ("total", "totals", "kernel_state", "complete", "cut", "full"):
        assert rows[field] == columns[field]


def test_a_page_is_searched_sorted_and_cut(server: LiveServer, kernel: ServedKernel) -> None:
    kernel.run("c = [np.zeros(n, 'int8') for n in (3, 1, 2)]")
    page = tensors(server, kernel, q="INT8", sort="bytes", order="desc", limit=2)
    assert [r["name"] for r in page["tensors"]] == ["c[0]", "c[2]"]
    assert page["total"] == 3
    assert page["full"]
    page = tensors(server, kernel, q="c[", offset=2, since=page["revision"], format="columns")
    assert page["full"]
    assert page["columns"]["name"] == ["c[2]"]
    assert tensors(server, kernel, device="cuda:0")["tensors"] == []
    assert tensors(server, kernel, owner="variable")["total"] == 2


def test_a_difference_has_what_changed_and_nothing_else(
    server: LiveServer, kernel: ServedKernel
) -> None:
    first = tensors(server, kernel)
    same = tensors(server, kernel, since=first["revision"])
    assert (same["full"], same["tensors"], same["removed"]) == (False, [], [])
    kernel.run("del b\nc = np.zeros(3)")
    changed = tensors(server, kernel, since=first["revision"])
    assert changed["full"] is False
    assert [r["name"] for r in changed["tensors"]] == ["c"]
    gone = {r["id"] for r in first["tensors"] if r["name"] == "b"}
    assert set(changed["removed"]) == gone
    assert tensors(server, kernel, since="0.0")["full"]


def test_one_tensor_in_full_and_its_values_on_request(
    server: LiveServer, kernel: ServedKernel
) -> None:
    kernel.run("import torch\na[1, 2] = 7")
    row = next(r for r in tensors(server, kernel)["tensors"] if r["name"] == "a")
    address = f"kernels/{kernel.id}/tensors/{row['id']}"
    plain = fits(server.dlkit(address), "TensorDetail")
    assert plain["values"] is None
    assert plain["shape"] == [2, 3]
    assert plain["kernel_state"]
    summary = fits(server.dlkit(address, values="summary"), "TensorDetail")["values"]["summary"]
    assert (summary["min"], summary["max"], summary["numel"]) == (0, 7, 6)
    part = fits(server.dlkit(address, values="slice", slice="1,1:"), "TensorDetail")
    assert part["values"]["slice"]["values"] == [0, 7]


def test_a_tensor_that_is_not_there_any_more_is_refused_in_words(
    server: LiveServer, kernel: ServedKernel
) -> None:
    row = next(r for r in tensors(server, kernel)["tensors"] if r["name"] == "a")
    address = f"jupyter_dlkit/kernels/{kernel.id}/tensors/{row['id']}?path=a"
    kernel.run("a = np.ones(9)")
    body = server.get(address)
    assert body.status_code in (404, 409)
    refused(body, body.status_code)
    assert server.get(f"jupyter_dlkit/kernels/{kernel.id}/tensors/none").status_code == 404


def test_devices_are_those_of_the_kernel(server: LiveServer, kernel: ServedKernel) -> None:
    found = fits(server.dlkit(f"kernels/{kernel.id}/devices"), "KernelDevices")
    assert found["torch"] is None
    assert [d["type"] for d in found["devices"]] == ["cpu"]


def test_status_has_the_host_and_a_history(server: LiveServer) -> None:
    first = fits(server.dlkit("status"), "Status")
    assert first["host"]["memory"]["total"] > 0
    assert first["history"]["seconds"][-1] == 0
    assert len(first["history"]["seconds"]) == len(first["history"]["host"]["cpu_percent"])


def test_status_is_sampled_once_for_all_who_ask_together(server: LiveServer) -> None:
    assert server.dlkit("status")["taken_at"] == server.dlkit("status")["taken_at"]


def test_gauges_are_among_the_servers_metrics(server: LiveServer, kernel: ServedKernel) -> None:
    tensors(server, kernel)

    def gauges() -> dict[str, float]:
        server.dlkit("status")
        text = server.get("metrics").text
        found = re.findall(r"^(dlkit_[a-z_]+(?:{[^}]*})?) (\S+)$", text, re.M)
        return {name: float(value) for name, value in found}

    mine = f'dlkit_kernel_tensor_bytes{{device="cpu",kernel_id="{kernel.id}"}}'
    seen = until(lambda: (g := gauges()).get(mine) and g)
    assert seen[mine] == 64
    assert seen["dlkit_host_memory_total_bytes"] > seen["dlkit_host_memory_used_bytes"] > 0


@pytest.mark.parametrize("address", ["kernels", "status", "openapi.json"])
def test_answers_are_json_and_are_not_kept_by_caches(server: LiveServer, address: str) -> None:
    answer = server.get(f"jupyter_dlkit/{address}")
    assert answer.headers["Content-Type"] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]
