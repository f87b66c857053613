"""Takes the pictures of the documents from the running product: ``make pictures``.

A real server, a real kernel that trains a small network, a real browser.  The
GPU is real where there is one; where there is none, the pictures show none.
"""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.live.server import TOKEN, LiveServer  # noqa: E402

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


def workspace(name: str) -> dict[str, object]:
    """The arrangement that ``make lab`` opens with."""
    lab = runpy.run_path(str(ROOT / "examples" / "lab.py"))
    arranged: dict[str, object] = lab["arrangement"](name)
    return arranged


def main() -> int:
    """Exit status of the browser's script."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata["kernelspec"] = {
        "name": "today",
        "display_name": "Python 3",
        "language": "python",
    }
    extensions = ("jupyter_dlkit", "jupyterlab")
    with LiveServer(["LabApp.collaborative=False"], extensions=extensions) as server:
        nbformat.write(notebook, server.folder / "training.ipynb")
        for theme in ("light", "dark"):
            address = f"{server.url}lab/api/workspaces/{theme}"
            server.http.put(address, data=json.dumps(workspace(theme))).raise_for_status()
        out = ROOT / "docs" / "pictures"
        out.mkdir(exist_ok=True)
        command = ["node", str(ROOT / "docs" / "pictures.mjs"), server.url, TOKEN, str(out)]
        return subprocess.run(command, timeout=600).returncode


if __name__ == "__main__":
    raise SystemExit(main())
