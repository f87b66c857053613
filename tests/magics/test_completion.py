"""Tab: names that lead to tensors first, paths, devices and options; nothing of the user's runs."""

from __future__ import annotations

import pytest

from .notebook import Notebook

VARIABLES = """
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([torch.nn.Linear(2, 2)])
        self.heads = torch.nn.ModuleDict({"a-b": torch.nn.Linear(1, 1)})
        self.note = "text"
class Holder: pass
net = Net()
holder = Holder()
holder.state = [torch.ones(1)]
batch = {"image": torch.ones(2), "in mind": torch.ones(1), 3: torch.ones(1), "text": "t"}
tensor_b = torch.ones(1)
tensor_a = torch.ones(1)
number = 3
device = torch.device("cpu")
"""

#: What is typed, and the words that are offered; ``|`` is the cursor, and
#: ``‸`` where the word begins, unless it has no space.
OFFERED = {
    "%tensors ": ["tensor_a", "tensor_b", "batch", "holder", "net"],
    "%tensors te": ["tensor_a", "tensor_b"],
    "%tensors --": ["--device", "--sort", "--limit", "--all"],
    "%tensors te --so": ["--sort"],
    "%tensors --sort ": ["name", "bytes", "shape", "dtype", "device", "rank"],
    "%tensors --device ": ["toy", "cpu", "toy:0", "toy:1"],
    "%tensors --device toy:": ["toy:0", "toy:1"],
    "%tensors --device=toy:": ["--device=toy:0", "--device=toy:1"],
    "t = %tensors te": ["tensor_a", "tensor_b"],
    "%to ": ["toy", "cpu", "toy:0", "toy:1", "device"],
    "%to --": ["--dry-run", "--force", "--undo"],
    "%to toy:0 te": ["tensor_a", "tensor_b"],
    "%to toy:0 --dry-run ne": ["net"],
    "%to toy net.": ["net.layers", "net.heads"],
    "%to toy net.layers[": ["net.layers[0]"],
    "%to toy net.layers[0].": ["net.layers[0].weight", "net.layers[0].bias"],
    "%to toy net.layers[0].we": ["net.layers[0].weight"],
    "%to toy net.heads['": ["net.heads['a-b']"],
    "%to toy batch[": ["batch['image']", "batch['in mind']", "batch[3]"],
    "%to toy batch['i": ["batch['image']", "batch['in mind']"],
    "%to toy ‸batch['in m": ["batch['in mind']"],
    '%to toy batch["im': ['batch["image"]'],
    "%to toy batch['|']": ["batch['image']", "batch['in mind']"],
    "%to toy net.layers[|]": ["net.layers[0]"],
    "%to toy holder.": ["holder.state"],
    "%to toy holder.state[0": ["holder.state[0]"],
    "%broadcast x @ tensor_": ["tensor_a", "tensor_b"],
    "%broadcast tensor_a nu": ["number"],
    "%broadcast x y --op ma": ["maximum", "matmul"],
    "%broadcast (8, 1) ba": ["batch"],
    "%dlkit ": ["broadcast", "doctor", "explain", "gpu", "memory", "release", "tensors", "to"],
    "%dlkit to toy ne": ["net"],
    "%dlkit explain o": ["on", "off"],
    "%%memory --r": ["--reset-peak"],
    "%%dlkit memory --": ["--device", "--reset-peak"],
    "%gpu ": ["--watch", "--times"],
    "import os\n%to toy ne|\nx = 1": ["net"],
    "to toy ne": ["net"],
}


@pytest.mark.parametrize("typed", OFFERED)
def test_what_is_offered(notebook: Notebook, typed: str) -> None:
    notebook.run(VARIABLES)
    before, _, after = typed.partition("|")
    texts = notebook.complete((before + after).replace("‸", ""), len(before.replace("‸", "")))
    head = before.index("‸") if "‸" in before else before.rfind(" ") + 1
    rest = after if after.startswith("\n") else ""  # else it is the end of the word
    assert texts == [before[:head] + word + rest for word in OFFERED[typed]]


@pytest.mark.parametrize(
    "typed", ["tensor_a.to", "number.to", "os.pa", "%lo", "print(ba", "x = ba"]
)
def test_other_lines_are_ipythons(notebook: Notebook, typed: str) -> None:
    notebook.run(VARIABLES + "import os")
    ours = notebook.complete(typed)
    notebook.run("%unload_ext jupyter_dlkit")
    assert notebook.complete(typed) == ours != []


def test_a_users_own_name_is_no_magic(notebook: Notebook) -> None:
    """``to x.`` with a function ``to`` of the user's is not ``%to``."""
    notebook.run(VARIABLES + "def to(*a): pass")
    assert "to toy net" not in notebook.complete("to toy ne")


HOSTILE = """
ran = []
class Hostile:
    def __getattr__(self, name): ran.append(name); raise AttributeError(name)
    def __dir__(self): ran.append("dir"); return []
    def __repr__(self): ran.append("repr"); return "!"
    def __len__(self): ran.append("len"); return 1
    def __iter__(self): ran.append("iter"); return iter(())
    def __eq__(self, other): ran.append("eq"); return True
    def __hash__(self): ran.append("hash"); return 1
    def __bool__(self): ran.append("bool"); return True
    @property
    def weight(self): ran.append("property"); return torch.ones(1)
class HostileDict(dict):
    def __getitem__(self, key): ran.append("getitem"); return dict.__getitem__(self, key)
    def items(self): ran.append("items"); return dict.items(self)
    def keys(self): ran.append("keys"); return dict.keys(self)
hostile = Hostile()
hostile.held = torch.ones(1)
table = HostileDict(a=torch.ones(1))
table[hostile] = torch.ones(1)
ran.clear()
"""


def test_nothing_of_the_users_runs(notebook: Notebook) -> None:
    notebook.run(HOSTILE)
    assert notebook.complete("%to toy h") == ["%to toy hostile"]
    assert notebook.complete("%to toy hostile.") == ["%to toy hostile.held"]
    assert notebook.complete("%to toy table['") == ["%to toy table['a']"]
    assert notebook.complete("%to toy table[")[0] == "%to toy table['a']"
    notebook.complete("%broadcast hostile.held + ")
    notebook.complete("%tensors ")
    notebook.run("%to toy hostile.wieght")
    assert notebook.value("ran") == []


MANY = """
listed = [torch.empty(0) for _ in range(5000)]
keyed = {f"key{i}": torch.empty(0) for i in range(60_000)}
for i in range(5000):
    globals()[f"v{i}"] = torch.empty(0)
"""


def test_of_many_some_are_offered(notebook: Notebook) -> None:
    """Not more than a list can show, and of what was typed; what it costs is in benchmarks."""
    notebook.run(MANY)
    for typed in ("%tensors v", "%to toy v19", "%to toy listed[", "%to toy keyed['key"):
        offered = notebook.complete(typed)
        assert 100 < len(offered) <= 300, typed
        assert all(text.startswith(typed) for text in offered)
    assert notebook.complete("%to toy listed[499") == [
        f"%to toy listed[{i}]" for i in (499, *range(4990, 5000))
    ]
    # Of a dictionary, what begins so is found wherever it stands.
    assert notebook.complete("%to toy keyed['key59999") == ["%to toy keyed['key59999']"]
