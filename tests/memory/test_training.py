"""To the byte: what the allocator gave out is what somebody was found to have."""

# ruff: noqa: E501  (cells)

from __future__ import annotations

import pytest

from .notebook import Notebook, by_owner

SETUP = "import copy, torch; from torch import nn; import torch.nn.functional as F; torch.manual_seed(0)\n"

MODELS = {
    "mlp": """
model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.5), nn.LayerNorm(32), nn.Linear(32, 3)).to(device)
x = torch.randn(8, 12).to(device)
""",
    "cnn": """
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(8, 4, 3, padding=1), nn.GELU(), nn.AdaptiveAvgPool2d(2))
        self.head = nn.Linear(16, 3)
    def forward(self, x):
        return self.head(self.features(x).flatten(1))
model = CNN().to(device)
x = torch.randn(2, 3, 12, 12).to(device)
""",
    "lstm": """
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(12, 3)
    def forward(self, x):
        states, _ = self.lstm(self.embedding(x))
        return self.head(states[:, -1])
model = Tagger().to(device)
x = torch.randint(0, 50, (4, 7)).to(device)
""",
    "transformer": """
class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 16)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(6))
        self.head = nn.Linear(16, 3)
    def forward(self, x):
        return self.head(self.encoder(self.embedding(x), mask=self.mask).mean(1))
model = Small().to(device)
x = torch.randint(0, 50, (4, 6)).to(device)
""",
}
TARGET = "y = torch.zeros(len(x), dtype=torch.long).to(device)\n"
STEP = "logits = model(x)\nloss = F.cross_entropy(logits, y)\n"


def parameters(notebook: Notebook) -> int:
    model = notebook.names["model"]
    return sum(p.untyped_storage().nbytes() for p in model.parameters())


@pytest.mark.parametrize(
    "optimizer", ["SGD(model.parameters(), 0.1, momentum=0.9)", "AdamW(model.parameters())"]
)
@pytest.mark.parametrize("model", MODELS)
def test_training(notebook: Notebook, model: str, optimizer: str) -> None:
    notebook.run(SETUP + MODELS[model] + TARGET)
    size = parameters(notebook)
    found = by_owner(notebook.assert_exact())
    assert found["parameter"] == size
    assert set(found) <= {"parameter", "buffer", "variable"}

    notebook.run(f"optimizer = torch.optim.{optimizer}\n" + STEP)
    found = by_owner(notebook.assert_exact())
    assert found["graph"] > 0
    assert "gradient" not in found

    notebook.run("loss.backward()")
    found = by_owner(notebook.assert_exact())
    assert found["gradient"] == size
    assert "graph" not in found  # a freed graph keeps nothing but its leaves

    notebook.run("optimizer.step()")
    found = by_owner(notebook.assert_exact())
    assert found["optimizer"] >= size * (2 if "Adam" in optimizer else 1)
    assert "unreachable" not in found

    notebook.run("optimizer.zero_grad()\n" + STEP)
    found = by_owner(notebook.assert_exact())
    assert found["graph"] > 0 and "gradient" not in found

    notebook.fails("def step():\n    batch = x.float() * 2\n    raise ValueError('no')\nstep()")
    found = by_owner(notebook.assert_exact())
    assert found["exception"] >= notebook.names["x"].numel() * 4

    notebook.shows(7, "model(x)")
    found = by_owner(notebook.assert_exact())
    assert found["output"] > 0
