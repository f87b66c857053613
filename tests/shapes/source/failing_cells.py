"""Cells that fail; the line that does is marked with ``#!``.

Every one is run with the real torch by the tests.
"""

from __future__ import annotations

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"

FAILING = {
    "two tensors": """
x = torch.randn(2, 2)
y = torch.ones(3, 3)
z = x + y  #!
""",
    "in an expression": """
x = torch.randn(8, 16)
w = torch.randn(8, 4)
b = torch.zeros(4)
out = torch.relu(x @ w + b)  #!
""",
    "over several lines": """
x = torch.randn(8, 16)
w = torch.randn(8, 4)
out = torch.relu(
    torch.matmul(  #!
        x,
        w,
    )
)
""",
    "a call over lines, as a method": """
x = (
    torch.randn(4, 5)
    .transpose(0, 1)
    .reshape(2, 10)
    .view(3, -1)  #!
)
""",
    "in a comprehension": """
xs = [torch.randn(3, n) for n in (2, 3, 4)]
w = torch.randn(5, 7)
ys = [x @ w for x in xs]  #!
""",
    "in a nested comprehension": """
a = [torch.zeros(2, 3) for _ in range(2)]
b = [torch.zeros(4, 3) for _ in range(2)]
c = [p + q for p in a for q in b]  #!
""",
    "in a generator": """
a = torch.zeros(2, 3)
c = sum((a @ a).sum() for _ in range(4))  #!
""",
    "in a dict comprehension": """
a = torch.zeros(2, 3)
d = {k: a @ a for k in range(3)}  #!
""",
    "in a ternary": """
a = torch.zeros(2, 3)
b = a @ a if a.dim() == 2 else a  #!
""",
    "in the other side of a ternary": """
a = torch.zeros(2, 3)
b = a.t() if a.dim() == 3 else a @ a  #!
""",
    "in an f-string": """
a = torch.zeros(2, 3)
print(f"{a.shape} and {(a @ a).shape}")  #!
""",
    "in a keyword": """
a = torch.zeros(2, 3)
b = torch.sum(input=a.view(7), dim=0)  #!
""",
    "in a walrus": """
a = torch.zeros(2, 3)
if (s := a @ a.t()).ndim == 2:
    t = s @ a.t()  #!
""",
    "subtracting what does not fit": """
x = torch.zeros(8, 1)
y = torch.zeros(7, 2)
z = (x - y) ** 2  #!
""",
    "a comparison": """
pred = torch.randn(10, 3).argmax(dim=1)
target = torch.randint(0, 3, (12,))
correct = (pred == target).sum()  #!
""",
    "linear after flatten": """
x = torch.randn(4, 3, 32, 32)
conv = nn.Conv2d(3, 16, kernel_size=5)
fc = nn.Linear(16 * 5 * 5, 120)
x = F.max_pool2d(F.relu(conv(x)), 2)
x = torch.flatten(x, 1)
x = fc(x)  #!
""",
    "in a Sequential": """
net = nn.Sequential(
    nn.Conv2d(1, 8, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8 * 14 * 14, 10),
)
images = torch.randn(16, 1, 28, 28)
logits = net(images)  #!
""",
    "channels last": """
images = torch.rand(8, 32, 32, 3)
conv = nn.Conv2d(3, 6, 3)
out = conv(images)  #!
""",
    "batch dimension forgotten in batch norm": """
x = torch.randn(16, 28, 28)
bn = nn.BatchNorm2d(16)
y = bn(x)  #!
""",
    "batch norm of other features": """
x = torch.randn(4, 16)
bn = nn.BatchNorm1d(8)
y = bn(x)  #!
""",
    "layer norm": """
x = torch.randn(4, 10, 16)
y = nn.LayerNorm(32)(x)  #!
""",
    "embedding of floats": """
ids = torch.zeros(4, 10)
emb = nn.Embedding(100, 8)
v = emb(ids)  #!
""",
    "embedding out of range": """
ids = torch.tensor([[1, 2], [3, 12]])
emb = nn.Embedding(10, 8)
v = emb(ids)  #!
""",
    "cross entropy of swapped arguments": """
logits = torch.randn(8, 10)
labels = torch.randint(0, 10, (8,))
loss = nn.CrossEntropyLoss()(labels, logits)  #!
""",
    "cross entropy with batches that differ": """
logits = torch.randn(8, 10)
labels = torch.randint(0, 10, (4,))
loss = F.cross_entropy(logits, labels)  #!
""",
    "cross entropy with float labels": """
logits = torch.randn(8, 10)
labels = torch.zeros(8)
criterion = nn.CrossEntropyLoss()
loss = criterion(logits, labels)  #!
""",
    "binary cross entropy": """
logits = torch.randn(8, 1)
labels = torch.ones(8)
loss = F.binary_cross_entropy_with_logits(logits, labels)  #!
""",
    "mse of what does not broadcast": """
p = torch.randn(8, 3)
t = torch.randn(8, 2)
loss = nn.MSELoss()(p, t)  #!
""",
    "cat along the wrong dimension": """
a = torch.randn(4, 3)
b = torch.randn(4, 5)
c = torch.cat([a, b])  #!
""",
    "cat of ranks": """
a = torch.randn(4, 3)
b = torch.randn(3)
c = torch.cat((a, b), dim=0)  #!
""",
    "stack": """
rows = []
rows.append(torch.zeros(3))
rows.append(torch.zeros(4))
m = torch.stack(rows)  #!
""",
    "bmm of two dimensions": """
q = torch.randn(4, 8)
k = torch.randn(4, 8)
s = torch.bmm(q, k.transpose(0, 1))  #!
""",
    "attention without transpose": """
q = torch.randn(2, 4, 10, 8)
k = torch.randn(2, 4, 12, 8)
scores = q @ k / 8 ** 0.5  #!
""",
    "a mask of another length": """
q = torch.randn(2, 4, 10, 8)
scores = q @ q.transpose(-2, -1)
mask = torch.tril(torch.ones(9, 9))
scores = scores.masked_fill(mask == 0, float("-inf"))  #!
""",
    "sdpa": """
q = torch.randn(2, 4, 10, 8)
k = torch.randn(2, 4, 12, 16)
v = torch.randn(2, 4, 12, 16)
out = F.scaled_dot_product_attention(q, k, v)  #!
""",
    "view after transpose": """
x = torch.randn(2, 3, 4)
y = x.transpose(1, 2)
z = y.view(2, 12)  #!
""",
    "view of another size": """
x = torch.randn(64, 32, 5, 5)
x = x.view(-1, 1000)  #!
""",
    "reshape by a product": """
x = torch.randn(2, 3, 4)
B, T, C = x.shape
y = x.reshape(B, T * C + 1)  #!
""",
    "heads that do not divide": """
x = torch.randn(2, 10, 30)
B, T, C = x.shape
heads = 4
q = x.view(B, T, heads, C // heads)  #!
""",
    "einsum": """
a = torch.randn(2, 3)
b = torch.randn(4, 5)
c = torch.einsum("ij,jk->ik", a, b)  #!
""",
    "in place, growing": """
x = torch.zeros(3)
x += torch.ones(2, 3)  #!
""",
    "in place, a dtype that cannot be stored": """
n = torch.zeros(3, dtype=torch.long)
n += 0.5  #!
""",
    "matmul of two dtypes": """
x = torch.randn(3, 4)
w = torch.randn(4, 5, dtype=torch.float64)
y = x @ w  #!
""",
    "float64 from NumPy into a layer": """
import numpy as np
x = torch.from_numpy(np.random.rand(5, 3))
y = nn.Linear(3, 2)(x)  #!
""",
    "integers into a layer": """
x = torch.arange(12).reshape(4, 3)
y = nn.Linear(3, 2)(x)  #!
""",
    "mean of integers": """
x = torch.tensor([1, 2, 3])
m = x.mean()  #!
""",
    "an index out of range": """
x = torch.randn(3, 4)
y = x[3]  #!
""",
    "too many indices": """
x = torch.randn(3, 4)
y = x[0, 0, 0]  #!
""",
    "a mask of another shape": """
x = torch.randn(3, 4)
m = torch.ones(4, dtype=torch.bool)
y = x[m]  #!
""",
    "a write that does not fit": """
x = torch.zeros(3, 4)
x[0] = torch.ones(3)  #!
""",
    "a dimension that is not there": """
x = torch.randn(3, 4)
s = x.sum(dim=2)  #!
""",
    "softmax of a dimension that is not there": """
x = torch.randn(3, 4)
s = F.softmax(x, dim=2)  #!
""",
    "permute of too few": """
x = torch.randn(2, 3, 4)
y = x.permute(1, 0)  #!
""",
    "t of three dimensions": """
x = torch.randn(2, 3, 4)
y = x.t()  #!
""",
    "expand of what is not 1": """
x = torch.randn(3, 4)
y = x.expand(6, 4)  #!
""",
    "names for sizes": """
x = torch.randn(3, 4)
B, C, H, W = x.shape  #!
""",
    "a size that is not there": """
x = torch.randn(3, 4)
n = x.shape[2]  #!
""",
    "names for rows": """
x = torch.randn(3, 4)
a, b = x  #!
""",
    "neither true nor false": """
a = torch.randn(3)
b = torch.randn(3)
if a > b:  #!
    print("greater")
""",
    "and of tensors": """
a = torch.randn(3)
b = torch.randn(3)
c = a[(a > 0) and (b > 0)]  #!
""",
    "in a loop": """
x = torch.randn(4, 3)
w = torch.randn(4, 3)
for epoch in range(10):
    loss = ((x @ w) ** 2).mean()  #!
""",
    "in an inner loop": """
x = torch.randn(4, 3)
w = torch.randn(4, 3)
total = 0
for epoch in range(3):
    for step in range(2):
        total += (x @ w).sum()  #!
""",
    "on a step": """
x = torch.randn(4, 3)
for step in range(10):
    y = x * 2
    if step % 5 == 0:
        print((y @ x).shape)  #!
""",
    "after a check that is passed": """
x = torch.randn(4, 3)
w = torch.randn(4, 3)
if x.shape[0] != w.shape[0]:
    raise ValueError("batches differ")
y = x @ w  #!
""",
    "in a loop that ends by a count": """
x = torch.randn(4, 3)
step = 0
for step in range(100):
    if step > 3:
        break
    y = x @ x  #!
""",
    "in a while": """
x = torch.randn(4, 3)
while True:
    y = x @ x  #!
    break
""",
    "under no_grad": """
x = torch.randn(4, 3)
with torch.no_grad():
    y = x @ x  #!
""",
    "after a tuple was unpacked": """
a, (b, *c) = torch.zeros(2), (torch.zeros(3), torch.zeros(4), torch.zeros(5))
d = b + c[0]  #!
""",
    "after a function was defined": """
def forward(x):
    return x @ x

x = torch.randn(4, 3)
y = x.view(5, -1)  #!
""",
    "in a keyword argument of an unknown function": """
def show(x, title=None):
    print(title)

x = torch.randn(4, 3)
show(x, title=x @ x)  #!
""",
    "a layer by its index": """
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
h = net[0](torch.randn(5, 3))
y = net[2](h[:, :3])  #!
""",
    "an LSTM's output into a layer": """
lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True, bidirectional=True)
fc = nn.Linear(16, 2)
out, (h, c) = lstm(torch.randn(4, 10, 8))
y = fc(out[:, -1])  #!
""",
    "a module that was converted": """
net = nn.Linear(3, 2).double()
y = net(torch.randn(4, 3))  #!
""",
    "another name of a converted module": """
net = nn.Linear(3, 2)
net = net.to(torch.float64)
y = net(torch.randn(4, 3))  #!
""",
    "a list that was extended": """
parts = [torch.zeros(2, 3)]
parts += [torch.zeros(2, 4)]
parts.extend([torch.zeros(2, 5)])
joined = torch.cat(parts, 0)  #!
""",
    "a dict": """
batch = {"x": torch.zeros(4, 3), "y": torch.zeros(5)}
batch["w"] = torch.zeros(4, 2)
y = batch["x"] @ batch["w"]  #!
""",
    "min and max of sizes": """
x = torch.zeros(4, 3)
n = min(x.shape[0], 10) + len(x) // 4
y = x.view(n, -1)  #!
""",
    "max pooling too far": """
x = torch.randn(1, 3, 4, 4)
for _ in range(1):
    y = F.max_pool2d(x, 5)  #!
""",
    "kernel larger than the input": """
x = torch.randn(1, 3, 4, 4)
y = nn.Conv2d(3, 8, kernel_size=7)(x)  #!
""",
    "a matrix and a vector": """
w = torch.randn(3, 4)
v = torch.randn(3)
y = w @ v  #!
""",
    "item of several": """
x = torch.randn(3)
print(x.item())  #!
""",
    "on a device that is not known": """
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 2)).to(device)
x = torch.randn(8, 3, device=device)
y = net(x)  #!
""",
    "on a device that an if decides": """
if torch.cuda.is_available():
    device = "cuda"
else:
    device = "cpu"
x = torch.randn(8, 3).to(device)
y = x.cpu() @ torch.zeros(8, 3, device=device).cpu()  #!
""",
    "accents before the error": """
größe = torch.zeros(2, 3); x = größe @ größe  #!
""",
}
