"""Every tensor is found, named by an expression that reaches it, and described rightly."""

from __future__ import annotations

import pytest

from tests.live.kernel import LiveKernel

from .caller import Caller
from .conftest import Probe


def test_containers_of_every_kind(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch, collections, dataclasses, functools, types

class Slots:
    __slots__ = ("held", "empty")
    def __init__(self): self.held = torch.ones(1)

class Both(Slots):
    def __init__(self):
        super().__init__()
        self.own = torch.ones(2)

class OfClass:
    shared = torch.ones(3)

@dataclasses.dataclass
class Batch:
    x: torch.Tensor
    rest: dict

@dataclasses.dataclass(frozen=True)
class Frozen:
    x: torch.Tensor

Pair = collections.namedtuple("Pair", "left right")

class Items(list): pass
class Table(dict): pass

def enclosing():
    closed, unbound = torch.ones(4), None
    def inner(): return closed
    return inner

slots, both, batch = Slots(), Both(), Batch(torch.ones(5), {"deep": [(torch.ones(6),)]})
frozen = Frozen(torch.ones(7))
pair = Pair(torch.ones(8), [torch.ones(9)])
queue = collections.deque([torch.ones(10), {"in": torch.ones(11)}])
a_set, a_frozenset = {torch.ones(12)}, frozenset([torch.ones(13)])
ordered = collections.OrderedDict(one=torch.ones(14))
default = collections.defaultdict(list); default["k"].append(torch.ones(15))
inner = enclosing()
part = functools.partial(print, torch.ones(16), sep=torch.ones(17))
space = types.SimpleNamespace(t=torch.ones(18), nested=types.SimpleNamespace(t=torch.ones(19)))
items = Items([torch.ones(20)]); items.attribute = torch.ones(21)
table = Table(a=torch.ones(22)); table.attribute = torch.ones(23)
keys = {1: torch.ones(24), None: torch.ones(25), (1, "a"): torch.ones(26), 2.5: torch.ones(27),
        b"x": torch.ones(28), True + 2: torch.ones(29), object(): torch.ones(30),
        "it's \\"quoted\\"\\n": torch.ones(31), -1: torch.ones(32)}
cycle = [torch.ones(33)]; cycle.append(cycle)
space.__dict__["not a name"] = torch.ones(34)
globals()["not a variable"] = torch.ones(35)
counter = collections.ChainMap({"a": torch.ones(36)})
bound = batch.__init__
exc = ValueError(torch.ones(37))
mapping = types.MappingProxyType({"a": torch.ones(38)})
gen = (t for t in [torch.ones(39)])
""")
    listing = caller.list()
    sizes = {row["shape"][0]: row["name"] for row in listing.rows}
    assert set(range(1, 37)) <= set(sizes), sorted(set(range(1, 37)) - set(sizes))
    assert sizes[1] in ("slots.held", "both.held")
    assert sizes[2] == "both.own"
    assert sizes[3] == "OfClass.shared"
    assert sizes[6] == "batch.rest['deep'][0][0]"
    assert sizes[8] == "pair[0]"
    assert sizes[12] == "list(a_set)[0]"
    assert sizes[34] == "vars(space)['not a name']"
    assert sizes[35] == "globals()['not a variable']"
    assert probe.misnamed(listing) == []
    assert probe.misdescribed(listing) == []
    assert listing.content["complete"] and listing.content["cut"] == []


def test_names_are_the_shortest_and_aliases_the_others(
    kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    kernel.run("""
import torch
box = {"a": [torch.ones(1)], "b": None}
box["b"] = box["a"][0]
late = [torch.ones(2)]
direct = late[0]
direct_too = direct
many = torch.ones(3)
for i in range(30): globals()[f"many_{i}"] = many
""")
    listing = caller.list()
    assert listing["box['b']"]["aliases"] == ["box['a'][0]"]
    assert listing["direct"]["aliases"] == ["direct_too", "late[0]"]
    assert listing["direct"]["owner"] == "variable"
    assert len(listing["many"]["aliases"]) == 20
    assert probe.misnamed(listing) == []


MODEL = """
import torch
from torch import nn
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 4)
        self.body = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
        self.named = nn.ModuleDict({"left": nn.Linear(4, 2), "a-b": nn.Linear(4, 2)})
        self.listed = nn.ModuleList([nn.Linear(4, 3)])
        self.loose = nn.ParameterList([nn.Parameter(torch.ones(3))])
        self.keyed = nn.ParameterDict({"x": nn.Parameter(torch.ones(4))})
        self.head = nn.Linear(4, 5, bias=False)
        self.head.weight = self.embed.weight
        self.register_buffer("mask", torch.ones(2, 2))
        self.register_buffer("none", None)
        self.plain = torch.zeros(7)
        self.hidden_modules = [nn.Linear(2, 2)]
        self.add_module("with space", nn.Linear(2, 1))

    def forward(self, x):
        return self.named["left"](self.body(self.embed(x))).sum() + self.loose[0].sum()
