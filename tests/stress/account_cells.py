"""A cell that does all that a look at its memory could disturb, and tells whether it was."""

from __future__ import annotations

#: ``turn`` does the same each time; what it returns is the same each time, unless somebody who
#: looked unpacked, computed again, allocated, wrote, kept alive, or was seen by a mode.
SETUP = """
import gc, json, os, sys, time, weakref
import torch
from torch import nn
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint
from tests import second_device

toy = second_device.load()
second_device.reset()
torch.set_num_threads(1)
device = "toy:0"

# What an account has to go through: several steps.
kept = torch.ones(1000, device=device)
many = [torch.zeros(4) for _ in range(2000)]
records = [{"name": str(i), "values": [i, i + 1]} for i in range(5000)]
long = weight = torch.ones(4, requires_grad=True)
for _ in range(500): long = (long * weight).sin()

events, compiled = [], []

class Functions(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        events.append("function")
        return func(*args, **(kwargs or {}))

class Operations(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        events.append("operation")
        return func(*args, **(kwargs or {}))

class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        events.append("subclass")
        return super().__torch_function__(func, types, args, kwargs or {})

def pack(tensor):
    events.append("pack")
    return tensor.detach().clone()

def unpack(tensor):
    events.append("unpack")
    return tensor

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(16, 16), nn.Tanh())
    def forward(self, x):
        events.append("forward")
        return self.inner(x)

def backend(graph, inputs):
    compiled.append(len(graph.graph.nodes))
    return graph.forward

@torch.compile(backend=backend)
def fused(x, y):
    return (x * y).sin() + (x - y).cos()

def training():
    global model, optimizer, loss
    torch.manual_seed(7)
    model = nn.Sequential(Block(), Block(), nn.Linear(16, 3)).to(device)
    optimizer = torch.optim.AdamW(model.parameters())
    x = torch.randn(8, 16).to(device)
    y = torch.zeros(8, dtype=torch.long).to(device)
    losses = []
    for step in range(4):
        optimizer.zero_grad()
        hidden = checkpoint(model[0], x, use_reentrant=False)
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            hidden = model[1](hidden)
        loss = F.cross_entropy(model[2](hidden), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    versions = [p._version for p in model.parameters()]
    return losses, versions

def batches(count):
    for i in range(count):
        batch = torch.full((i + 1,), float(i), device=device)
        yield batch.sum().item()
        del batch

def generating():
    numbers = tuple(i * i for i in range(300))
    sums = tuple(batches(30))
    pairs = tuple(p.shape for p in model.parameters())
    one, other = batches(5), batches(5)
    mixed = [next(one), next(other), next(one)]
    held = toy.memory_allocated(0)
    one.close(); other.close()
    return sum(numbers), sums, len(pairs), mixed, held - toy.memory_allocated(0)

def modes():
    mine = torch.ones(3).as_subclass(Mine)
    with Functions(), Operations():
        a = torch.ones(5, requires_grad=True)
        b = (a * mine.sum()).exp().sum()
        b.backward()
    return a.grad.sum().item()

def compiling():
    return float(fused(torch.arange(6.0), torch.ones(6)).sum())

def dying():
    # Gone at once, not when who looks has finished; each time in an allocation of its own.
    before, alive = toy.memory_allocated(0), 0
    for i in range(200):
        box = Block()
        box.tensor = torch.ones(64, device=device)
        seen = weakref.ref(box)
        del box
        alive += seen() is not None or toy.memory_allocated(0) != before
    return alive

def turn():
    events.clear()
    toy.reset_peak_memory_stats(0)
    made = second_device.allocations()
    told = {
        "training": training(), "generators": generating(), "modes": modes(),
        "compiled": compiling(), "alive": dying(),
    }
    told["graphs"] = len(compiled)
    told["events"] = {name: events.count(name) for name in sorted(set(events))}
    told["allocations"] = second_device.allocations() - made
    told["peak"] = toy.max_memory_allocated(0)
    told["allocated"] = toy.memory_allocated(0)
    told["state"] = [gc.isenabled(), torch.is_grad_enabled(), kept._version, weight._version,
                     weight.grad is None, sys.getrefcount(kept), len(many), len(records)]
    return json.loads(json.dumps(told))

for _ in range(2): turn()
expected = turn()
assert expected == turn(), "it is not the same each time even when nobody looks"
"""

#: Takes turns for so many seconds; between two of them it counts what interrupts a tight loop:
#: processor time of its own thread that passed between one bytecode and the next.
TURNS = """
print("turning", flush=True)
turns, differing, pauses, until = 0, [], [], time.monotonic() + {seconds}
while turns < 3 or time.monotonic() < until:
    told = turn()
    turns += 1
    if told != expected:
        differing.append({{k: (told[k], expected[k]) for k in told if told[k] != expected[k]}})
    gc.disable()  # the loop makes no garbage, but whoever looks may bring a collection forward
    last = end = time.thread_time()
    end += 0.2
    while last < end:
        now = time.thread_time()
        if now - last > 0.001: pauses.append(now - last)
        last = now
    gc.enable()
print(json.dumps({{"pid": os.getpid(), "turns": turns, "differing": differing[:3],
                  "different": len(differing), "pauses": sorted(pauses)}}))
"""

PID = "print(os.getpid())"
