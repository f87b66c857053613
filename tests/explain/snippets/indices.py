"""Embeddings, indexing, gathering."""

from .snippet import Snippet, part

SNIPPETS = [
    Snippet(
        "token beyond the vocabulary",
        """
        emb = nn.Embedding(10, 3)
        ids = torch.tensor([[1, 2, 4, 10]])
        vectors = ⟦emb(ids)⟧
        """,
        (part("ids", 1, 4), part("emb.weight", 10, 3)),
        "index",
        ("nn.Embedding(10, 3)", "nn.Embedding(11, 3)"),
        layer="emb",
    ),
    Snippet(
        "tokens as floats",
        """
        embedding = nn.Embedding(100, 16)
        tokens = torch.tensor([3.0, 7.0, 42.0])
        vectors = ⟦embedding(tokens)⟧
        """,
        (part("tokens", 3), part("embedding.weight", 100, 16)),
        "dtype",
        ("embedding(tokens)", "embedding(tokens.long())"),
        layer="embedding",
    ),
    Snippet(
        "a row that is not there",
        """
        x = torch.randn(5, 2)
        i = 5
        row = ⟦x[i]⟧
        """,
        (part("x", 5, 2),),
        "index",
        ("x[i]", "x[i - 1]"),
    ),
    Snippet(
        "too many indices",
        """
        hidden = torch.randn(8, 64)
        first = ⟦hidden[:, 0, :]⟧
        """,
        (part("hidden", 8, 64),),
        "index",
        ("hidden[:, 0, :]", "hidden[:, :]"),
    ),
    Snippet(
        "floats as indices",
        """
        table = torch.randn(10, 4)
        order = torch.tensor([2.0, 0.0, 1.0])
        rows = ⟦table[order]⟧
        """,
        (part("table", 10, 4), part("order", 3)),
        "dtype",
        ("table[order]", "table[order.long()]"),
    ),
    Snippet(
        "gather with labels of rank 1",
        """
        q_values = torch.randn(32, 4)
        actions = torch.randint(0, 4, (32,))
        chosen = ⟦q_values.gather(1, actions)⟧
        """,
        (part("q_values", 32, 4), part("actions", 32)),
        "shape",
        ("gather(1, actions)", "gather(1, actions.unsqueeze(1))"),
    ),
    Snippet(
        "rows and columns of different number",
        """
        board = torch.zeros(8, 8)
        rows = torch.tensor([0, 1, 2])
        columns = torch.tensor([0, 1])
        picked = ⟦board[rows, columns]⟧
        """,
        (part("board", 8, 8), part("rows", 3), part("columns", 2)),
        "index",
        ("board[rows, columns]", "board[rows[:, None], columns]"),
    ),
    Snippet(
        "beyond the end of a permutation",
        """
        data = torch.randn(80, 3)
        permutation = torch.randperm(100)
        shuffled = ⟦data[permutation]⟧
        """,
        (part("data", 80, 3), part("permutation", 100)),
        "index",
        ("torch.randperm(100)", "torch.randperm(80)"),
    ),
    Snippet(
        "dimension that is not there",
        """
        scores = torch.randn(5)
        probabilities = ⟦torch.softmax(scores, dim=1)⟧
        """,
        (part("scores", 5),),
        "index",
        ("dim=1", "dim=0"),
    ),
    Snippet(
        "embedding inside a model",
        """
        class Tagger(nn.Module):
            def __init__(self, words, tags):
                super().__init__()
                self.emb = nn.Embedding(words, 8)
                self.out = nn.Linear(8, tags)

            def forward(self, words):
                return self.out(⟦self.emb(words)⟧)

        tagger = Tagger(20, 5)
        scores = tagger(torch.tensor([[1, 2, 25]]))
        """,
        (part("words", 1, 3), part("self.emb.weight", 20, 8)),
        "index",
        ("Tagger(20, 5)", "Tagger(26, 5)"),
        layer="tagger.emb",
    ),
]
