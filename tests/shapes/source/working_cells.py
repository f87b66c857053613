"""Cells as people write them, that run: nothing may be said of them.

Every one is run with the real torch by the tests; sizes are small, and so are the losses.
"""

from __future__ import annotations

HEAD = "import math\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

WORKING = {
    "mlp": """
torch.manual_seed(0)
X = torch.randn(64, 20)
y = (X[:, 0] > 0).long()
model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(3):
    optimizer.zero_grad()
    logits = model(X)
    loss = criterion(logits, y)
    loss.backward()
    optimizer.step()
    accuracy = (logits.argmax(dim=1) == y).float().mean().item()
    if epoch % 2 == 0:
        print(f"{epoch}: {loss.item():.3f} {accuracy:.1%}")
with torch.no_grad():
    probabilities = F.softmax(model(X[:5]), dim=-1)
    best = probabilities.max(dim=1)
    print(best.values, best.indices)
""",
    "cnn with a class": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 7 * 7, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = Net().to(device)
images, labels = torch.rand(8, 1, 28, 28).to(device), torch.randint(0, 10, (8,), device=device)
out = net(images)
loss = F.cross_entropy(out, labels)
loss.backward()
print(sum(p.numel() for p in net.parameters() if p.requires_grad))
""",
    "a data loader": """
from torch.utils.data import DataLoader, TensorDataset, random_split
data = TensorDataset(torch.randn(50, 4), torch.randint(0, 3, (50,)))
train, val = random_split(data, [40, 10])
loader = DataLoader(train, batch_size=16, shuffle=True)
model = nn.Linear(4, 3)
history = []
for epoch in range(2):
    model.train()
    total, seen = 0.0, 0
    for xb, yb in loader:
        out = model(xb)
        loss = F.cross_entropy(out, yb)
        loss.backward()
        total += loss.item() * xb.size(0)
        seen += len(xb)
        for p in model.parameters():
            p.grad = None
    history.append(total / seen)
xb, yb = next(iter(loader))
print(xb.shape, yb.shape, history[-1])
""",
    "collate by hand": """
def collate(batch):
    xs, ys = zip(*batch)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)

