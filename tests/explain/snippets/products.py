"""Matrix products and their kin."""

from .snippet import Snippet, part, temporary

SNIPPETS = [
    Snippet(
        "weights not transposed",
        """
        x = torch.randn(32, 10)
        w = torch.randn(5, 10)
        y = ⟦x @ w⟧
        """,
        (part("x", 32, 10), part("w", 5, 10)),
        "shape",
        ("x @ w", "x @ w.T"),
    ),
    Snippet(
        "keys not transposed",
        """
        q = torch.randn(2, 8, 16, 64)
        k = torch.randn(2, 8, 16, 64)
        scores = ⟦torch.matmul(q, k)⟧ / 8.0
        """,
        (part("q", 2, 8, 16, 64), part("k", 2, 8, 16, 64)),
        "shape",
        ("torch.matmul(q, k)", "torch.matmul(q, k.transpose(-2, -1))"),
    ),
    Snippet(
        "mm of a batch",
        """
        batch = torch.randn(4, 5, 6)
        w = torch.randn(6, 7)
        y = ⟦torch.mm(batch, w)⟧
        """,
        (part("batch", 4, 5, 6), part("w", 6, 7)),
        "shape",
        ("torch.mm", "torch.matmul"),
    ),
    Snippet(
        "bmm with one matrix",
        """
        batch = torch.randn(4, 5, 6)
        w = torch.randn(6, 7)
        y = ⟦torch.bmm(batch, w)⟧
        """,
        (part("batch", 4, 5, 6), part("w", 6, 7)),
        "shape",
        ("torch.bmm", "torch.matmul"),
    ),
    Snippet(
        "second link of a chain",
        """
        x = torch.randn(8, 4)
        w1, w2, w3 = torch.randn(4, 6), torch.randn(5, 6), torch.randn(6, 2)
        y = ⟦x @ w1 @ w2⟧ @ w3
        """,
        (temporary("x @ w1", 8, 6), part("w2", 5, 6)),
        "shape",
    ),
    Snippet(
        "features from NumPy",
        """
        features = torch.from_numpy(np.random.rand(100, 20))
        w = torch.randn(20, 3, requires_grad=True)
        y = ⟦features @ w⟧
        """,
        (part("features", 100, 20), part("w", 20, 3)),
        "dtype",
        ("features @ w", "features.float() @ w"),
    ),
    Snippet(
        "integers times floats",
        """
        adjacency = torch.randint(0, 2, (5, 5))
        h = torch.randn(5, 16)
        messages = ⟦adjacency @ h⟧
        """,
        (part("adjacency", 5, 5), part("h", 5, 16)),
        "dtype",
        ("adjacency @ h", "adjacency.float() @ h"),
    ),
    Snippet(
        "einsum with a letter of two sizes",
        """
        q = torch.randn(2, 10, 64)
        k = torch.randn(2, 12, 32)
        s = ⟦einsum("bid,bjd->bij", q, k)⟧
        """,
        (part("q", 2, 10, 64), part("k", 2, 12, 32)),
        "shape",
    ),
    Snippet(
        "functional linear with a weight of the wrong way",
        """
        x = torch.randn(4, 10)
        weight = torch.randn(10, 3)
        y = ⟦F.linear(x, weight)⟧
        """,
        (part("x", 4, 10), part("weight", 10, 3)),
        "shape",
        ("F.linear(x, weight)", "F.linear(x, weight.T)"),
    ),
    Snippet(
        "dot of columns",
        """
        a = torch.randn(5, 1)
        b = torch.randn(5, 1)
        s = ⟦torch.dot(a, b)⟧
        """,
        (part("a", 5, 1), part("b", 5, 1)),
        "shape",
        ("torch.dot(a, b)", "torch.dot(a.squeeze(1), b.squeeze(1))"),
    ),
    Snippet(
        "matrix times vector of another length",
        """
        transition = torch.rand(3, 3)
        state = torch.rand(4)
        state = ⟦transition.mv(state)⟧
        """,
        (part("transition", 3, 3), part("state", 4)),
        "shape",
    ),
    Snippet(
        "half with float",
        """
        x = torch.randn(4, 8)
        w = torch.randn(8, 8, dtype=torch.float16)
        y = ⟦x.matmul(w)⟧
        """,
        (part("x", 4, 8), part("w", 8, 8)),
        "dtype",
        ("x.matmul(w)", "x.matmul(w.float())"),
    ),
    Snippet(
        "batches of different size",
        """
        a = torch.randn(3, 4, 5)
        b = torch.randn(2, 5, 6)
        c = ⟦a @ b⟧
        """,
        (part("a", 3, 4, 5), part("b", 2, 5, 6)),
        "shape",
    ),
]
