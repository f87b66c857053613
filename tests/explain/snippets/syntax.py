"""The same mistakes in every kind of expression and statement."""

from .snippet import Snippet, part, temporary

SNIPPETS = [
    Snippet(
        "call over several lines",
        """
        a = torch.ones(2, 3)
        b = torch.ones(2, 4)
        out = ⟦torch.cat(
            [
                a,  # the first
                b,
            ],
            dim=0,
        )⟧
        """,
        (part("a", 2, 3), part("b", 2, 4)),
        "shape",
        ("dim=0", "dim=1"),
    ),
    Snippet(
        "list comprehension",
        """
        x = torch.randn(4, 3)
        weights = [torch.randn(3, 5), torch.randn(3, 6), torch.randn(4, 6)]
        outs = [⟦x @ w⟧ for w in weights]
        """,
        (part("x", 4, 3), part("w", 4, 6)),
        "shape",
        ("torch.randn(4, 6)]", "torch.randn(3, 6)]"),
    ),
    Snippet(
        "ternary",
        """
        a, b, c = torch.ones(2, 3), torch.ones(2, 4), torch.ones(2, 3)
        wide = True
        y = ⟦a + b⟧ if wide else a + c
        """,
        (part("a", 2, 3), part("b", 2, 4)),
        "shape",
        ("wide = True", "wide = False"),
    ),
    Snippet(
        "two functions on one line",
        """
        def f(t):
            return t.sum(0)

        def g(t):
            return t.sum(1)

        x, y = torch.ones(3, 4), torch.ones(3, 4)
        z = ⟦f(x) + g(y)⟧
        """,
        (temporary("f(x)", 4), temporary("g(y)", 3)),
        "shape",
        ("t.sum(1)", "t.sum(0)"),
    ),
    Snippet(
        "lambda",
        """
        w = torch.randn(6, 2)
        project = lambda t: ⟦t @ w⟧
        y = project(torch.randn(3, 5))
        """,
        (part("t", 3, 5), part("w", 6, 2)),
        "shape",
        ("torch.randn(3, 5)", "torch.randn(3, 6)"),
    ),
    Snippet(
        "dictionaries and attributes",
        """
        from types import SimpleNamespace
        batch = {"x": torch.randn(16, 12), "y": torch.zeros(16)}
        params = SimpleNamespace(w=torch.randn(10, 1), b=torch.zeros(1))
        y = ⟦batch["x"] @ params.w⟧ + params.b
        """,
        (part('batch["x"]', 16, 12), part("params.w", 10, 1)),
        "shape",
        ("torch.randn(10, 1)", "torch.randn(12, 1)"),
    ),
    Snippet(
        "function of an earlier cell",
        """
        loss = distance(torch.randn(5, 8), torch.randn(6, 8))
        """,
        (part("p", 5, 8), part("q", 6, 8)),
        "shape",
        ("torch.randn(6, 8)", "torch.randn(5, 8)"),
        before="""
        def distance(p, q):
            difference = ⟦p - q⟧
            return difference.pow(2).sum()
        """,
    ),
    Snippet(
        "generator",
        """
        xs = [torch.ones(3), torch.ones(4)]
        ys = [torch.ones(3), torch.ones(5)]
        total = sum((⟦a * b⟧).sum() for a, b in zip(xs, ys))
        """,
        (part("a", 4), part("b", 5)),
        "shape",
        ("torch.ones(5)", "torch.ones(4)"),
    ),
    Snippet(
        "inside of calls",
        """
        x = torch.randn(2, 3)
        w = torch.randn(4, 5)
        b = torch.zeros(5)
        y = torch.relu(⟦torch.matmul(x, w)⟧ + b).mean()
        """,
        (part("x", 2, 3), part("w", 4, 5)),
        "shape",
        ("torch.randn(4, 5)", "torch.randn(3, 5)"),
    ),
    Snippet(
        "the same words twice on a line",
        """
        a, b = torch.ones(3), torch.ones(3)
        c, d = torch.ones(3), torch.ones(2)
        y = (a + b) * (⟦c + d⟧) - (a + b)
        """,
        (part("c", 3), part("d", 2)),
        "shape",
        ("torch.ones(2)", "torch.ones(3)"),
    ),
    Snippet(
        "chain of methods",
        """
        x = torch.arange(12.0).view(3, 4)
        y = ⟦x.transpose(0, 1).reshape(2, 5)⟧.sum(dim=0)
        """,
        (temporary("x.transpose(0, 1)", 4, 3),),
        "shape",
        ("reshape(2, 5)", "reshape(2, 6)"),
    ),
    Snippet(
        "walrus",
        """
        x = torch.randn(4, 3)
        w = torch.randn(4, 2)
        if (y := ⟦x @ w⟧).sum() > 0:
            print("positive")
        """,
        (part("x", 4, 3), part("w", 4, 2)),
        "shape",
        ("x @ w", "x.T @ w"),
    ),
    Snippet(
        "keywords",
        """
        x = torch.randn(4, 3)
        w = torch.randn(2, 5)
        with torch.no_grad():
            y = ⟦F.linear(input=x, weight=w)⟧
        """,
        (part("x", 4, 3), part("w", 2, 5)),
        "shape",
        ("torch.randn(2, 5)", "torch.randn(2, 3)"),
    ),
    Snippet(
        "decorated function with a loop",
        """
        @torch.no_grad()
        def evaluate(net, batches):
            right = 0
            for x, y in batches:
                p = net(x).argmax(1)
                right += (⟦p == y⟧).sum().item()
            return right

        net = nn.Linear(4, 3)
        batches = [(torch.randn(8, 4), torch.zeros(8)), (torch.randn(8, 4), torch.zeros(6))]
        evaluate(net, batches)
        """,
        (part("p", 8), part("y", 6)),
        "shape",
        ("torch.zeros(6)", "torch.zeros(8)"),
    ),
    Snippet(
        "formatted string",
        """
        p, q = torch.ones(3), torch.ones(4)
        print(f"distance: {(⟦p - q⟧).norm():.3f}")
        """,
        (part("p", 3), part("q", 4)),
        "shape",
        ("torch.ones(4)", "torch.ones(3)"),
    ),
    Snippet(
        "semicolons",
        """
        a = torch.ones(5); b = torch.ones(6); s = a.sum() + b.sum(); d = ⟦a.dot(b)⟧; print(d)
        """,
        (part("a", 5), part("b", 6)),
        "shape",
        ("torch.ones(6)", "torch.ones(5)"),
    ),
    Snippet(
        "words in other scripts before it",
        """
        größe, テンソル = torch.ones(3), torch.ones(4); label = "ß→テ"; y = ⟦größe * テンソル⟧
        """,
        (part("größe", 3), part("テンソル", 4)),
        "shape",
        ("torch.ones(4)", "torch.ones(3)"),
    ),
    Snippet(
        "nested function with a closure",
        """
        def make(scale):
            def apply(rows):
                return ⟦rows * scale⟧
            return apply

        apply = make(torch.ones(7))
        out = list(map(apply, [torch.ones(7), torch.ones(2, 7), torch.ones(7, 2)]))
        """,
        (part("rows", 7, 2), part("scale", 7)),
        "shape",
        ("torch.ones(7, 2)", "torch.ones(2, 7)"),
    ),
]
