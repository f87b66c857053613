"""Every example of the pages runs, and says what the page says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.kernel import LiveKernel
from tests.live.server import LiveServer
from tests.live.stack import Stack

from . import kernels
from .examples import CELLS, SHELL, blocks, pages
from .shells import Shell

PAGES = {page: blocks(page) for page in pages()}


def with_blocks_of(languages: tuple[str, ...]) -> list[str]:
    """The pages that have such a block which runs."""
    return [
        page
        for page, all_ in PAGES.items()
        if any(one.language in languages and one.skipped is None for one in all_)
    ]


WITH_SHELL = with_blocks_of(SHELL)
#: Their cells run in a kernel of the server, beside the shell.
WITH_CELLS = [page for page in with_blocks_of(CELLS) if page not in WITH_SHELL]

#: Where the pages say ``cuda``, a second device stands in for it on machines without a GPU.
SECOND_DEVICE = ["how-to/out-of-memory.md", "how-to/same-device.md"]

#: Why a block may be left out, and how many are.  A reason that is not here is none.
LEFT_OUT = {
    "a file of the server's": 1,
    "changes the environment": 1,
    "installs packages": 4,
    "needs a GPU": 1,
    "needs another machine": 2,
    "reads gigabytes": 1,
    "runs until Ctrl-C": 1,
}


@pytest.fixture(scope="module")
def kernel(stack: Stack) -> Iterator[LiveKernel]:
    """One for all pages, cleaned between them."""
    with LiveKernel(stack) as live:
        yield live


@pytest.fixture(scope="module")
def second_device(stack: Stack) -> Iterator[LiveKernel]:
    """One in which ``cuda`` is the second device of the tests."""
    with LiveKernel(stack) as live:
        kernels.stand_in(live)
        yield live


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """The reader's server."""
    with LiveServer() as live:
        yield live


@pytest.mark.parametrize("page", [page for page in WITH_CELLS if page not in SECOND_DEVICE])
def test_cells(kernel: LiveKernel, page: str) -> None:
    kernels.clean(kernel)
    for block in PAGES[page]:
        if block.skipped is None:
            kernels.run(kernel, block)


@pytest.mark.parametrize("page", SECOND_DEVICE)
@pytest.mark.timeout(300)  # the device may have to be compiled
def test_cells_with_a_second_device(second_device: LiveKernel, page: str) -> None:
    kernels.clean(second_device)
    for block in PAGES[page]:
        if block.skipped is None:
            # Its name is shorter than cuda, so that columns lie elsewhere.
            kernels.run(second_device, kernels.standing_in(block), spaces=False)


@pytest.mark.parametrize("page", WITH_SHELL)
def test_shell(server: LiveServer, page: str, tmp_path: Path) -> None:
    shell = Shell(server, tmp_path)
    notebook = server.start_kernel("today", "training.ipynb")
    try:
        for block in PAGES[page]:
            if block.skipped is not None:
                continue
            if block.language in SHELL:
                shell.run(block)
            else:
                assert block.output is None, f"{block.where}: nobody compares that"
                notebook.run(block.code)
    finally:
        notebook.shut_down()


def test_what_does_not_run_is_counted_and_says_why() -> None:
    skipped = [one.skipped for all_ in PAGES.values() for one in all_ if one.skipped is not None]
    assert Counter(skipped) == LEFT_OUT
