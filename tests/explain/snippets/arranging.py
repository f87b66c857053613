"""Concatenation, views, reshapes, attention masks."""

from .snippet import Snippet, part, temporary

SNIPPETS = [
    Snippet(
        "concatenated along the wrong dimension",
        """
        numeric = torch.randn(16, 5)
        categorical = torch.randn(16, 8)
        features = ⟦torch.cat([numeric, categorical])⟧
        """,
        (part("numeric", 16, 5), part("categorical", 16, 8)),
        "shape",
        ("[numeric, categorical])", "[numeric, categorical], dim=1)"),
    ),
    Snippet(
        "a row appended without its dimension",
        """
        memory = torch.zeros(4, 16)
        newest = torch.ones(16)
        memory = ⟦torch.cat((memory, newest), dim=0)⟧
        """,
        (part("memory", 4, 16), part("newest", 16)),
        "shape",
        ("(memory, newest)", "(memory, newest.unsqueeze(0))"),
    ),
    Snippet(
        "pictures of several sizes",
        """
        pictures = [torch.rand(3, 20, 20), torch.rand(3, 20, 20), torch.rand(3, 24, 20)]
        batch = ⟦torch.stack(pictures)⟧
        """,
        (part("pictures[0]", 3, 20, 20), part("pictures[2]", 3, 24, 20)),
        "shape",
    ),
    Snippet(
        "skip connection one pixel too large",
        """
        class Up(nn.Module):
            def __init__(self):
                super().__init__()
                self.up = nn.Upsample(scale_factor=2)

            def forward(self, x, skip):
                x = self.up(x)
                return ⟦torch.cat([skip, x], dim=1)⟧

        up = Up()
        y = up(torch.rand(1, 8, 14, 14), torch.rand(1, 4, 29, 29))
        """,
        (part("skip", 1, 4, 29, 29), part("x", 1, 8, 28, 28)),
        "shape",
        ("torch.rand(1, 4, 29, 29)", "torch.rand(1, 4, 28, 28)"),
    ),
    Snippet(
        "view of a transposed matrix",
        """
        m = torch.arange(6).view(2, 3)
        flat = ⟦m.t().view(-1)⟧
        """,
        (temporary("m.t()", 3, 2),),
        "shape",
        (".view(-1)", ".reshape(-1)"),
    ),
    Snippet(
        "view after permute",
        """
        heads = torch.randn(2, 8, 10, 64)
        merged = heads.permute(0, 2, 1, 3)
        out = ⟦merged.view(2, 10, 512)⟧
        """,
        (part("merged", 2, 10, 8, 64),),
        "shape",
        ("merged.view(2, 10, 512)", "merged.reshape(2, 10, 512)"),
    ),
    Snippet(
        "elements that do not fit",
        """
        x = torch.arange(10)
        pairs = ⟦x.reshape(3, -1)⟧
        """,
        (part("x", 10),),
        "shape",
        ("reshape(3, -1)", "reshape(5, -1)"),
    ),
    Snippet(
        "flattened to the size of the book",
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(1, 6, 5)
                self.fc = nn.Linear(6 * 14 * 14, 10)

            def forward(self, x):
                x = F.max_pool2d(F.relu(self.conv(x)), 2)
                x = ⟦x.view(-1, 6 * 14 * 14)⟧
                return self.fc(x)

        net = Net()
        y = net(torch.rand(3, 1, 28, 28))
        """,
        (part("x", 3, 6, 12, 12),),
        "shape",
        ("torch.rand(3, 1, 28, 28)", "torch.rand(3, 1, 32, 32)"),
    ),
    Snippet(
        "permute of another rank",
        """
        image = torch.rand(1, 3, 32, 32)
        picture = ⟦image.permute(1, 2, 0)⟧
        """,
        (part("image", 1, 3, 32, 32),),
        "shape",
        ("image.permute(1, 2, 0)", "image[0].permute(1, 2, 0)"),
    ),
    Snippet(
        "expand of a dimension that is not 1",
        """
        v = torch.ones(3)
        m = ⟦v.expand(3, 4)⟧
        """,
        (part("v", 3),),
        "shape",
        ("v.expand(3, 4)", "v.unsqueeze(1).expand(3, 4)"),
    ),
    Snippet(
        "transposing a vector",
        """
        w = torch.randn(7)
        column = ⟦w.transpose(0, 1)⟧
        """,
        (part("w", 7),),
        "index",
        ("w.transpose(0, 1)", "w.unsqueeze(1)"),
    ),
    Snippet(
        "padding as attention mask",
        """
        q = k = v = torch.randn(2, 4, 10, 16)
        attend = torch.ones(2, 10, dtype=torch.bool)
        out = ⟦F.scaled_dot_product_attention(q, k, v, attn_mask=attend)⟧
        """,
        (part("q", 2, 4, 10, 16), part("attend", 2, 10)),
        "shape",
        ("attn_mask=attend", "attn_mask=attend[:, None, None, :]"),
    ),
    Snippet(
        "causal mask of the longest sequence",
        """
        longest = 32
        causal = torch.full((longest, longest), float("-inf")).triu(1)
        scores = torch.randn(2, 4, 20, 20)
        weights = (⟦scores + causal⟧).softmax(-1)
        """,
        (part("scores", 2, 4, 20, 20), part("causal", 32, 32)),
        "shape",
        ("scores + causal", "scores + causal[:20, :20]"),
    ),
    Snippet(
        "query of another width",
        """
        query = torch.randn(1, 2, 5, 16)
        key = torch.randn(1, 2, 7, 8)
        value = torch.randn(1, 2, 7, 8)
        context = ⟦F.scaled_dot_product_attention(query, key, value)⟧
        """,
        (part("query", 1, 2, 5, 16), part("key", 1, 2, 7, 8)),
        "shape",
    ),
    Snippet(
        "mask as a comparison",
        """
        tokens = torch.tensor([[5, 6, 0], [7, 0, 0]])
        scores = torch.randn(2, 4, 3, 3)
        scores = ⟦scores.masked_fill(tokens == 0, -1e9)⟧
        """,
        (part("scores", 2, 4, 3, 3), temporary("tokens == 0", 2, 3)),
        "shape",
        ("tokens == 0,", "(tokens == 0)[:, None, None, :],"),
    ),
]
