"""What is wrong is said in a sentence that says what to do; there is no traceback."""

from __future__ import annotations

import pytest

from .notebook import Notebook

VARIABLES = """
x = torch.ones(3)
weights = torch.ones(3, 4)
model = torch.nn.Sequential(torch.nn.Linear(3, 4))
batch = {"image": torch.ones(2), "a b": torch.ones(1)}
count = 3
device = torch.device("cpu")
"""

#: A line, and what its sentence has in it.
SENTENCES = {
    "%tensors --sort size": ("'size'", "bytes"),
    "%tensors --sort byte": ("bytes?",),
    "%tensors --device cuda:7": ("cuda:7",),
    "%tensors --device tyo:0": ("toy:0",),
    "%tensors --limit few": ("--limit", "'few'", "number"),
    "%tensors --limit -3": ("--limit", "'-3'"),
    "%tensors --limit": ("--limit needs a value",),
    "%tensors --limt 3": ("--limt", "did you mean --limit?"),
    "%tensors --verbose": ("--verbose", "--device", "--all"),
    "%tensors --all=yes": ("--all takes no value",),
    "%tensors x weights": ("'weights'",),
    "%tensors -all": ("-all", "did you mean --all?"),
    "%tensors --": ("no option --;",),
    "%gpu --watch soon": ("--watch", "'soon'"),
    "%gpu --watch 0": ("--watch", "0.1"),
    "%gpu --times 3": ("--watch",),
    "%gpu cuda": ("'cuda'", "%gpu --help"),
    "%to": ("device", "%to cuda model"),
    "%to toy": ("what to move", "%to toy model"),
    "%to toy modle": ("no variable modle", "model?"),
    "%to toy wiehgts": ("weights?",),
    "%to toy unheardof": ("no variable unheardof", "%tensors"),
    "%to toy batch['imgae']": ("batch['image']?",),
    "%to toy model.0.weigth": ("model.0.weigth",),
    "%to toy model.0.weight": ("written model[0].weight",),
    "%to toy model[0].weigth": ("model[0].weight?",),
    "%to toy model[1]": ("model[0]?",),
    "%to toy x + x": ("+",),
    "%to toy len": ("len", "Python's own"),
    "%to toy count": ("count",),
    "%to nowhere x": ("'nowhere'", "toy:0"),
    "%to toy:9 x": ("toy:9", "toy:0"),
    "%to meta x": ("meta",),
    "%to model toy": ("device comes first", "%to toy model"),
    "%to --undo x": ("--undo stands alone",),
    "%to toy x --dry": ("--dry-run?",),
    "%broadcast": ("%broadcast x y",),
    "%broadcast x --op": ("--op needs a value",),
    "%broadcast x weights --op matmull": ("matmul",),
    "%broadcast x weights --op qqq": ("no rule for 'qqq'", "such as add"),
    "%broadcast (2,3)": ("another operand",),
    "%broadcast x weights --dim 1": ("--dim", "--op"),
    "%broadcast x weihgts": ("weights?",),
    "%broadcast x model": ("model",),
    "%broadcast x weights.T --op": ("--op needs a value",),
    "%broadcast x weights.nothing()": ("weights.nothing()",),
    "%broadcast x nothing.T --op matmul": ("no nothing",),
    "%broadcast x weights + --op add": ("+ is not",),
    "%broadcast x @": ("x @ is not",),
    "%dlkit tensor": ("tensors?",),
    "%dlkit nonsense": ("broadcast", "tensors"),
    "%dlkit explain maybe": ("on or off", "'maybe'"),
    "%dlkit explain on off": ("'off'",),
    "%%dlkit tensors\n1": ("%dlkit tensors",),
    "%%dlkit\n1": ("%%dlkit memory",),
    "%%memory x = 3\n1": ("below",),
    "%%memory --peak\n1": ("--reset-peak",),
    "%%memory\nimport asyncio\nawait asyncio.sleep(0)": ("awaits",),
}


@pytest.mark.parametrize("line", SENTENCES)
def test_one_sentence_that_says_what_to_do(notebook: Notebook, line: str) -> None:
    notebook.run(VARIABLES)
    sentence = notebook.run(line).usage_error
    print(sentence)
    for part in SENTENCES[line]:
        assert part in sentence
    assert sentence[-1] in ".?" and len(sentence) < 320


#: Calls that are answered, though they may look wrong.
ANSWERED = [
    "%tensors nothing_like_this",
    "%dlkit memory",
    "%tensors *",
    "%tensors x # those of the first layer",
    "%tensors --device=cpu --limit=1 x",
    '%tensors "a b"',
    "%to device model --dry-run",
    "%to $device model --dry-run",
    "%to toy batch['a b'] model[0].weight --dry-run",
    "%broadcast x, weights",
    "%broadcast x weights.T",
    "%broadcast x.unsqueeze(1) weights.T --op matmul",
    "%broadcast (3) 2.5",
    "%broadcast [3, 1] (3)",
    "%broadcast x weights --op cat --dim=0",
    "%broadcast x @ nothing",
    "%broadcast batch['a b'] count",
    "%broadcast {count} + x",
]


@pytest.mark.parametrize("line", ANSWERED)
def test_answered(notebook: Notebook, line: str) -> None:
    notebook.run(VARIABLES)
    ran = notebook.run(line)
    assert ran.status == "ok", ran
    assert len(ran.results) == 1


def test_in_a_kernel_without_torch(fresh: Notebook) -> None:
    """Empty, and without torch: each magic answers, and nothing imports it."""
    assert fresh.load().status == "ok"
    assert "torch" in fresh.run("%tensors").result
    assert fresh.run("%gpu").result
    assert "torch" in fresh.run("%to cuda x").usage_error
    assert "(8, 7, 6, 5)" in fresh.run("%broadcast (8,1,6,1) (7,1,5)").result
    assert "no variable x" in fresh.run("%broadcast x (3,)").usage_error
    assert "x" in fresh.run("%broadcast x + 1").result
    assert "took" in fresh.run("%%memory\n1 + 1").shown[0]
    assert fresh.run("%to --undo").usage_error
    assert fresh.complete("%to c") == ["%to cpu"]
    assert fresh.value("'torch' in __import__('sys').modules") is False