"""


def test_a_model_with_everything(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run(MODEL + "model = Net()")
    listing = caller.list()
    expected = {
        "model.embed.weight": "parameter",
        "model.body[0].weight": "parameter",
        "model.body[1].running_mean": "buffer",
        "model.named['left'].weight": "parameter",
        "model.named['a-b'].weight": "parameter",
        "model.listed[0].weight": "parameter",
        "model.loose[0]": "parameter",
        "model.keyed['x']": "parameter",
        "model.mask": "buffer",
        "model.plain": "container",
        "model.hidden_modules[0].weight": "parameter",
        "model.get_submodule('with space').weight": "parameter",
    }
    shown = {row["name"]: row["owner"] for row in listing.rows}
    assert expected.items() <= shown.items()
    assert listing["model.embed.weight"]["aliases"] == ["model.head.weight"]  # tied
    assert {row["group"] for row in listing.rows} == {"model"}
    assert listing.content["groups"] == [{"name": "model", "kind": "module", "type": "Net"}]
    assert listing["model.embed.weight"]["type"] == "Parameter"
    assert probe.misnamed(listing) == []
    assert probe.misdescribed(listing) == []


@pytest.mark.parametrize(
    ("make", "state"),
    [
        ("torch.optim.SGD(parameters, lr=.1, momentum=.9)", {"momentum_buffer"}),
        ("torch.optim.AdamW(parameters, amsgrad=True)", {"exp_avg", "max_exp_avg_sq", "step"}),
        ("torch.optim.LBFGS(parameters)", {"d", "prev_flat_grad"}),
        ("torch.optim.Adagrad(parameters)", {"sum"}),
    ],
)
def test_the_state_of_optimizers(
    kernel: LiveKernel, caller: Caller, probe: Probe, make: str, state: set[str]
) -> None:
    kernel.run(f"""
import torch
model = torch.nn.Linear(3, 2)
extra = [torch.nn.Parameter(torch.ones(2))]
parameters = list(model.parameters()) + extra
optimizer = {make}
del parameters
def closure():
    optimizer.zero_grad()
    loss = (model(torch.ones(1, 3)) * extra[0]).square().sum()
    loss.backward()
    return loss
optimizer.step(closure)
optimizer.step(closure)
""")
    listing = caller.list()
    rows = [row for row in listing.rows if row["owner"] == "optimizer"]
    assert all(row["group"] == "optimizer" for row in rows)
    names = {row["name"] for row in rows}
    for key in state:
        assert f"optimizer.state[model.weight]['{key}']" in names
    assert probe.misnamed(listing) == []


def test_parameters_that_only_an_optimizer_holds(
    kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    kernel.run("""
import torch
first = torch.optim.Adam([torch.ones(2, requires_grad=True)])
second = torch.optim.Adam([{"params": [torch.ones(3, requires_grad=True)]},
                           {"params": first.param_groups[0]["params"]}])
for group in second.param_groups:
    for p in group["params"]: p.grad = torch.ones_like(p)
second.step()
del group, p
""")
    listing = caller.list()
    assert {"first.param_groups[0]['params'][0]"} <= listing.names
    assert listing["second.param_groups[0]['params'][0]"]["shape"] == [3]
    assert probe.misnamed(listing) == []


def test_a_trainer_of_the_users(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch
class Trainer:
    def __init__(self):
        self.model = torch.nn.Sequential(torch.nn.Linear(2, 2))
        self.optimizer = torch.optim.Adam(self.model.parameters())
        self.history = {"loss": []}
        self.best = None
    def fit(self):
        loss = self.model(torch.ones(1, 2)).sum()
        loss.backward()
        self.optimizer.step()
        self.history["loss"].append(loss.detach())
        self.best = {k: v.clone() for k, v in self.model.state_dict().items()}
trainer = Trainer(); trainer.fit()
""")
    listing = caller.list()
    assert listing["trainer.model[0].weight"]["owner"] == "parameter"
    assert listing["trainer.model[0].weight"]["group"] == "trainer.model"
    assert listing["trainer.model[0].weight.grad"]["owner"] == "gradient"
    moment = listing["trainer.optimizer.state[trainer.model[0].weight]['exp_avg']"]
    assert (moment["owner"], moment["group"]) == ("optimizer", "trainer.optimizer")
    assert "trainer.history['loss'][0]" in listing.names
    assert "trainer.best['0.weight']" in listing.names
    assert probe.misnamed(listing) == []


