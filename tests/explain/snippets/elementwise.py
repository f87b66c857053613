"""Arithmetic, comparisons, masks, in place."""

from .snippet import Snippet, part, temporary

SNIPPETS = [
    Snippet(
        "two squares",
        """
        a = torch.ones(2, 2)
        b = torch.ones(3, 3)
        c = ⟦a + b⟧
        """,
        (part("a", 2, 2), part("b", 3, 3)),
        "shape",
    ),
    Snippet(
        "mean of each channel",
        """
        images = torch.rand(8, 3, 32, 32)
        mean = torch.tensor([0.485, 0.456, 0.406])
        normalized = ⟦images - mean⟧
        """,
        (part("images", 8, 3, 32, 32), part("mean", 3)),
        "shape",
        ("images - mean", "images - mean[:, None, None]"),
    ),
    Snippet(
        "rows divided by their sums",
        """
        counts = torch.rand(4, 3)
        rates = ⟦counts / counts.sum(dim=1)⟧
        """,
        (part("counts", 4, 3), temporary("counts.sum(dim=1)", 4)),
        "shape",
        ("counts.sum(dim=1)", "counts.sum(dim=1, keepdim=True)"),
    ),
    Snippet(
        "padding mask on scores",
        """
        scores = torch.randn(2, 8, 10, 10)
        padding = torch.ones(2, 10, dtype=torch.bool)
        scores = ⟦scores.masked_fill(padding, float("-inf"))⟧
        """,
        (part("scores", 2, 8, 10, 10), part("padding", 2, 10)),
        "shape",
        ("masked_fill(padding,", "masked_fill(padding[:, None, None, :],"),
    ),
    Snippet(
        "in place does not grow",
        """
        total = torch.zeros(3, 1)
        step = torch.ones(3, 4)
        ⟦total += step⟧
        """,
        (part("total", 3, 1), part("step", 3, 4)),
        "shape",
        ("total += step", "total = total + step"),
    ),
    Snippet(
        "add_ of a batch",
        """
        running = torch.zeros(64)
        features = torch.randn(16, 64)
        ⟦running.add_(features)⟧
        """,
        (part("running", 64), part("features", 16, 64)),
        "shape",
        ("features)", "features.mean(0))"),
    ),
    Snippet(
        "series of different lengths",
        """
        predictions = torch.randn(10)
        targets = torch.randn(12)
        error = (⟦predictions - targets⟧).abs().mean()
        """,
        (part("predictions", 10), part("targets", 12)),
        "shape",
        ("predictions - targets", "predictions - targets[:10]"),
    ),
    Snippet(
        "last batch compared with all labels",
        """
        logits = torch.randn(32, 10)
        labels = torch.randint(0, 10, (64,))
        correct = (⟦logits.argmax(1) == labels⟧).sum().item()
        """,
        (temporary("logits.argmax(1)", 32), part("labels", 64)),
        "shape",
        ("== labels", "== labels[:32]"),
    ),
    Snippet(
        "where with a column",
        """
        x = torch.randn(5, 7)
        keep = torch.ones(5, dtype=torch.bool)
        y = ⟦torch.where(keep, x, 0.0)⟧
        """,
        (part("keep", 5), part("x", 5, 7)),
        "shape",
        ("keep, x", "keep.unsqueeze(1), x"),
    ),
    Snippet(
        "mask of another length",
        """
        x = torch.randn(4, 3)
        mask = torch.tensor([True, False, True, True, False])
        kept = ⟦x[mask]⟧
        """,
        (part("x", 4, 3), part("mask", 5)),
        "index",
        ("x[mask]", "x[mask[:4]]"),
    ),
    Snippet(
        "row of another width",
        """
        buffer = torch.zeros(3, 64)
        frame = torch.ones(60)
        ⟦buffer[0] = frame⟧
        """,
        (part("buffer", 3, 64), part("frame", 60)),
        "shape",
        ("buffer[0] = frame", "buffer[0, :60] = frame"),
    ),
    Snippet(
        "positions added batch last",
        """
        class PositionalEncoding(nn.Module):
            def __init__(self, width, longest=100):
                super().__init__()
                self.register_buffer("pe", torch.zeros(longest, width))

            def forward(self, x):
                return ⟦x + self.pe⟧

        encode = PositionalEncoding(16)
        out = encode(torch.randn(4, 20, 16))
        """,
        (part("x", 4, 20, 16), part("self.pe", 100, 16)),
        "shape",
        ("x + self.pe", "x + self.pe[:x.size(1)]"),
    ),
    Snippet(
        "integers in place",
        """
        counts = torch.zeros(3, dtype=torch.int64)
        weights = torch.rand(3)
        ⟦counts += weights⟧
        """,
        (part("counts", 3), part("weights", 3)),
        "dtype",
        ("counts += weights", "counts = counts + weights"),
    ),
    Snippet(
        "lerp of two sizes",
        """
        old = torch.zeros(2, 5)
        new = torch.ones(2, 6)
        mixed = ⟦torch.lerp(old, new, 0.1)⟧
        """,
        (part("old", 2, 5), part("new", 2, 6)),
        "shape",
    ),
]
