"""What the code of cells says of an optimizer's last step, and how it is read."""

from __future__ import annotations

import warnings

import pytest

from jupyter_dlkit.kernel.findings import cell_code
from jupyter_dlkit.kernel.findings.steps import are_used

PLAIN = """
for x, y in loader:
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    scheduler.step()
"""
TRAIN = "def train(model, opt):\n" + PLAIN.replace("optimizer", "opt").replace("\n", "\n    ")

USED = {
    "plain": PLAIN,
    "timed": "%%time\n" + PLAIN,
    "measured": "%%memory --peak\n" + PLAIN,
    "with magics": "%matplotlib inline\n!nvidia-smi\n" + PLAIN + "\nloss.item()",
    "scaler": """
for x in loader:
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cuda"):
        loss = model(x).mean()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
""",
    "accumulated, then stepped": """
optimizer.zero_grad()
for x in parts:
    (model(x).mean() / len(parts)).backward()
optimizer.step()
""",
    "phases": """
for epoch in range(3):
    for phase in ["train", "val"]:
        for x in loaders[phase]:
            optimizer.zero_grad()
            loss = model(x).mean()
            if phase == "train":
                loss.backward()
                optimizer.step()
        if loss < best: best = loss
    print(f"{epoch}: {loss:.3f}")
""",
    "either way": """
if amp:
    scaler.scale(loss).backward(); scaler.step(optimizer)
else:
    loss.backward(); optimizer.step()
""",
    "skips": """
for x in loader:
    optimizer.zero_grad()
    loss = model(x).mean()
    if not loss.isfinite(): continue
    loss.backward()
    optimizer.step()
""",
    "in a function": TRAIN + "\ntrain(model, optimizer)",
    "in an attribute": "loss.backward()\nself.optimizer.step()",
    "an escape": "pattern = '\\d'\n" + PLAIN,
}

NOT_USED = {
    "in mid-window": """
for i, x in enumerate(loader):
    model(x).mean().backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
""",
    "in mid-window, zeroed first": """
for i, x in enumerate(loader):
    if i % 4 == 0: optimizer.zero_grad()
    model(x).mean().backward()
    if i % 4 == 3: optimizer.step()
""",
    "stepped in passing": "loss.backward()\ni % 4 == 3 and optimizer.step()",
    "restored": """
model.load_state_dict(best)
loss = model(x).mean()
loss.backward()
""",
    "zeroed": PLAIN + "optimizer.zero_grad(set_to_none=False)",
    "backward again": PLAIN + "model(x).mean().backward()",
    "broken off": PLAIN.replace("optimizer.step()", "if stop: break\n    optimizer.step()"),
    "interrupted": "try:" + PLAIN.replace("\n", "\n    ") + "\nexcept KeyboardInterrupt: pass",
    "library's accumulation": """
with accelerator.accumulate(model):
    accelerator.backward(loss)
    optimizer.step()
""",
    "two optimizers": "d.backward(); opt_d.step(); g.backward(); opt_g.step()",
    "no optimizer": "loss.backward()\nenv.step(action)",
    "another's loop": "trainer.fit(model)",
    "returned": "def f():\n    loss.backward()\n    if x: return\n    optimizer.step()\nf()",
    "no Python": "loss.backward() optimizer.step()",
    "text": "'loss.backward(); optimizer.step()'",
}


@pytest.mark.parametrize("case", USED)
def test_gradients_that_were_used(case: str) -> None:
    assert are_used([USED[case]], [], ["optimizer"])


@pytest.mark.parametrize("case", NOT_USED)
def test_gradients_that_may_wait(case: str) -> None:
    assert not are_used([NOT_USED[case]], [], ["optimizer", "opt_d", "opt_g"])


def test_cells_one_after_the_other() -> None:
    assert are_used([PLAIN, "print(loss)", "acc = model(x).argmax()"], [], ["optimizer"])
    assert not are_used([PLAIN, "loss.backward()"], [], ["optimizer"])
    assert not are_used([PLAIN, "probe(model)"], ["def probe(m): m(x).backward()"], [])
    assert are_used(["loss.backward()", "o.step()"], [], ["o"])


def test_functions_of_other_cells_the_newest_first() -> None:
    waits = "def train(model, opt):\n    loss.backward()"
    assert are_used(["%time train(model, optimizer)"], [TRAIN, waits], ["optimizer"])
    assert not are_used(["train(model, optimizer)"], [waits, TRAIN], ["optimizer"])
    itself = "def train(n):\n    if n: train(n - 1)\n    loss.backward(); opt.step()"
    assert are_used(["train(3)"], [itself], [])


def test_code_that_the_compiler_warns_of_is_read_without() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in (
            "x = '\\d' + \"\\s\" + '''\\w\n''' + f'{x}\\d' + 'it\\'s'  # it's",
            "y = b'\\d' + rb'\\d' + Rb\"\\d\"",
            "z = r'\\d'; assert z is 5",
        ):
            assert cell_code.tree(text) is not None, text
        assert cell_code.tree("1if x else 2") is None