def test_lazy_modules_before_and_after(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("import torch; lazy = torch.nn.LazyLinear(3)")
    before = caller.list()
    assert before["lazy.weight"]["type"] == "UninitializedParameter"
    assert before["lazy.weight"]["owner"] == "parameter"
    kernel.run("lazy(torch.ones(2, 5))")
    after = caller.list()
    assert after["lazy.weight"]["shape"] == [3, 5]
    assert after["lazy.weight"]["type"] == "Parameter"
    assert probe.misnamed(after) == []


def test_gradients_after_a_cell(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch
leaf = torch.ones(3, requires_grad=True)
kept = leaf * 2; kept.retain_grad()
lost = kept * 2
lost.sum().backward()
alias = leaf.grad
frozen = torch.ones(2)
""")
    listing = caller.list()
    assert listing["alias"]["owner"] == "gradient"
    assert listing["kept.grad"]["owner"] == "gradient"
    assert "lost.grad" not in listing.names and "frozen.grad" not in listing.names
    assert listing["kept"]["grad_fn"] == "MulBackward0"
    assert listing["leaf"]["grad_fn"] is None
    assert listing.content["gradients_taken_at"] is not None
    assert listing["alias"]["aliases"] == ["leaf.grad"]
    cell = kernel.start("print('on', flush=True)\nlost = torch.ones(2)\nwhile True: pass")
    kernel.wait_for_output(cell, "on")
    try:  # what was read before the cell stands, for the objects that it was read of
        busy = caller.list()
        assert busy["alias"]["owner"] == "gradient"
        assert busy["kept"]["grad_fn"] == "MulBackward0"
        assert busy["kept.grad"]["owner"] == "gradient"
    finally:
        kernel.interrupt()
        kernel.finish(cell)
    kernel.run("leaf.grad = None; del alias; kept.grad.add_(1);")
    later = caller.list()
    assert "kept.grad" in later.names and "alias" not in later.names
    assert probe.misnamed(later) == []


def test_outputs(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    count = kernel.run("import torch").execution_count
    assert count is not None
    kernel.run("torch.ones(4) + 1")
    kernel.run("[torch.ones(5)]")
    kernel.run("x = torch.ones(6); x")
    listing = caller.list()
    rows = {row["shape"][0]: row for row in listing.rows}
    assert (rows[4]["name"], rows[4]["owner"]) == (f"Out[{count + 1}]", "output")
    assert (rows[5]["name"], rows[5]["owner"]) == (f"Out[{count + 2}][0]", "output")
    assert (rows[6]["name"], rows[6]["owner"]) == ("x", "variable")
    assert rows[6]["aliases"] == [f"Out[{count + 3}]"]
    assert probe.misnamed(listing) == []


def test_a_storage_is_counted_once(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch, numpy
base = torch.zeros(1000)
view, row, expanded = base[10:20], base.view(10, 100)[3], base[:1].expand(10**6)
array = numpy.zeros(500)
from_array = torch.from_numpy(array)
slice_of_array = array[100:]
tensor_of_slice = torch.from_numpy(slice_of_array)
back = base.numpy()
""")
    listing = caller.list()
    assert {listing[n]["storage"]["id"] for n in ("base", "view", "row", "expanded", "back")} == {
        listing["base"]["storage"]["id"]
    }
    arrays = ("array", "from_array", "slice_of_array", "tensor_of_slice")
    assert len({listing[name]["storage"]["id"] for name in arrays}) == 1
    assert {listing[name]["storage"]["shared_by"] for name in arrays} == {3}
    assert listing["base"]["storage"] | {"id": 0} == {"id": 0, "bytes": 4000, "shared_by": 4}
    assert listing["expanded"]["bytes"] == 4 * 10**6
    assert listing.content["totals"] == {"cpu": {"tensors": 9, "bytes": 4000 + 4000}}
    assert listing.head["totals"] == {"cpu": 8000}
    assert probe.misnamed(listing) == []
    # torch says 3200 for the slice: it does not know that the array goes on before it.
    assert probe.misdescribed(listing) == ["tensor_of_slice.storage_bytes: 4000, not 3200"]


def test_imports_and_history_are_not_variables(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("import torch, numpy as np; from torch import nn, Tensor; pi = np.float64(3)")
    kernel.run("torch.ones(3)")
    kernel.run("_")
    listing = caller.list()
    assert len(listing.rows) == 1 and listing.rows[0]["owner"] == "output"