batch = [(torch.randn(n, 3), n % 2) for n in (3, 5, 2)]
padded, ys = collate(batch)
mask = torch.arange(padded.size(1))[None, :] < torch.tensor([3, 5, 2])[:, None]
means = (padded * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
print(means.shape)
""",
    "rnn": """
vocab, hidden = 50, 16
emb = nn.Embedding(vocab, 8)
lstm = nn.LSTM(8, hidden, num_layers=2, batch_first=True, bidirectional=True)
head = nn.Linear(2 * hidden, vocab)
tokens = torch.randint(0, vocab, (4, 12))
inputs, targets = tokens[:, :-1], tokens[:, 1:]
out, (h, c) = lstm(emb(inputs))
logits = head(out)
loss = F.cross_entropy(logits.reshape(-1, vocab), targets.reshape(-1))
last = torch.cat([h[-2], h[-1]], dim=-1)
loss2 = F.cross_entropy(logits.transpose(1, 2), targets)
print(loss.item(), head(last).shape)
""",
    "gru step by step": """
cell = nn.GRU(8, 16)
state = None
xs = torch.randn(5, 2, 8)
outs = []
for x in xs:
    out, state = cell(x.unsqueeze(0), state)
    outs.append(out.squeeze(0))
stacked = torch.stack(outs, dim=1)
print(stacked.shape)
""",
    "attention by hand": """
B, T, C, H = 2, 6, 16, 4
x = torch.randn(B, T, C)
qkv = nn.Linear(C, 3 * C, bias=False)(x)
q, k, v = qkv.chunk(3, dim=-1)
q = q.view(B, T, H, C // H).transpose(1, 2)
k = k.view(B, T, H, C // H).transpose(1, 2)
v = v.view(B, T, H, C // H).transpose(1, 2)
att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
mask = torch.tril(torch.ones(T, T)).view(1, 1, T, T)
att = att.masked_fill(mask[:, :, :T, :T] == 0, float("-inf"))
att = F.softmax(att, dim=-1)
y = att @ v
y = y.transpose(1, 2).contiguous().view(B, T, C)
also = F.scaled_dot_product_attention(q, k, v, is_causal=True)
print(y.shape, torch.allclose(y, also.transpose(1, 2).reshape(B, T, C), atol=1e-5))
""",
    "attention with split and permute": """
x = torch.randn(2, 10, 32)
w = torch.randn(32, 96)
q, k, v = (x @ w).split(32, dim=2)
heads = [t.reshape(2, 10, 4, 8).permute(0, 2, 1, 3) for t in (q, k, v)]
q, k, v = heads
scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / 8**0.5
causal = torch.triu(torch.ones(10, 10, dtype=torch.bool), diagonal=1)
scores = scores.masked_fill(causal, -1e9).softmax(-1)
out = torch.einsum("bhqk,bhkd->bhqd", scores, v).permute(0, 2, 1, 3).flatten(2)
print(out.shape)
""",
    "positions": """
d_model, longest = 16, 20
pe = torch.zeros(longest, d_model)
position = torch.arange(0, longest, dtype=torch.float).unsqueeze(1)
div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
pe[:, 0::2] = torch.sin(position * div_term)
pe[:, 1::2] = torch.cos(position * div_term)
x = torch.randn(3, 12, d_model) + pe[None, :12]
print(x.shape)
""",
    "transformer encoder": """
layer = nn.TransformerEncoderLayer(d_model=16, nhead=4, batch_first=True)
encoder = nn.TransformerEncoder(layer, num_layers=2)
src = torch.randn(3, 7, 16)
padding = torch.zeros(3, 7, dtype=torch.bool)
out = encoder(src, src_key_padding_mask=padding)
pooled = out.mean(dim=1)
print(nn.Linear(16, 2)(pooled).shape)
""",
    "multi-head attention": """
mha = nn.MultiheadAttention(16, 4)
q = torch.randn(5, 2, 16)
kv = torch.randn(7, 2, 16)
out, weights = mha(q, kv, kv)
print(out.shape, weights.shape)
""",
    "gan": """
G = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64), nn.Tanh())
D = nn.Sequential(nn.Linear(64, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
bce = nn.BCEWithLogitsLoss()
opt_g = torch.optim.Adam(G.parameters())
opt_d = torch.optim.Adam(D.parameters())
for step in range(2):
    real = torch.rand(16, 64)
    noise = torch.randn(16, 8)
    fake = G(noise)
    ones, zeros = torch.ones(16, 1), torch.zeros(16, 1)
    loss_d = bce(D(real), ones) + bce(D(fake.detach()), zeros)
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = bce(D(fake), ones)
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
""",
    "dcgan": """
G = nn.Sequential(
    nn.ConvTranspose2d(10, 16, 4, 1, 0, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(True),
    nn.ConvTranspose2d(16, 3, 4, 2, 1, bias=False),
    nn.Tanh(),
)
images = G(torch.randn(4, 10, 1, 1))
D = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True),
                  nn.Conv2d(8, 1, 4, 1, 0), nn.Sigmoid())
scores = D(images).view(-1)
loss = nn.BCELoss()(scores, torch.full((4,), 1.0))
print(loss.item())
""",
    "vae": """
enc = nn.Linear(20, 2 * 4)
dec = nn.Linear(4, 20)
x = torch.rand(8, 20)
mu, logvar = enc(x).chunk(2, dim=1)
std = torch.exp(0.5 * logvar)
z = mu + torch.randn_like(std) * std
recon = torch.sigmoid(dec(z))
bce = F.binary_cross_entropy(recon, x, reduction="sum")
kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
(bce + kld).backward()
""",
    "unet skip": """
down = nn.Conv2d(3, 8, 3, padding=1)
mid = nn.Conv2d(8, 16, 3, padding=1)
up = nn.ConvTranspose2d(16, 8, 2, stride=2)
last = nn.Conv2d(16, 1, 1)
x = torch.randn(2, 3, 16, 16)
d = F.relu(down(x))
m = F.relu(mid(F.max_pool2d(d, 2)))
u = up(m)
out = last(torch.cat([u, d], dim=1))
out = F.interpolate(out, scale_factor=2, mode="bilinear", align_corners=False)
print(out.shape)
""",
    "residual": """
x = torch.randn(2, 8, 10, 10)
conv = nn.Conv2d(8, 8, 3, padding=1)
bn = nn.BatchNorm2d(8)
identity = x
out = F.relu(bn(conv(x)))
out += identity
out = F.adaptive_avg_pool2d(out, (1, 1)).flatten(1)
out = nn.AdaptiveAvgPool2d(1)(x).squeeze(-1).squeeze(-1)
print(nn.Linear(8, 3)(out).shape)
""",
    "gradient descent by hand": """
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 3 * x + 1 + 0.1 * torch.randn(x.size())
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.1
for _ in range(5):
    loss = ((x * w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
print(w.item(), b.item())
""",
    "normalising": """
x = torch.rand(10, 3, 8, 8)
mean = torch.tensor([0.5, 0.4, 0.3]).view(1, 3, 1, 1)
std = torch.tensor([0.2, 0.2, 0.2])[None, :, None, None]
x = (x - mean) / std
flat = x.permute(1, 0, 2, 3).reshape(3, -1)
m, s = flat.mean(dim=1), flat.std(dim=1)
z = (flat - m[:, None]) / s[:, None]
n = x / x.norm(dim=1, keepdim=True)
print(z.shape, n.shape)
""",
    "distances": """
a = torch.randn(5, 3)
b = torch.randn(7, 3)
d = ((a[:, None, :] - b[None, :, :]) ** 2).sum(-1).sqrt()
d2 = torch.cdist(a, b)
g = a @ b.T
s = F.normalize(a, dim=1) @ F.normalize(b, dim=1).t()
labels = torch.randint(0, 2, (5,))
same = labels.unsqueeze(0) == labels.unsqueeze(1)
v = torch.randn(6)
outer = v.unsqueeze(1) - v.unsqueeze(0)
outer2 = v[:, None] * v[None]
print(d.shape, same.sum(), outer.shape)
""",
    "one hot and gather": """
logits = torch.randn(6, 4)
y = torch.randint(0, 4, (6,))
onehot = F.one_hot(y, num_classes=4).float()
picked = logits.gather(1, y.unsqueeze(1)).squeeze(1)
also = logits[torch.arange(6), y]
soft = -(onehot * F.log_softmax(logits, dim=1)).sum(dim=1).mean()
table = torch.zeros(6, 4).scatter_(1, y[:, None], 1.0)
top = logits.topk(2, dim=1).indices
hits = (top == y.unsqueeze(1)).any(dim=1).float().mean()
print(picked.shape, also.shape, hits.item())
""",
    "guards": """
def fits(a, b):
    return a.shape[-1] == b.shape[0]

a, b = torch.randn(2, 3), torch.randn(4, 3)
if fits(a, b):
    c = a @ b
else:
    c = a @ b.T
if a.shape[1] == b.shape[0]:
    d = a @ b
def yes():
    return True

if yes():
    z = torch.zeros(3, 5)
else:
    z = torch.zeros(7, 7)
print(a @ z)
try:
    z = torch.zeros(3, 6)
    z = torch.zeros(yes())
    z = torch.zeros(7, 7)
except TypeError:
    z = torch.zeros(3, 6)
print(z.numel())
ok = fits(a, b)
e = a @ b if ok else a @ b.t()
f = ok and (a @ b)
for t in (b, b.t()):
    if not fits(a, t):
        continue
    print((a @ t).shape)
for t in (b, b.t()):
    if fits(a, t):
        pass
    else:
        continue
    print((a @ t).shape)
def checked(t):
    return fits(a, t) or None
for t in (b,):
    if a.shape[0] == 2:
        if checked(t) is None:
            break
    print((a @ t).shape)
if isinstance(a, list):
    a = torch.stack(a, dim=7)
assert c.shape == (2, 4)
""",
    "an error that is expected": """
a, b = torch.randn(2, 3), torch.randn(2, 3)
try:
    a @ b
except RuntimeError as error:
    print("as expected", str(error)[:10])
try:
    c = a.view(5, 5)
except Exception:
    c = a.view(3, 2)
finally:
    print("done")
import contextlib
with contextlib.suppress(RuntimeError):
    torch.cat([a, torch.zeros(3)])
d = c @ a
""",
    "shapes that change in a loop": """
narrowing = torch.zeros(2, 3)
for k in range(3):
    if k > 0:
        print(narrowing @ torch.zeros(2, 2))
    narrowing = narrowing[:, :2]
x = torch.randn(1, 4)
for layer in [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)]:
    x = layer(x)
print(x @ torch.zeros(2, 1))
y = torch.zeros(1, 3)
for i in range(3):
    y = torch.cat([y, torch.ones(1, 3)], dim=0)
z = y.view(4, 3) @ torch.zeros(3, 1)
n = 2
while n < 20:
    n = n * 2
m = torch.zeros(n, 2).view(64, 1)
sizes = [4, 8, 2]
h = torch.randn(5, 4)
for n_in, n_out in zip(sizes[:-1], sizes[1:]):
    h = torch.relu(h @ torch.randn(n_in, n_out))
print(h @ torch.zeros(2, 3))
""",
    "lists that grow": """
xs = []
for i in range(4):
    xs.append(torch.zeros(i + 1, 2))
x = torch.cat(xs)
print(x.view(10, 2).shape)
ys = [torch.zeros(2)]
def more():
    ys.append(torch.ones(2))
more()
print(torch.stack(ys).view(2, 2))
ws = [torch.zeros(2)]
sorted([1, 2], key=lambda k: ws.append(torch.zeros(2)) or k)
print(torch.stack(ws).view(6))
zs = [torch.zeros(2)]
also = zs
also.append(torch.zeros(2))
print(torch.stack(zs).view(4))
d = {"a": torch.zeros(2)}
for k in ("a", "b"):
    d[k] = torch.zeros(3)
print(d["a"] + torch.zeros(3))
""",
    "shadowed names": """
def run(torch, F):
    return torch + F

x = torch.zeros(2, 3)
def g(x):
    return x @ x
g(torch.zeros(3, 3))
len = lambda t: 6
print(x.view(len(x)))
del len
[x for x in range(3)]
print(x.view(6))
class K:
    x = torch.zeros(4)
    def f(self, x):
        return x
f2 = lambda x: x @ x
print(f2(torch.zeros(2, 2)), x.t() @ x)
max = torch.zeros(2, 3)
print(max.view(3, 2))
""",
    "rebinding from a function": """
x = torch.zeros(2, 3)
def change():
    global x
    x = torch.zeros(3, 2)
change()
print(x @ torch.zeros(2, 5))
w = torch.zeros(2)
exec("w = torch.zeros(5)")
print(w + torch.zeros(5))
v = torch.zeros(2)
globals()["v"] = torch.zeros(5)
print(v + torch.zeros(5))
""",
    "tensors that change themselves": """
x = torch.zeros(2, 3)
y = x
y.unsqueeze_(0)
print(x @ torch.zeros(1, 3, 4), x.shape[2])
w = torch.zeros(2, 3)
ws = [w]
for t in ws:
    t.t_()
print(w @ torch.zeros(2, 2))
p = nn.Linear(3, 2)
q = nn.Sequential(p)
q.double()
print(p(torch.zeros(4, 3, dtype=torch.float64)))
r = nn.Linear(3, 2)
r.weight.data = torch.zeros(2, 5)
print(r(torch.zeros(1, 5)))
out = torch.zeros(0)
torch.add(torch.zeros(2, 3), 1, out=out)
print(out @ torch.zeros(3, 2))
idx = torch.zeros(3, dtype=torch.long)
table = torch.zeros(5, 2)
idx[1] = 4
print(F.embedding(idx, table))
far = torch.tensor([7, 9])
far -= 6
print(F.embedding(far, table))
far = torch.tensor([7, 9])
view = far[:]
view[:] = 0
print(table[far])
""",
    "a layer replaced": """
model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
model[1] = nn.Linear(4, 7)
print(model(torch.zeros(1, 3)) + torch.zeros(7))
model2 = nn.Sequential(nn.Linear(3, 4))
model2.append(nn.Linear(4, 5))
print(model2(torch.zeros(1, 3)) + torch.zeros(5))
lin = nn.Linear(3, 4)
lin.weight = nn.Parameter(torch.zeros(4, 6))
print(lin(torch.zeros(1, 6)))
hooked = nn.Linear(3, 4)
hooked.register_forward_hook(lambda m, i, o: o[:, :2])
print(hooked(torch.zeros(1, 3)) + torch.zeros(2))
""",
    "default dtype": """
before = torch.get_default_dtype()
torch.set_default_dtype(torch.float64)
x = torch.zeros(2, 3)
y = x @ torch.zeros(3, 2, dtype=torch.float64)
torch.set_default_dtype(before)
with torch.autocast("cpu", dtype=torch.bfloat16):
    z = torch.zeros(2, 3) @ torch.zeros(3, 2)
    w = z @ torch.zeros(2, 2, dtype=torch.float64).float()
with torch.device("meta"):
    m = torch.zeros(2, 3)
print((m + torch.zeros(3, device="meta")).device)
""",
    "numpy": """
import numpy as np
a = np.zeros((4, 3))
b = np.ones(3)
print((a + b).shape, a @ b, a.T.shape)
t = torch.from_numpy(a).float()
print(nn.Linear(3, 2)(t).shape, t.numpy() + b)
m = torch.as_tensor(np.arange(6).reshape(2, 3), dtype=torch.float32)
print(m @ t.T)
""",
    "named tuples and tuples": """
x = torch.randn(4, 6)
values, indices = x.sort(dim=1, descending=True)
m = x.max(dim=0)
print(m[0] + m.values, m.indices + indices[0])
mn, mx = x.aminmax()
u, s, vh = torch.linalg.svd(x, full_matrices=False)
print((u * s) @ vh)
(a, b), c = x.split([2, 2]), 3
first, *rest = x
print(first + rest[0] + rest[-1], a + b, c)
q, r = torch.linalg.qr(x)
grid = torch.meshgrid(torch.arange(3), torch.arange(4), indexing="ij")
print(torch.stack(grid, -1).reshape(-1, 2).shape)
""",
    "indexing": """
x = torch.arange(24).view(2, 3, 4)
print(x[..., 0].shape, x[:, None].shape, x[0, 1:, ::2].shape, x[[0, 1], :, [1, 2]].shape)
mask = x > 5
print(x[mask].shape, x[mask].view(-1), (x * mask).sum())
rows = torch.tensor([0, 1, 1])
print(x[rows].shape, x[rows, rows].shape, x[:, rows][..., None].shape)
x[0] = 1
x[:, 1:2] = torch.zeros(2, 1, 4, dtype=torch.long)
x[mask] = 0
y = torch.zeros(3)
y[1:] += 2
y[y > 1] *= 3
print(x[-1, -1, -1].item(), y[:10].shape, y[5:].shape)
""",
    "devices": """
device = "cuda" if torch.cuda.is_available() else "cpu"
x = torch.zeros(2, 3, device=device)
w = torch.zeros(3, 4).to(x.device)
y = x @ w
z = y.cpu() + torch.zeros(4)
s = x * torch.tensor(2.0)
k = torch.zeros(2, device="meta") + torch.zeros(2, device="meta")
dev = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
net = nn.Linear(3, 4).to(dev)
out = net(x.to(dev)) + torch.zeros(4, device=dev)
if x.device.type == "cuda":
    out = out.view(7)
if dev == torch.device("cuda") or x.is_cuda:
    out = out.view(7)
print(z.shape, s.device, out.to("cpu") + z, torch.zeros(2, 4).to(out) + out)
""",
    "everything else that Python has": """
from dataclasses import dataclass
@dataclass
class Config:
    n: int = 3
    lr: float = 1e-3

config = Config()
x = torch.zeros(config.n, 2)
f = lambda a, *b, **c: (a, b, c)
print(f(x, *x, k=x)[0].shape, *x.shape, sep=", ")
a, b = b, a = x, x.t()
print(a @ b)
n: int = 4
y: torch.Tensor = torch.zeros(n)
while (n := n - 1) > 0:
    y = y[:n]
print(y.shape)
s = {t.shape for t in (x, y)}
d = {name: t.view(-1) for name, t in zip("xy", (x, y))}
print(*(k + str(v.shape) for k, v in d.items()))
async def later():
    await something(x @ x)
def generator():
    got = yield x @ x
    yield from got
x @= torch.zeros(2, 2) if hasattr(x, "__imatmul__") else torch.zeros(2, 2)
print(x.shape if x.ndim == 2 else (x @ x).shape)
lst = [1, 2, 3] * 2
t = torch.tensor(lst).view(2, 3).float()
print((t.unsqueeze(0).expand(4, -1, -1) @ t.T).shape, t.shape + (1,), t.shape.numel())
""",
    "losses": """
p = torch.randn(6, 1)
t = torch.randn(6, 1)
print(F.mse_loss(p, t), nn.L1Loss()(p.squeeze(), t.squeeze(1)), F.smooth_l1_loss(p, t))
print(F.mse_loss(p.squeeze(-1), t.view(-1)), ((p - t) ** 2).mean())
print((p.view(-1) - t.view(-1)).abs().sum())
q = torch.rand(6, 3)
print(F.cross_entropy(q, torch.tensor([0, 1, 2, 0, 1, 2])))
print(F.nll_loss(q.log(), torch.zeros(6).long()))
print(F.cross_entropy(torch.randn(2, 5, 4, 4), torch.randint(0, 5, (2, 4, 4))))
print(F.cross_entropy(torch.randn(2, 5), torch.rand(2, 5)))
print(F.kl_div(q.log(), q, reduction="batchmean"))
print(F.triplet_margin_loss(q, q, q), F.cosine_embedding_loss(q, q, torch.ones(6)))
""",
    "reinforcement": """
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
states = torch.randn(10, 4)
actions = torch.randint(0, 2, (10,))
rewards = [1.0] * 10
returns, R = [], 0
for r in rewards[::-1]:
    R = r + 0.99 * R
    returns.insert(0, R)
returns = torch.tensor(returns)
returns = (returns - returns.mean()) / (returns.std() + 1e-9)
dist = torch.distributions.Categorical(logits=policy(states))
loss = -(dist.log_prob(actions) * returns).sum()
q = policy(states).gather(1, actions.unsqueeze(-1)).squeeze(-1)
target = returns + 0.9 * policy(states).max(1)[0].detach()
print(F.smooth_l1_loss(q, target), loss)
""",
    "fine-tuning": """
backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
for p in backbone.parameters():
    p.requires_grad = False
model = nn.Sequential(backbone, nn.Linear(4, 2))
model.eval()
x = torch.randn(2, 3, 8, 8)
with torch.inference_mode():
    out = model(x)
scaler = torch.amp.GradScaler("cpu", enabled=False)
nn.utils.clip_grad_norm_(model.parameters(), 1.0)
state = {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(state)
print(model(x).shape, out.argmax(1))
""",
    "graphs": """
edges = torch.tensor([[0, 1, 2], [1, 2, 0]])
x = torch.randn(3, 4)
src, dst = edges
messages = x[src]
out = torch.zeros_like(x).index_add_(0, dst, messages)
degree = torch.bincount(dst, minlength=3).clamp(min=1).unsqueeze(-1)
print((out / degree).shape)
agg = torch.zeros(3, 4).scatter_add_(0, dst[:, None].expand(-1, 4), messages)
print(torch.allclose(out, agg))
""",
    "text": """
text = "hello world"
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
ids = torch.tensor([stoi[c] for c in text])
x = torch.stack([ids[i : i + 4] for i in range(len(ids) - 4)])
y = torch.stack([ids[i + 1 : i + 5] for i in range(len(ids) - 4)])
table = nn.Embedding(len(chars), len(chars))
logits = table(x)
B, T, C = logits.shape
loss = F.cross_entropy(logits.view(B * T, C), y.view(B * T))
idx = torch.zeros((1, 1), dtype=torch.long)
for _ in range(5):
    logits = table(idx)[:, -1, :]
    probs = F.softmax(logits, dim=-1)
    nxt = torch.multinomial(probs, num_samples=1)
    idx = torch.cat((idx, nxt), dim=1)
print(idx.shape, idx.view(6))
""",
    "patches": """
img = torch.randn(2, 3, 8, 8)
p = 4
patches = img.unfold(2, p, p).unfold(3, p, p)
patches = patches.contiguous().view(2, 3, -1, p, p).permute(0, 2, 1, 3, 4)
tokens = patches.flatten(2) @ torch.randn(3 * p * p, 16)
cls = nn.Parameter(torch.zeros(1, 1, 16))
tokens = torch.cat([cls.expand(2, -1, -1), tokens], dim=1)
pos = nn.Parameter(torch.randn(1, 5, 16))
tokens = tokens + pos
print(nn.LayerNorm(16)(tokens)[:, 0].shape)
conv = nn.Conv2d(3, 16, kernel_size=p, stride=p)
print(conv(img).flatten(2).transpose(1, 2).shape)
""",
    "broadcasting on purpose": """
x = torch.arange(3.0)
y = torch.arange(3.0)
xx, yy = x.view(-1, 1), y.view(1, -1)
z = torch.exp(-(xx**2 + yy**2))
bias = torch.zeros(3)
col = x.unsqueeze(1)
print((z + bias).shape, (col + x.unsqueeze(0)).shape, (x[:, None] == y).sum())
scaled = z * torch.tensor(2.0) + torch.tensor([1.0])
w = torch.softmax(torch.randn(4, 3), dim=1).mean(0, keepdim=True) * z
print(scaled.shape, w.shape)
""",
}
