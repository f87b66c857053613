"""To the byte, for what people do with tensors beside plain training."""

# ruff: noqa: E501  (cells)

from __future__ import annotations

import pytest

from .notebook import Notebook

SETUP = """
import collections, copy, dataclasses, functools, torch
from torch import nn
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
torch.manual_seed(0)
def block(): return nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.ReLU())
model = nn.Sequential(block(), block(), nn.Linear(16, 3)).to(device)
optimizer = torch.optim.AdamW(model.parameters())
x = torch.randn(8, 16).to(device)
y = torch.zeros(8, dtype=torch.long).to(device)
"""

CASES = {
    "checkpoint": """
def forward(x):
    for part in model[:2]: x = checkpoint(part, x, use_reentrant=False)
    return model[2](x)
loss = F.cross_entropy(forward(x), y)
""",
    "checkpoint, reentrant": """
x.requires_grad_()
def forward(x):
    for part in model[:2]: x = checkpoint(part, x, use_reentrant=True)
    return model[2](x)
loss = F.cross_entropy(forward(x), y)
""",
    "checkpoint with a tensor as keyword": """
class Scaled(nn.Module):
    def __init__(self): super().__init__(); self.inner = block()
    def forward(self, x, scale=None): return self.inner(x) * scale
scaled = Scaled().to(device)
loss = checkpoint(scaled, x, use_reentrant=False, scale=torch.full((8, 1), 2.0).to(device)).sum()
""",
    "checkpoint_sequential": """
loss = checkpoint_sequential(model, 2, x, use_reentrant=False).sum()
""",
    "mixed precision by hand": """
half = copy.deepcopy(model).to(torch.bfloat16)
loss = F.cross_entropy(half(x.to(torch.bfloat16)).float(), y) * 1024
loss.backward()
for p, h in zip(model.parameters(), half.parameters()): p.grad = h.grad.float() / 1024
optimizer.step()
loss = F.cross_entropy(half(x.to(torch.bfloat16)).float(), y) * 1024
""",
    "gradient accumulation": """
losses = []
for part, target in zip(x.chunk(4), y.chunk(4)):
    loss = F.cross_entropy(model(part), target) / 4
    loss.backward()
    losses.append(loss.detach())
loss = F.cross_entropy(model(x[:2]), y[:2])
""",
    "a history": """
total_loss = 0
for part, target in zip(x.chunk(4), y.chunk(4)):
    loss = F.cross_entropy(model(part), target)
    total_loss += loss
outputs = [model(part) for part in x.chunk(2)]
""",
    "moving average": """
ema = copy.deepcopy(model).requires_grad_(False)
average = torch.optim.swa_utils.AveragedModel(model)
shadow = {name: p.detach().clone() for name, p in model.named_parameters()}
F.cross_entropy(model(x), y).backward(); optimizer.step(); average.update_parameters(model)
for p, e in zip(model.parameters(), ema.parameters()): e.lerp_(p, 0.1)
del p, e
""",
    "torch.compile, eager": """
fast = torch.compile(model, backend="eager")
loss = F.cross_entropy(fast(x), y)
loss.backward(); optimizer.step()
loss = F.cross_entropy(fast(x), y)
""",
    "torch.compile, aot_eager": """
fast = torch.compile(model, backend="aot_eager")
loss = F.cross_entropy(fast(x), y)
loss.backward(); optimizer.step()
loss = F.cross_entropy(fast(x), y)
""",
    "custom functions": """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w + 1)
        ctx.mask = x > 0
        ctx.more = {"list": [x * 3], "none": None}
        return x * x * w
    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * 2 * x * w, (g * x * x).sum()
loss = F.cross_entropy(model(Square.apply(x.clone().requires_grad_(), torch.ones((), device=device, requires_grad=True))), y)
""",
    "custom function whose context is kept": """
kept = []
class Keeps(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        kept.append(ctx); ctx.extra = x * 2
        return x + 1
    @staticmethod
    def backward(ctx, g): return g
result = Keeps.apply(x.clone().requires_grad_()).sum()
result.backward(); del result
""",
    "a node without its result": """
node = (model(x) ** 2).sum().grad_fn
""",
    "save_on_cpu": """
with torch.autograd.graph.save_on_cpu():
    loss = F.cross_entropy(model(x), y)
""",
    "hooks on saved tensors": """
class Packed:
    def __init__(self, tensor): self.tensor, self.shape = tensor * 1, tensor.shape
with torch.autograd.graph.saved_tensors_hooks(lambda t: Packed(t), lambda p: p.tensor):
    loss = F.cross_entropy(model(x), y)
with torch.autograd.graph.saved_tensors_hooks(lambda t: (t.dtype, t.half()), lambda p: p[1].to(p[0])):
    small = (model(x) ** 2).sum()
""",
    "hooks that keep elsewhere": """
storage = {}
def pack(t):
    storage[len(storage)] = t.clone()
    return len(storage) - 1
with torch.autograd.graph.saved_tensors_hooks(pack, storage.get):
    loss = F.cross_entropy(model(x), y)
""",
    "hooks that close over": """
def hooked():
    hidden = {}
    def pack(t):
        hidden[len(hidden)] = t.clone()
        return len(hidden) - 1
    def unpack(i): return hidden[i]
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        return F.cross_entropy(model(x), y)
loss = hooked()
""",
    "hooks of nodes and tensors": """
def make():
    mask = torch.rand(8, 16).to(device); other = torch.rand(8, 3).to(device); third = torch.rand(8, 16).to(device)
    h = model[0](x)
    h.register_hook(lambda g: g * mask)
    out = model[2](model[1](h))
    out.grad_fn.register_hook(lambda i, o: other.sum() and None)
    weight = model[0][0].weight
    weight.register_post_accumulate_grad_hook(lambda p: third.sum() and None)
    return out.sum()
loss = make()
""",
    "retained": """
h = model[0](x); h.retain_grad()
loss = F.cross_entropy(model[2](model[1](h)), y)
loss.backward(retain_graph=True)
""",
    "second derivatives": """
z = x.clone().requires_grad_()
(g,) = torch.autograd.grad((model(z) ** 2).sum(), z, create_graph=True)
penalty = (g.norm(dim=1) - 1).pow(2).sum()
w = torch.ones(5, device=device, requires_grad=True)
(w ** 3).sum().backward(create_graph=True)
del w.grad.__dict__ if False else z
""".replace("del w.grad.__dict__ if False else z\n", "del z\n"),
    "in place": """
h = model[0](x)
h[:, :4] *= torch.full((8, 4), 2.0).to(device)
h[2:4] = torch.rand(2, 16).to(device)
h.relu_()
loss = model[2](h).exp_().sum()
""",
    "views": """
big = torch.zeros(1000, device=device)
small = big[3:5]; del big
flat = torch.zeros(20, device=device)
parts = [flat[:10].view(2, 5), flat[10:]]; del flat
grown = torch.zeros(0, device=device); grown.resize_(30)
nothing = torch.zeros(0, device=device)
""",
    "tied and parametrized": """
tied = nn.Sequential(nn.Linear(16, 16, bias=False), nn.Linear(16, 16, bias=False)).to(device)
tied[1].weight = tied[0].weight
normed = nn.utils.parametrizations.weight_norm(nn.Linear(16, 4)).to(device)
spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(16, 4)).to(device)
loss = spectral(tied(x)).sum() + normed(x).sum()
lazy = nn.LazyLinear(3)
""",
    "other optimizers": """
others = [torch.optim.Adam([torch.ones(7, device=device, requires_grad=True)], foreach=False),
          torch.optim.Adagrad([torch.ones(7, device=device, requires_grad=True)]),
          torch.optim.LBFGS([torch.ones(7, device=device, requires_grad=True)])]
def closure(o):
    o.zero_grad(); l = (o.param_groups[0]["params"][0] ** 2).sum(); l.backward(); return l
for o in others:
    for _ in range(3): o.step(lambda: closure(o))
del o
""",
    "containers": """
@dataclasses.dataclass
class Batch:
    x: torch.Tensor
    more: list
class Slotted:
    __slots__ = ("tensor",)
kept = [Batch(torch.ones(3, device=device), [torch.ones(4, device=device)]), collections.deque([torch.ones(5, device=device)])]
slotted = Slotted(); slotted.tensor = torch.ones(6, device=device)
pair = collections.namedtuple("Pair", "a b")(torch.ones(7, device=device), {torch.ones(8, device=device)})
table = collections.defaultdict(list); table[1, "a"].append(torch.ones(9, device=device))
partial = functools.partial(max, torch.ones(10, device=device))
def default(a=torch.ones(11, device=device), *, b=torch.ones(12, device=device)): pass
default.attribute = torch.ones(13, device=device)
tensor = torch.ones(14, device=device); tensor.attribute = torch.ones(15, device=device)
method = Batch(torch.ones(16, device=device), []).__eq__
iterator = iter([torch.ones(17, device=device)])
zipped = zip([torch.ones(18, device=device)], enumerate([torch.ones(19, device=device)]))
@functools.lru_cache
def cached(n): return torch.ones(n, device=device)
cached(20); cached(21)
class Constants: eye = torch.ones(22, device=device)
storage = torch.ones(23, device=device).untyped_storage()
typed = torch.ones(24, device=device).storage()
error = ValueError(torch.ones(25, device=device))
""",
    "generators": """
def batches():
    first = torch.ones(30, device=device)
    for one in [torch.ones(31, device=device), torch.ones(32, device=device)]:
        yield one
def delegating():
    local = torch.ones(33, device=device)
    yield from batches()
async def coroutine():
    local = torch.ones(34, device=device)
    await Pause()
class Pause:
    def __await__(self): yield
it, outer, waiting = batches(), delegating(), coroutine()
next(it), next(outer)
waiting.send(None)
""",
    "sparse and nested": """
coo = torch.sparse_coo_tensor(torch.tensor([[0, 1], [1, 0]]), torch.ones(2), (2, 2))
csr = torch.eye(4).to_sparse_csr()
""",
    "a leak": """
def leak():
    hidden = [torch.ones(40, device=device)]
    hidden.append(lambda: hidden)
    lost = block().to(device); lost.me = [lost.forward]
    lost.me.append(lost.me)
    (lost(x) ** 2).sum().backward()
leak()
""",
    "gradients without names": """
def make():
    p = torch.ones(50, device=device, requires_grad=True)
    l = (p * 3).sum(); l.backward(retain_graph=True)
    return l
loss = make()
""",
    "vmap and functional gradients": """
weights = {name: p.detach() for name, p in model.named_parameters()}
def loss_of(weights, x, y): return F.cross_entropy(torch.func.functional_call(model, weights, (x[None],)), y[None])
per_sample = torch.func.vmap(torch.func.grad(loss_of), (None, 0, 0))(weights, x, y)
""",
    "checkpointed, after backward": """
for _ in range(2):
    optimizer.zero_grad()
    loss = F.cross_entropy(checkpoint(model, x, use_reentrant=False), y)
    loss.backward(); optimizer.step()
""",
    "inference": """
with torch.inference_mode(): predictions = model(x)
with torch.no_grad(): more = [model(x) for _ in range(3)]
""",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_to_the_byte(notebook: Notebook, case: str) -> None:
    notebook.run(SETUP)
    notebook.assert_exact()
    notebook.run(CASES[case])
    notebook.assert_exact()
    notebook.assert_exact()
