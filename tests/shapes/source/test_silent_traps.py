"""What runs and does something else than was meant: a warning, where it is not on purpose."""

import pytest

from jupyter_dlkit.shapes.source import ABSENT, follow_cell

from .failing_cells import HEAD
from .running import run

TRAPS = {
    "a column and a row": "p = torch.randn(8, 1)\ny = torch.randn(8)\nd = p - y  #!",
    "a loss by hand": "p = torch.randn(8, 1)\ny = torch.randn(8)\nl = ((p - y) ** 2).mean()  #!",
    "right by accident": "p = torch.randn(8, 1)\ny = torch.randn(8)\nn = (p == y).sum()  #!",
    "a loss that warns": "p = torch.randn(8, 1)\ny = torch.randn(8)\nl = F.mse_loss(p, y)  #!",
    "the same by a layer": "p = torch.randn(8, 1)\nc = nn.MSELoss()\nl = c(p, torch.ones(8))  #!",
    "out of a model": (
        "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))\n"
        "x, y = torch.randn(8, 3), torch.randn(8)\n"
        "for epoch in range(2):\n"
        "    loss = ((net(x) - y) ** 2).mean()  #!\n"
        "    loss.backward()"
    ),
    "over several lines": (
        "p = torch.randn(8, 1)\ny = torch.randn(8)\nl = (\n    p  #!\n    - y\n).abs()"
    ),
    "in a comprehension": (
        "p = torch.randn(8, 1)\nys = [torch.ones(8)]\nl = [p - y for y in ys]  #!"
    ),
    "in a ternary": "p = torch.randn(8, 1)\ny = torch.ones(8)\nl = p - y if p.ndim else 0  #!",
}

ON_PURPOSE = {
    "None": "x = torch.randn(8)\nd = x[:, None] - x",
    "unsqueeze": "x = torch.randn(8)\ny = torch.randn(8)\nd = x.unsqueeze(1) == y",
    "view": "x = torch.randn(8)\ny = torch.randn(8)\nd = x.view(-1, 1) * y",
    "keepdim": "x = torch.randn(8, 8)\nd = x.mean(1, keepdim=True) - x.mean(0)",
    "an outer product": "x = torch.randn(8)\nd = torch.outer(x, x)",
    "equal shapes": "x = torch.randn(8, 1)\nd = x - torch.ones(8, 1)",
    "a scalar": "x = torch.randn(1, 1)\nd = x - torch.ones(1)",
    "a bias": "x = torch.randn(8, 3)\nd = x + torch.ones(3)",
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_a_warning_at_its_line(name):
    cell = HEAD + TRAPS[name] + "\n"
    assert run(cell).error is None
    marked = next(n for n, line in enumerate(cell.split("\n"), 1) if line.endswith("#!"))

    findings = follow_cell(cell, lambda path: ABSENT)

    assert [(one.severity, one.place.line) for one in findings] == [("warning", marked)]
    assert findings[0].operands


@pytest.mark.parametrize("name", ON_PURPOSE)
def test_what_is_plainly_meant_is_not_warned_of(name):
    cell = HEAD + ON_PURPOSE[name] + "\n"
    assert run(cell).error is None
    assert follow_cell(cell, lambda path: ABSENT) == []


def test_a_trap_says_what_to_write_and_that_runs_without_it():
    cell = HEAD + TRAPS["a loss by hand"] + "\n"
    edits = follow_cell(cell, lambda path: ABSENT)[0].edits
    assert edits[0].source in ("p.squeeze(-1) - y", "p - y.unsqueeze(1)", "p - y.unsqueeze(-1)")
