"""Looking at a training cell, as fast as it answers, changes no number and breaks nothing."""

from __future__ import annotations

import json

from tests.live.kernel import LiveKernel
from tests.stress import training_cells as cells

from .caller import Caller, Onlooker

STEPS = 40
SECONDS = 6


def test_the_losses_are_those_when_nobody_looks(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(cells.SETUP)
    alone = json.loads(kernel.run(cells.ALONE.format(steps=STEPS)).stdout)
    pid = int(kernel.run(cells.PID).stdout)
    cell = kernel.start(cells.REPEATED.format(steps=STEPS, seconds=SECONDS))
    kernel.wait_for_output(cell, "training")
    with Onlooker(caller, details=True) as onlooker:
        outcome = kernel.finish(cell, timeout=SECONDS + 90)
    assert outcome.error is None, outcome.error
    printed = json.loads(outcome.stdout.splitlines()[-1])
    assert printed["pid"] == pid
    assert [run for run in printed["runs"] if run != alone] == []
    assert len(onlooker.listings) > 5
    assert onlooker.details
    allowed = {400, 404, 409, 504}
    assert [refusal for refusal in onlooker.refusals if refusal["status"] not in allowed] == []
    assert kernel.run("print(1 + 1)").stdout == "2\n"
