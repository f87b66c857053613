"""A training loop with everything in it that a look from another thread could hurt."""

from __future__ import annotations

#: One hundred and sixty parameters with gradients, Adam, views, in-place operations,
#: a tensor that is resized, tensors that come and go, and a generator that becomes a tuple.
#: No name holds a gradient: who reads one while backward writes it crashes this kernel
#: (seen with an agent that did so on its own thread).
SETUP = """
import json, os, time
import torch
torch.set_num_threads(1)

def build():
    layers = []
    for _ in range(40):
        layers += [torch.nn.Linear(24, 24), torch.nn.BatchNorm1d(24), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(24, 1))

def train(steps):
    global model, optimizer, inputs, target, resized, recent, views, pairs, graph
    torch.manual_seed(20)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs, target = torch.randn(64, 24), torch.randn(64, 1)
    resized, recent, losses = torch.empty(0), [], []
    for step in range(steps):
        optimizer.zero_grad(set_to_none=step % 4 != 0)
        part = slice(step % 4, None, 4)
        views = {"inputs": inputs[part], "target": target[part], "row": model[0].weight[0]}
        graph = torch.nn.functional.mse_loss(model(views["inputs"]), views["target"])
        graph.backward()
        optimizer.step()
        with torch.no_grad():
            model[0].weight.mul_(0.999).clamp_(-2, 2)
            views["row"].add_(1e-4)
        resized.resize_((step % 50 + 1) * 100).fill_(graph.item())
        resized.view(-1, 4)[0].zero_()
        recent.append(graph.detach())
        del recent[:-20]
        pairs = tuple(p.t() for p in model.parameters() if p.dim() == 2)
        losses.append(graph.item())
    return losses
"""

#: What the losses are when nobody looks.
ALONE = "print(json.dumps(train({steps})))"

#: The same, again and again, for so many seconds.
REPEATED = """
print("training", flush=True)
runs, until = [], time.monotonic() + {seconds}
while not runs or time.monotonic() < until:
    runs.append(train({steps}))
print(json.dumps({{"pid": os.getpid(), "runs": runs}}))
"""

PID = "print(os.getpid())"
