"""What the server tells the doctor of itself and of its kernels."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp

from jupyter_dlkit.server.doctor_facts import ServerFacts, is_hubs
from jupyter_dlkit.server.links import Links


@pytest.mark.parametrize(
    ("prefix", "base_url", "hub"),
    [
        (None, "/", False),
        ("", "/", False),
        ("/user/ada/", "/user/ada/", True),
        ("/user/ada", "/user/ada/", True),
        # Started by hand in a terminal of a hub's server: that lies behind no hub.
        ("/user/ada/", "/", False),
    ],
)
def test_a_hub_is_believed_of_the_server_that_it_has_started(
    prefix: str | None, base_url: str, hub: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    if prefix is not None:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", prefix)
    assert is_hubs(base_url) is hub


class Ending:
    """A manager of kernels that lists one which has ended when it is asked for."""

    def list_kernels(self) -> list[dict[str, Any]]:
        return [{"id": "gone"}]

    def __contains__(self, kernel_id: str) -> bool:
        return False


class Sampler:
    async def sample(self) -> Any:
        return SimpleNamespace(status={"devices": []})


def test_a_kernel_that_ends_meanwhile_does_not_end_the_servers_report() -> None:
    links: Any = Links(Ending(), None, None, logging.getLogger("facts"))  # type: ignore[arg-type]
    app: Any = SimpleNamespace(
        **{name: getattr(ServerApp(), name) for name in ("ip", "port", "certfile", "base_url")},
        allow_origin="",
        allow_remote_access=False,
        identity_provider=None,
        contents_manager=None,
    )
    sampler: Any = Sampler()
    facts = asyncio.run(ServerFacts(app, links, sampler, lambda: None).of_server())
    assert facts["usage"] == {"devices": [], "kernels": []}
