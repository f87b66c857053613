"""One server for all tests that need no settings of their own, and kernels on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.server import LiveServer, ServedKernel
from tests.live.stack import Stack


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """A server as it is installed, but for an authoriser that a test can speak to."""
    with LiveServer(
        [
            "ServerApp.authorizer_class=tests.server.authorisers.ByHeader",
            "DLKit.request_timeout=2",
        ]
    ) as running:
        yield running


@pytest.fixture
def kernel(server: LiveServer, stack: Stack) -> Iterator[ServedKernel]:
    """A kernel of its own for one test, with some NumPy arrays in it."""
    started = server.start_kernel(stack.name, f"{stack.name}.ipynb")
    started.run("import numpy as np\na = np.zeros((2, 3), 'float32')\nb = np.ones(5)")
    yield started
    started.shut_down()


HAS_AGENT = (
    "import sys\n"
    "print('dlkit_request' in get_ipython().kernel.control_handlers,"
    " any('dlkit' in name for name in sys.modules))"
)


def has_agent(kernel: ServedKernel) -> bool:
    """Whether anything of ours is in the kernel, as the kernel itself sees it."""
    seen = kernel.run(HAS_AGENT, silent=True, store_history=False).split()
    assert seen in (["True", "True"], ["False", "False"]), seen
    return seen == ["True", "True"]
