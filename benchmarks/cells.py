"""The cells that the measured kernels run."""

from __future__ import annotations

#: ``{count}`` tensors of 8×8 in variables and a list, as many a notebook has.
TENSORS = """
import torch
torch.set_num_threads(1)
many = None
many = [torch.empty(8, 8) for _ in range({count})]
"""

#: The same, each a variable of its own: what a variable inspector would list.
VARIABLES = """
import torch
torch.set_num_threads(1)
for i in range({count}):
    globals()[f"t{{i}}"] = torch.empty(8, 8)
del i
"""

SPIN = """
print("running", flush=True)
spun = 0
while True:
    spun += 1
"""

#: Gradients, Adam, and at least so many tensors: 150 parameters of 100 layers, three
#: tensors of state each, and ``many`` to make up the number; the gradients come on top.
MODEL = """
import array, time
import torch
torch.set_num_threads(1)
torch.manual_seed(0)
layers = [m for _ in range(50) for m in (torch.nn.Linear(32, 32), torch.nn.PReLU())]
model = torch.nn.Sequential(*layers)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
batch, target = torch.randn(64, 32), torch.randn(64, 32)

def step():
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(batch), target)
    loss.backward()
    optimizer.step()
    return loss

loss = step()
many = [torch.empty(8, 8) for _ in range({count} - 600)]
"""

#: Trains until it is interrupted and remembers when (``time.monotonic``) each step ended.
TRAIN = """
print("running", flush=True)
ends = array.array("d")
try:
    while True:
        loss = step()
        ends.append(time.monotonic())
except KeyboardInterrupt:
    pass
"""

#: Where the ends of the steps go, as raw doubles.
SAVE_ENDS = "with open('ends.bin', 'wb') as file: ends.tofile(file)"
