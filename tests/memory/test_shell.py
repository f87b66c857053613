"""In IPython, on both stacks: outputs, the last exception, and who keeps them."""

from __future__ import annotations

import json
import subprocess

from tests.live.stack import ROOT, Stack

SCRIPT = """
import json, sys
import torch
from IPython.core.interactiveshell import InteractiveShell
from jupyter_dlkit.kernel.memory import Roots, account
from tests import second_device

second_device.load()
shell = InteractiveShell.instance()
shell.run_cell("import torch\\nx = torch.ones(256, device='toy')", store_history=True)
shell.run_cell("torch.ones(128, device='toy')", store_history=True)
shell.run_cell(
    "def f():\\n    batch = torch.ones(1024, device='toy')\\n    raise ValueError('no')\\nf()",
    store_history=True,
)

def told():
    found = account(Roots.of_shell(shell))
    device = found.device("toy:0")
    assert found.complete and device.unaccounted == 0
    return {f"{o.owner} {o.name}": [o.bytes, list(o.also)] for o in device.owners}

answers = [told()]
shell.run_cell("del Out[2]")
answers.append(told())
for name in ("last_value", "last_exc", "last_type", "last_traceback"):
    vars(sys).pop(name, None)
answers.append(told())
shell.InteractiveTB.tb = None
answers.append(told())
print("answers", json.dumps(answers), file=sys.__stdout__)
"""


def test_outputs_and_exceptions_of_a_shell(stack: Stack) -> None:
    done = subprocess.run(
        [str(stack.python), "-c", SCRIPT], capture_output=True, text=True, timeout=120, cwd=ROOT
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("answers")]
    assert lines, done.stderr
    first, without_output, by_traceback, cleared = json.loads(lines[0].partition(" ")[2])
    assert first["variable x"] == [1024, []]
    assert first["exception ValueError"][0] == 4096
    assert first["output Out[2]"] == [512, ["_", "_2"]]
    assert without_output["output _"] == [512, ["_2"]]  # ``del Out[2]`` alone frees nothing
    assert by_traceback["exception the last traceback"][0] == 4096  # the shell's own
    assert not any(name.startswith("exception") for name in cleared)
