"""Layers: alone, in nn.Sequential, in a module of the user's."""

from .snippet import Snippet, part, temporary

SNIPPETS = [
    Snippet(
        "linear after flatten",
        """
        model = nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 28 * 28, 10)
        )
        images = torch.rand(4, 1, 28, 28)
        out = ⟦model(images)⟧
        """,
        (temporary("input of model[3]", 4, 5408), part("model[3].weight", 10, 6272)),
        "shape",
        ("8 * 28 * 28", "8 * 26 * 26"),
        layer="model[3]",
    ),
    Snippet(
        "flatten forgotten",
        """
        classifier = nn.Linear(784, 10)
        images = torch.rand(64, 1, 28, 28)
        logits = ⟦classifier(images)⟧
        """,
        (part("images", 64, 1, 28, 28), part("classifier.weight", 10, 784)),
        "shape",
        ("classifier(images)", "classifier(images.flatten(1))"),
        layer="classifier",
    ),
    Snippet(
        "first fully connected layer of a network",
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1 = nn.Conv2d(3, 6, 5)
                self.pool = nn.MaxPool2d(2, 2)
                self.conv2 = nn.Conv2d(6, 16, 5)
                self.fc1 = nn.Linear(16 * 5 * 5, 120)
                self.fc2 = nn.Linear(120, 10)

            def forward(self, x):
                x = self.pool(F.relu(self.conv1(x)))
                x = self.pool(F.relu(self.conv2(x)))
                x = torch.flatten(x, 1)
                x = F.relu(⟦self.fc1(x)⟧)
                return self.fc2(x)

        net = Net()
        outputs = net(torch.rand(4, 3, 64, 64))
        """,
        (part("x", 4, 2704), part("self.fc1.weight", 120, 400)),
        "shape",
        ("16 * 5 * 5", "16 * 13 * 13"),
        layer="net.fc1",
    ),
    Snippet(
        "in and out swapped",
        """
        fc = nn.Linear(10, 784)
        x = torch.rand(32, 784)
        y = ⟦fc(x)⟧
        """,
        (part("x", 32, 784), part("fc.weight", 784, 10)),
        "shape",
        ("nn.Linear(10, 784)", "nn.Linear(784, 10)"),
        layer="fc",
    ),
    Snippet(
        "one example without its batch",
        """
        net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
        example = torch.tensor([5.1, 3.5, 1.4, 0.2])
        net.eval()
        answer = ⟦net(example)⟧
        """,
        (temporary("input of net[1]", 8),),
        "shape",
        ("net(example)", "net(example.unsqueeze(0))"),
        layer="net[1]",
    ),
    Snippet(
        "channels last",
        """
        conv = nn.Conv2d(3, 16, 3, padding=1)
        photos = torch.rand(8, 32, 32, 3)
        maps = ⟦conv(photos)⟧
        """,
        (part("photos", 8, 32, 32, 3), part("conv.weight", 16, 3, 3, 3)),
        "shape",
        ("conv(photos)", "conv(photos.permute(0, 3, 1, 2))"),
        layer="conv",
    ),
    Snippet(
        "grey images without a channel",
        """
        conv = nn.Conv2d(1, 4, 3)
        digits = torch.rand(64, 28, 28)
        maps = ⟦conv(digits)⟧
        """,
        (part("digits", 64, 28, 28), part("conv.weight", 4, 1, 3, 3)),
        "shape",
        ("conv(digits)", "conv(digits.unsqueeze(1))"),
        layer="conv",
    ),
    Snippet(
        "one picture of rank 2",
        """
        conv = nn.Conv2d(1, 4, 3)
        picture = torch.rand(28, 28)
        maps = ⟦conv(picture)⟧
        """,
        (part("picture", 28, 28), part("conv.weight", 4, 1, 3, 3)),
        "shape",
        ("conv(picture)", "conv(picture.unsqueeze(0))"),
        layer="conv",
    ),
    Snippet(
        "sequence with its channels last",
        """
        conv = nn.Conv1d(40, 64, 5)
        audio = torch.rand(8, 100, 40)
        out = ⟦conv(audio)⟧
        """,
        (part("audio", 8, 100, 40), part("conv.weight", 64, 40, 5)),
        "shape",
        ("conv(audio)", "conv(audio.transpose(1, 2))"),
        layer="conv",
    ),
    Snippet(
        "grey picture for a colour network",
        """
        backbone = nn.Sequential(nn.Conv2d(3, 8, 7, stride=2), nn.ReLU())
        scan = torch.rand(1, 1, 64, 64)
        features = ⟦backbone(scan)⟧
        """,
        (part("scan", 1, 1, 64, 64), part("backbone[0].weight", 8, 3, 7, 7)),
        "shape",
        ("backbone(scan)", "backbone(scan.expand(-1, 3, -1, -1))"),
        layer="backbone[0]",
    ),
    Snippet(
        "kernel larger than what is left",
        """
        model = nn.Sequential(
            nn.Conv2d(1, 4, 5), nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 5), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 5),
        )
        out = ⟦model(torch.rand(2, 1, 28, 28))⟧
        """,
        (temporary("input of model[4]", 2, 8, 4, 4), part("model[4].weight", 16, 8, 5, 5)),
        "shape",
        ("nn.Conv2d(8, 16, 5)", "nn.Conv2d(8, 16, 3)"),
        layer="model[4]",
    ),
    Snippet(
        "kernel of rank 2",
        """
        sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
        image = torch.rand(1, 1, 20, 20)
        edges = ⟦F.conv2d(image, sobel, padding=1)⟧
        """,
        (part("image", 1, 1, 20, 20), part("sobel", 3, 3)),
        "shape",
        ("image, sobel,", "image, sobel[None, None],"),
    ),
    Snippet(
        "bytes into a convolution",
        """
        conv = nn.Conv2d(3, 8, 3)
        picture = torch.randint(0, 256, (1, 3, 16, 16), dtype=torch.uint8)
        out = ⟦conv(picture)⟧
        """,
        (part("picture", 1, 3, 16, 16), part("conv.weight", 8, 3, 3, 3)),
        "dtype",
        ("conv(picture)", "conv(picture.float())"),
        layer="conv",
    ),
    Snippet(
        "features of a batch norm",
        """
        block = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(32), nn.ReLU())
        y = ⟦block(torch.rand(2, 3, 8, 8))⟧
        """,
        (temporary("input of block[1]", 2, 16, 6, 6), part("block[1].weight", 32)),
        "shape",
        ("BatchNorm2d(32)", "BatchNorm2d(16)"),
        layer="block[1]",
    ),
    Snippet(
        "sequence into a batch norm",
        """
        norm = nn.BatchNorm1d(64)
        hidden = torch.randn(4, 20, 64)
        y = ⟦norm(hidden)⟧
        """,
        (part("hidden", 4, 20, 64), part("norm.weight", 64)),
        "shape",
        ("norm(hidden)", "norm(hidden.transpose(1, 2))"),
        layer="norm",
    ),
    Snippet(
        "layer norm of another width",
        """
        norm = nn.LayerNorm(512)
        tokens = torch.randn(2, 10, 256)
        y = ⟦norm(tokens)⟧
        """,
        (part("tokens", 2, 10, 256),),
        "shape",
        ("nn.LayerNorm(512)", "nn.LayerNorm(256)"),
        layer="norm",
    ),
    Snippet(
        "recurrent layer of another width",
        """
        lstm = nn.LSTM(input_size=10, hidden_size=20, batch_first=True)
        sentences = torch.randn(3, 7, 12)
        out, state = ⟦lstm(sentences)⟧
        """,
        (part("sentences", 3, 7, 12),),
        "shape",
        ("input_size=10", "input_size=12"),
        layer="lstm",
    ),
    Snippet(
        "doubles into a linear layer",
        """
        data = np.random.rand(100, 20)
        fc = nn.Linear(20, 5)
        y = ⟦fc(torch.from_numpy(data))⟧
        """,
        (temporary("torch.from_numpy(data)", 100, 20), part("fc.weight", 5, 20)),
        "dtype",
        ("torch.from_numpy(data)", "torch.from_numpy(data).float()"),
        layer="fc",
    ),
    Snippet(
        "integers into a linear layer",
        """
        fc = nn.Linear(4, 2)
        x = torch.tensor([[1, 2, 3, 4]])
        y = ⟦fc(x)⟧
        """,
        (part("x", 1, 4), part("fc.weight", 2, 4)),
        "dtype",
        ("fc(x)", "fc(x.float())"),
        layer="fc",
    ),
    Snippet(
        "block in a list of blocks",
        """
        class Encoder(nn.Module):
            def __init__(self, widths):
                super().__init__()
                self.blocks = nn.ModuleList(
                    nn.Sequential(nn.Linear(a, b), nn.GELU()) for a, b in widths
                )

            def forward(self, x):
                for block in self.blocks:
                    x = ⟦block(x)⟧
                return x

        encoder = Encoder([(8, 16), (16, 32), (64, 8)])
        z = encoder(torch.randn(5, 8))
        """,
        (part("x", 5, 32), part("block[0].weight", 8, 64)),
        "shape",
        ("(64, 8)", "(32, 8)"),
        layer="encoder.blocks[2][0]",
    ),
    Snippet(
        "frames of a video",
        """
        conv = nn.Conv3d(3, 8, 3)
        clip = torch.rand(16, 3, 64, 64)
        out = ⟦conv(clip)⟧
        """,
        (part("clip", 16, 3, 64, 64), part("conv.weight", 8, 3, 3, 3, 3)),
        "shape",
        ("conv(clip)", "conv(clip.transpose(0, 1))"),
        layer="conv",
    ),
    Snippet(
        "head called with the whole output",
        """
        class Classifier(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm = nn.LSTM(8, 16, batch_first=True, bidirectional=True)
                self.head = nn.Linear(16, 2)

            def forward(self, x):
                out, (h, c) = self.lstm(x)
                return ⟦self.head(out[:, -1])⟧

        model = Classifier()
        y = model(torch.randn(4, 9, 8))
        """,
        (temporary("out[:, -1]", 4, 32), part("self.head.weight", 2, 16)),
        "shape",
        ("nn.Linear(16, 2)", "nn.Linear(32, 2)"),
        layer="model.head",
    ),
]
