"""Why the last cell that failed did, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.server import LiveServer, ServedKernel
from tests.server.answers import fits, refused
from tests.server.until import until

FAILS = "x = torch.zeros(2, 2)\nw = torch.zeros(3, 3)\nx + w"


def address(server: LiveServer, kernel: ServedKernel) -> str:
    return f"{server.url}jupyter_dlkit/kernels/{kernel.id}/explanation"


def get(server: LiveServer, kernel: ServedKernel) -> Any:
    return fits(server.http.get(address(server, kernel), timeout=60).json(), "ExplanationAnswer")


@pytest.fixture(name="watched")
def _watched(server: LiveServer, kernel: ServedKernel) -> ServedKernel:
    kernel.run("import torch", timeout=120)
    assert get(server, kernel) == {
        "explanation": None,
        "memory_error": None,
        "text": True,
    }  # the agent is there
    return kernel


def test_a_failed_cell_is_explained(server: LiveServer, watched: ServedKernel) -> None:
    with pytest.raises(AssertionError):
        watched.run(FAILS)
    said = until(lambda: get(server, watched)["explanation"])
    assert (said["kind"], said["line"], said["expression"]) == ("shape", 3, "x + w")
    assert [(o["name"], o["shape"]) for o in said["operands"]] == [("x", [2, 2]), ("w", [3, 3])]
    assert "x has 2 and w has 3 in the last dimension" in said["problem"]
    assert said["mends"] == []


def test_another_error_is_not_explained(server: LiveServer, watched: ServedKernel) -> None:
    with pytest.raises(AssertionError):
        watched.run(FAILS)
    until(lambda: get(server, watched)["explanation"])
    with pytest.raises(AssertionError):
        until(lambda: watched.run("1 / 0"))
    until(lambda: get(server, watched)["explanation"] is None)


def test_the_text_is_switched_off_and_on(server: LiveServer, watched: ServedKernel) -> None:
    where = address(server, watched)
    for on in (False, True):
        answer = server.http.post(where, json={"text": on}, timeout=60)
        assert fits(answer.json(), "ExplanationAnswer")["text"] is on
        assert get(server, watched)["text"] is on
    refused(server.http.post(where, json={"text": "no"}, timeout=60), 400)
