"""Nobody sees anything without the right to; and who may only read changes nothing."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
import requests
import websocket

from jupyter_dlkit.server import document
from tests.live.server import TOKEN, LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.conftest import has_agent

NO_KERNEL = "00000000-0000-0000-0000-000000000000"


#: What fits an address that wants a body, by its last word.
BODIES = {
    "moves": {"targets": ["a"], "device": "cpu"},
    "check": {"operation": "neg", "operands": [{"shape": [2]}]},
    "explanation": {"text": True},
    "release": {"what": ["garbage"]},
    "idle": {},
    "kernels": {"kernel_ids": [NO_KERNEL]},
}


class Address(NamedTuple):
    """A method of an address of the document."""

    method: str
    path: str


def addresses(kernel_id: str = NO_KERNEL, access: str | None = None) -> list[Address]:
    """Every address of the document that is answered by HTTP, with each of its methods."""
    return [
        Address(
            method.upper(),
            path.lstrip("/").format(kernel_id=kernel_id, tensor_id="1", move_id="1"),
        )
        for path, methods in document.document()["paths"].items()
        for method, operation in methods.items()
        if path != "/stream" and access in (None, operation["x-access"])
    ]


def ask(server: LiveServer, address: Address, **headers: str) -> requests.Response:
    """With a body that fits, where there is one."""
    return requests.request(
        address.method,
        f"{server.url}jupyter_dlkit/{address.path}",
        headers=headers,
        json=BODIES.get(address.path.rpartition("/")[2]),
        timeout=20,
    )


def may(*actions: str) -> dict[str, str]:
    return {"Authorization": f"token {TOKEN}", "X-May": ",".join(actions)}


def open_stream(server: LiveServer, **headers: str) -> websocket.WebSocket:
    address = server.url.replace("http", "ws", 1) + "jupyter_dlkit/stream"
    header = [f"{name}: {value}" for name, value in headers.items()]
    return websocket.create_connection(address, header=header, timeout=20)


def test_the_document_has_the_addresses_that_are_tested_here() -> None:
    assert len(addresses()) >= 11
    assert len(addresses(access="execute")) >= 8


@pytest.mark.parametrize("address", addresses())
def test_without_a_token_every_address_is_403(server: LiveServer, address: Address) -> None:
    refused(ask(server, address), 403, "forbidden")
    refused(ask(server, address, Authorization="token wrong"), 403, "forbidden")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "token wrong"}, may()])
def test_the_stream_is_403_before_its_upgrade(server: LiveServer, headers: dict[str, str]) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        open_stream(server, **headers)
    assert caught.value.status_code == 403
    assert caught.value.resp_body is not None
    assert fits(json.loads(caught.value.resp_body), "Error")["error"]["code"] == "forbidden"


@pytest.mark.parametrize("address", addresses())
def test_without_any_permission_every_address_is_403(server: LiveServer, address: Address) -> None:
    refused(ask(server, address, **may()), 403, "forbidden")


@pytest.mark.parametrize("address", addresses(access="execute"))
def test_what_comes_from_a_kernel_needs_execute_even_by_get(
    server: LiveServer, address: Address
) -> None:
    refused(ask(server, address, **may("read", "write")), 403, "forbidden")
    answer = ask(server, address, **may("execute"))
    if NO_KERNEL in address.path:
        refused(answer, 404, "no_such_kernel")
    else:  # what changes the server itself
        assert answer.ok, answer.text


@pytest.mark.parametrize("address", addresses(access="read"))
def test_read_is_enough_for_what_the_server_knows(server: LiveServer, address: Address) -> None:
    assert ask(server, address, **may("read")).status_code == 200


def test_who_may_only_read_gets_nothing_from_a_kernel_and_nothing_attached(
    server: LiveServer, kernel: ServedKernel
) -> None:
    for address in addresses(kernel.id, "execute"):
        refused(ask(server, address, **may("read")), 403, "forbidden")
    assert ask(server, Address("GET", "kernels"), **may("read")).status_code == 200

    stream = open_stream(server, **may("read"))
    stream.send(json.dumps({"type": "subscribe", "topic": "kernel", "kernel_id": kernel.id}))
    said = fits(json.loads(stream.recv()), "StreamMessage")
    assert said["type"] == "error"
    assert said["error"]["code"] == "forbidden"
    stream.close()

    assert not has_agent(kernel)
    # The same look would have seen an agent, had there been one.
    server.dlkit(f"kernels/{kernel.id}/tensors")
    assert has_agent(kernel)


def test_an_unknown_kernel_is_404(server: LiveServer) -> None:
    for address in addresses(access="execute"):
        if NO_KERNEL not in address.path:
            continue
        said = refused(ask(server, address, **may("execute")), 404, "no_such_kernel")
        assert NO_KERNEL in said["error"]["message"]


def test_what_is_no_id_at_all_is_404_too(server: LiveServer) -> None:
    refused(server.get("jupyter_dlkit/kernels/%3Cb%3E/tensors"), 404, "no_such_kernel")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "many"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"sort": "colour"}, "sort"),
        ({"order": "up"}, "order"),
        ({"owner": "me"}, "owner"),
        ({"format": "xml"}, "format"),
        ({"format": ["rows", "columns"]}, "format"),
    ],
)
def test_a_bad_query_is_400_and_names_the_field(
    server: LiveServer, kernel: ServedKernel, query: dict[str, object], field: str
) -> None:
    answer = server.get(f"jupyter_dlkit/kernels/{kernel.id}/tensors", **query)
    assert refused(answer, 400, "bad_request")["error"]["message"].startswith(f"{field}:")


def test_a_bad_query_for_one_tensor_is_400_and_names_the_field(
    server: LiveServer, kernel: ServedKernel
) -> None:
    address = f"jupyter_dlkit/kernels/{kernel.id}/tensors/1"
    said = refused(server.get(address, values="all"), 400, "bad_request")
    assert said["error"]["message"].startswith("values:")
    said = refused(server.get(address, slice="0"), 400, "bad_request")
    assert said["error"]["message"].startswith("slice:")


def test_a_browser_without_the_token_against_forgery_changes_nothing(
    server: LiveServer, kernel: ServedKernel
) -> None:
    """It is logged in by its cookie, as a page of another site would have it sent."""
    browser = requests.Session()
    browser.trust_env = False
    browser.get(f"{server.url}tree", params={"token": TOKEN}, timeout=20)
    browser.get(f"{server.url}api/kernels", timeout=20).raise_for_status()
    moves = f"{server.url}jupyter_dlkit/kernels/{kernel.id}/moves"
    changing = [
        ("POST", moves),
        ("DELETE", moves + "/1"),
        ("POST", moves + "/1/undo"),
        ("DELETE", moves.replace("moves", "tensors/1?path=a")),
    ]
    body = {"targets": ["a"], "device": "cpu"}
    for method, address in changing:
        answer = browser.request(method, address, json=body, timeout=20)
        assert "_xsrf" in refused(answer, 403, "forbidden")["error"]["message"]
    assert not has_agent(kernel)
    token = browser.cookies["_xsrf"]
    answer = browser.post(moves, json={}, headers={"X-XSRFToken": token}, timeout=20)
    refused(answer, 400, "bad_request")
