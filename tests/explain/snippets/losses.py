"""Targets of losses."""

from .snippet import Snippet, part, temporary

SNIPPETS = [
    Snippet(
        "labels as a column",
        """
        logits = torch.randn(4, 10, requires_grad=True)
        labels = torch.randint(0, 10, (4, 1))
        loss = ⟦F.cross_entropy(logits, labels)⟧
        """,
        (part("logits", 4, 10), part("labels", 4, 1)),
        "shape",
        ("logits, labels)", "logits, labels.squeeze(1))"),
    ),
    Snippet(
        "labels as floats",
        """
        criterion = nn.CrossEntropyLoss()
        outputs = torch.randn(8, 3)
        targets = torch.tensor([0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0])
        loss = ⟦criterion(outputs, targets)⟧
        """,
        (part("outputs", 8, 3), part("targets", 8)),
        "dtype",
        ("criterion(outputs, targets)", "criterion(outputs, targets.long())"),
        layer="criterion",
    ),
    Snippet(
        "batch folded into features",
        """
        criterion = nn.CrossEntropyLoss()
        outputs = torch.randn(4, 2, 10).view(-1, 10)
        labels = torch.randint(0, 10, (4,))
        loss = ⟦criterion(outputs, labels)⟧
        """,
        (part("outputs", 8, 10), part("labels", 4)),
        "shape",
        ("torch.randn(4, 2, 10).view(-1, 10)", "torch.randn(4, 10)"),
        layer="criterion",
    ),
    Snippet(
        "class 10 of ten",
        """
        log_probs = torch.randn(3, 10).log_softmax(1)
        digits = torch.tensor([1, 10, 3])
        loss = ⟦F.nll_loss(log_probs, digits)⟧
        """,
        (part("log_probs", 3, 10), part("digits", 3)),
        "index",
        ("log_probs, digits)", "log_probs, digits - 1)"),
    ),
    Snippet(
        "probabilities as a column",
        """
        bce = nn.BCELoss()
        probability = torch.rand(8, 1)
        truth = torch.ones(8)
        loss = ⟦bce(probability, truth)⟧
        """,
        (part("probability", 8, 1), part("truth", 8)),
        "shape",
        ("bce(probability, truth)", "bce(probability, truth.unsqueeze(1))"),
        layer="bce",
    ),
    Snippet(
        "whole numbers as truth",
        """
        logits = torch.randn(6, requires_grad=True)
        truth = torch.tensor([0, 1, 1, 0, 1, 0])
        loss = ⟦F.binary_cross_entropy_with_logits(logits, truth)⟧
        """,
        (part("logits", 6), part("truth", 6)),
        "dtype",
        ("logits, truth)", "logits, truth.float())"),
    ),
    Snippet(
        "squared error of two sizes",
        """
        prediction = torch.randn(8, 3)
        wanted = torch.randn(8, 4)
        loss = ⟦nn.MSELoss()(prediction, wanted)⟧
        """,
        (part("prediction", 8, 3), part("wanted", 8, 4)),
        "shape",
    ),
    Snippet(
        "masks with a channel",
        """
        logits = torch.randn(2, 5, 16, 16)
        masks = torch.randint(0, 5, (2, 1, 16, 16))
        loss = ⟦F.cross_entropy(logits, masks)⟧
        """,
        (part("logits", 2, 5, 16, 16), part("masks", 2, 1, 16, 16)),
        "shape",
        ("logits, masks)", "logits, masks.squeeze(1))"),
    ),
    Snippet(
        "classes of a sequence last",
        """
        vocabulary = 50
        logits = torch.randn(2, 7, vocabulary)
        tokens = torch.randint(0, vocabulary, (2, 7))
        loss = ⟦F.cross_entropy(logits, tokens)⟧
        """,
        (part("logits", 2, 7, 50), part("tokens", 2, 7)),
        "shape",
        ("logits, tokens)", "logits.transpose(1, 2), tokens)"),
    ),
    Snippet(
        "one label for a batch",
        """
        model = nn.Linear(6, 3)
        data, label = torch.randn(5, 6), torch.tensor([1])
        loss = ⟦F.cross_entropy(model(data), label)⟧
        """,
        (temporary("model(data)", 5, 3), part("label", 1)),
        "shape",
        ("model(data), label", "model(data), label.expand(5)"),
    ),
]
