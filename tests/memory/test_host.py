"""On the CPU, to the byte: beside what torch's own profiler counts."""

# ruff: noqa: E501  (cells)

from __future__ import annotations

import pytest

from .notebook import Notebook, by_owner
from .test_training import MODELS, SETUP, STEP, TARGET


@pytest.mark.parametrize("model", MODELS)
def test_training(host: Notebook, model: str) -> None:
    host.run(SETUP + MODELS[model] + TARGET)
    host.assert_exact()
    host.run("optimizer = torch.optim.AdamW(model.parameters())\n" + STEP)
    assert by_owner(host.assert_exact())["graph"] > 0
    host.run("loss.backward()")
    host.assert_exact()
    host.run("optimizer.step()\n" + STEP)
    host.assert_exact()


@pytest.mark.parametrize("model", ["mlp", "transformer"])
def test_mixed_precision(host: Notebook, model: str) -> None:
    host.run(SETUP + MODELS[model] + TARGET)
    host.run("optimizer = torch.optim.AdamW(model.parameters())\n")
    for _ in range(2):
        host.run(
            "with torch.autocast('cpu', dtype=torch.bfloat16):\n    logits = model(x)\n    loss = F.cross_entropy(logits, y)"
        )
        host.assert_exact()
        host.run("loss.backward(); optimizer.step()")
        host.assert_exact()


@pytest.mark.filterwarnings("ignore")
def test_compiled(host: Notebook) -> None:
    host.run(SETUP + MODELS["mlp"] + TARGET)
    host.run("optimizer = torch.optim.SGD(model.parameters(), 0.1)\nfast = torch.compile(model)")
    for _ in range(2):
        host.run("logits = fast(x)\nloss = F.cross_entropy(logits, y)")
        assert by_owner(host.assert_exact())["graph"] > 0
        host.run("loss.backward(); optimizer.step()")
        host.assert_exact()


def test_arrays_are_counted_once(host: Notebook) -> None:
    host.run("import numpy, torch; device = 'cpu'")
    before = host.account().device("cpu").attributed
    host.run("""
a = numpy.ones((10, 10))
views = [a[2:], a.T]
t = torch.from_numpy(a)
b = torch.ones(50).numpy()
c = torch.ones(70)
d = c.numpy()[3:]
""")
    found = host.account().device("cpu")
    assert found.attributed - before == 800 + 200 + 280
    assert found.process and found.process > found.attributed
    assert found.allocated is None and found.unaccounted is None
