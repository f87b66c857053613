"""Takes the pictures of the documents from the running product: ``make pictures``.

A real server, a real kernel that trains a small network, a real browser.
"""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.hardware.stub import Machine, two_gpus  # noqa: E402
from tests.live.server import TOKEN, LiveServer  # noqa: E402

OUT = ROOT / "docs" / "pictures"
EXTENSIONS = ("jupyter_dlkit", "jupyterlab")

CELLS = (
    """import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)""",
    """images = torch.rand(2048, 1, 28, 28)
labels = torch.randint(0, 10, (2048,))
batches = {"first": images[:64], "last": images[-64:]}
scores = torch.randn(3, 3) + torch.tensor([[1.0, 2.0, 3.0]])""",
    """for epoch in range(1000):
    for start in range(0, len(images), 64):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[start:start + 64]),
                                           labels[start:start + 64])
        loss.backward()
        optimizer.step()""",
)

#: What the picture of the memory shows: a history of losses that keeps its graphs.
KEPT = (
    """import torch
from torch import nn

model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10)).to("toy:0")
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)""",
    """images = torch.rand(2048, 784, device="toy:0")
labels = torch.randint(0, 10, (2048,), device="toy:0")
scores = model(images[:8]).detach()
for batch, truth in zip(images.split(256), labels.split(256)):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(batch), truth).backward()
    optimizer.step()

total = 0  # of the validation, with gradients on
for batch, truth in zip(images.split(256), labels.split(256)):
    loss = nn.functional.cross_entropy(model(batch), truth)
    total += loss""",
    "images[:1024].clone()",
)

#: What the pictures named magics show, with the panel closed.
MAGICS = (
    """%load_ext jupyter_dlkit
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
optimizer = torch.optim.Adam(model.parameters())
images = torch.rand(2048, 784)
predictions, targets = torch.rand(64, 1), torch.rand(64)""",
    "%gpu",
    "%tensors --sort bytes",
    "%broadcast predictions - targets",
)


def workspace(name: str) -> dict[str, Any]:
    """The arrangement that ``make lab`` opens with."""
    lab = runpy.run_path(str(ROOT / "examples" / "lab.py"))
    arranged: dict[str, Any] = lab["arrangement"](name)
    if name.startswith("magics"):
        arranged["data"]["layout-restorer:data"]["right"]["collapsed"] = True
    return arranged


#: A second device in host memory, for a machine that has no other; the move to it is real.
SECOND_DEVICE = "from tests.second_device import load\nload()\n"


def notebook(cells: Sequence[str]) -> nbformat.NotebookNode:
    """What the picture shows being run."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    return made


def prepare(server: LiveServer, names: Sequence[str], cells: Sequence[str]) -> None:
    """The notebooks, a workspace of each name, and nobody who asks about news."""
    training = notebook(cells)
    nbformat.write(training, server.folder / "training.ipynb")
    nbformat.write(notebook(MAGICS), server.folder / "magics.ipynb")
    for name in names:
        address = f"{server.url}lab/api/workspaces/{name}"
        server.http.put(address, data=json.dumps(workspace(name))).raise_for_status()
    address = f"{server.url}lab/api/settings/@jupyterlab/apputils-extension:notification"
    raw = {"raw": json.dumps({"fetchNews": "false"})}
    server.http.put(address, json=raw).raise_for_status()


def take(
    server: LiveServer,
    what: Sequence[str],
    machine: Machine | None = None,
    cells: Sequence[str] = CELLS,
) -> None:
    """Pictures by name, by the browser's script, of a notebook with those cells; on ``machine``
    its kernel holds memory as soon as there is one."""
    prepare(server, what, cells)
    script = str(ROOT / "docs" / "pictures.mjs")
    with subprocess.Popen(["node", script, server.url, TOKEN, str(OUT), *what]) as browser:
        while browser.poll() is None:
            pids = [one["pid"] for one in server.dlkit("kernels")["kernels"]]
            if machine is not None and pids:
                machine.show(*two_gpus(*pids))
            time.sleep(1)
    if browser.returncode:
        sys.exit(browser.returncode)


def main() -> None:
    """``lab-light``, ``lab-dark`` and ``shapes`` on this machine as it is; ``move`` and
    ``memory`` with the tests' second device, ``devices`` and ``magics`` with two GPUs that a
    stub of NVIDIA's library reports: their captions must say so.  Those named on the command
    line, or all."""
    OUT.mkdir(exist_ok=True)

    def wanted(*names: str) -> list[str]:
        return [name for name in names if name in (sys.argv[1:] or names)]

    if plain := wanted("lab-light", "lab-dark", "shapes"):
        with LiveServer(extensions=EXTENSIONS) as server:
            take(server, plain)
    if moved := wanted("move"):
        with LiveServer(extensions=EXTENSIONS) as server:
            take(server, moved, cells=[SECOND_DEVICE + CELLS[0], *CELLS[1:]])
    if kept := wanted("memory"):
        with LiveServer(extensions=EXTENSIONS) as server:
            take(server, kept, cells=[SECOND_DEVICE + KEPT[0], *KEPT[1:]])
    if not (stubbed := wanted("devices", "magics-light", "magics-dark")):
        return
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        machine.show(*two_gpus())
        with LiveServer(extensions=EXTENSIONS, environment=machine.environment({})) as server:
            take(server, stubbed, machine)


if __name__ == "__main__":
    main()
