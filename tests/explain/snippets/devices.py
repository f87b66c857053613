"""Tensors on two devices.  ``device`` is set by who runs them: a second device."""

from .snippet import Snippet, part

SNIPPETS = [
    Snippet(
        "batch left on the CPU",
        """
        model = nn.Linear(4, 2).to(device)
        batch = torch.randn(8, 4)
        y = ⟦model(batch)⟧
        """,
        (part("batch", 8, 4), part("model.weight", 2, 4)),
        "device",
        ("model(batch)", "model(batch.to(device))"),
        layer="model",
    ),
    Snippet(
        "sum of two devices",
        """
        a = torch.ones(3, device=device)
        b = torch.ones(3)
        c = ⟦a + b⟧
        """,
        (part("a", 3), part("b", 3)),
        "device",
        ("a + b", "a + b.to(device)"),
    ),
    Snippet(
        "targets left on the CPU",
        """
        criterion = nn.MSELoss()
        out = torch.randn(8, 1, device=device)
        target = torch.randn(8, 1)
        loss = ⟦criterion(out, target)⟧
        """,
        (part("out", 8, 1), part("target", 8, 1)),
        "device",
        ("criterion(out, target)", "criterion(out, target.to(device))"),
        layer="criterion",
    ),
    Snippet(
        "indices on the other device",
        """
        data = torch.randn(10, 3)
        picked = torch.tensor([0, 4], device=device)
        rows = ⟦data[picked]⟧
        """,
        (part("data", 10, 3), part("picked", 2)),
        "device",
        ("data[picked]", "data[picked.cpu()]"),
    ),
    Snippet(
        "tensor made in forward",
        """
        class Noisy(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                x = self.fc(x)
                noise = torch.randn(x.shape)
                return ⟦x + noise⟧

        noisy = Noisy().to(device)
        y = noisy(torch.ones(2, 4).to(device))
        """,
        (part("x", 2, 4), part("noise", 2, 4)),
        "device",
        ("torch.randn(x.shape)", "torch.randn(x.shape, device=x.device)"),
    ),
    Snippet(
        "compared with the labels on the CPU",
        """
        predicted = torch.tensor([1, 2, 3], device=device)
        labels = torch.tensor([1, 2, 0])
        right = (⟦predicted == labels⟧).float().mean()
        """,
        (part("predicted", 3), part("labels", 3)),
        "device",
        ("== labels", "== labels.to(device)"),
    ),
    Snippet(
        "attention over a cache on the CPU",
        """
        q = torch.randn(1, 2, 4, 8, device=device)
        cache = {"k": torch.randn(1, 2, 6, 8, device=device), "v": torch.randn(1, 2, 6, 8)}
        out = ⟦F.scaled_dot_product_attention(q, cache["k"], cache["v"])⟧
        """,
        (part("q", 1, 2, 4, 8), part('cache["v"]', 1, 2, 6, 8)),
        "device",
        ('cache["k"], cache["v"])', 'cache["k"], cache["v"].to(device))'),
    ),
    Snippet(
        "product of two devices",
        """
        left = torch.ones(2, 3, device=device)
        right = torch.ones(2, 3)
        out = (⟦left * right⟧).sum()
        """,
        (part("left", 2, 3), part("right", 2, 3)),
        "device",
        ("left * right", "left * right.to(device)"),
    ),
]
