"""A cell that runs out of memory is told about below its traceback."""

from __future__ import annotations

import json
from typing import Any

from tests.live.kernel import LiveKernel, Outcome

FAILING = """
def train(weights):
    batch = torch.ones(5_000, device='toy:0')
    return batch.sum() + torch.ones(20_000, device='toy:0').sum()
train(weights)
"""


RELEASE = """
from jupyter_dlkit.kernel.release import release as _release
print([one.freed for one in _release(get_ipython(), ['last_exception', 'output_history']).released
       if (one.what, one.device) == ('last_exception', 'toy:0')])
"""


def fail(kernel: LiveKernel, code: str) -> Outcome:
    """A cell that fails."""
    outcome = kernel.finish(kernel.start(code, stop_on_error=False))
    assert outcome.error is not None
    return outcome


def last(kernel: LiveKernel) -> Any:
    """The report, as JSON has it."""
    code = "import json as _json; print(_json.dumps(_watching.last))"
    return json.loads(kernel.finish(kernel.start(code, silent=True)).stdout)


def test_what_happened(watched: LiveKernel) -> None:
    watched.run("weights = torch.ones(10_000, device='toy:0')")
    watched.run("torch.zeros(1_000, device='toy:0').sum(0, keepdim=True).expand(10)")
    outcome = fail(watched, FAILING)
    assert "OutOfMemoryError" in (outcome.error or "") and "dlkit" not in (outcome.error or "")
    lines = outcome.stderr.splitlines()
    assert lines[0] == (
        "dlkit: toy:0 was out of memory: 78.1 KiB were asked for and 39.1 KiB are free now,"
        " of 97.7 KiB."
    )
    told = last(watched)
    assert (told["device"], told["asked"], told["total"]) == ("toy:0", 80_000, 100_000)
    assert told["free"] == 40_000 - 4 and told["allocated"] == 60_004
    assert [(one["owner"], one["bytes"]) for one in told["owners"][:2]] == [
        ("variable", 40_000),
        ("exception", 20_000),
    ]
    assert told["owners"][0]["name"] == "weights"
    assert {one["what"]: one["bytes"] for one in told["releasable"]} == {
        "last_exception": 20_000,
        "output_history": 4,
    }
    assert told["text"] == outcome.stderr.strip("\n")
    assert told["execution_count"] == outcome.execution_count


def test_what_it_said_would_be_free_is(watched: LiveKernel) -> None:
    watched.run("weights = None" + RELEASE)
    watched.run("weights = torch.ones(10_000, device='toy:0')")
    fail(watched, FAILING)
    promised = {one["what"]: one["bytes"] for one in last(watched)["releasable"]}
    said = watched.run(RELEASE)
    assert said.stdout == f"[{promised['last_exception']}]\n"


def test_an_error_that_came_from_it(watched: LiveKernel) -> None:
    outcome = fail(
        watched,
        "try:\n    torch.ones(50_000, device='toy:0')\n"
        "except RuntimeError as e:\n    raise ValueError('cannot train') from e",
    )
    assert "dlkit: toy:0 was out of memory: 195 KiB were asked for" in outcome.stderr


def test_on_the_host(watched: LiveKernel) -> None:
    outcome = fail(watched, "torch.empty(1 << 60, dtype=torch.uint8)")
    assert "dlkit: cpu was out of memory: 1024 PiB were asked for" in outcome.stderr


def test_silent_about_other_errors(watched: LiveKernel) -> None:
    fail(watched, FAILING)
    assert last(watched) is not None
    outcome = fail(watched, "torch.ones(2) + torch.ones(3)")
    assert "out of memory" not in outcome.stderr and last(watched) is None
    outcome = fail(watched, "raise RuntimeError('we are out of memory, says the user')")
    assert "dlkit" not in outcome.stderr and last(watched) is None


def test_nothing_is_kept_by_telling(watched: LiveKernel) -> None:
    watched.run("weights = None")
    fail(watched, FAILING)
    watched.run(RELEASE)
    assert watched.run("print(torch.toy.memory_allocated(0))").stdout == "0\n"
