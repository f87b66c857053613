"""Random programs of tensor operations; many of them fail somewhere.

While one is being made it is run, so that not all of them fail at once.
"""

from __future__ import annotations

import contextlib
import random
import warnings
from typing import Any, Callable, Dict, List, Sequence

SIZES = (1, 2, 3, 4, 6)

ELEMENTWISE = ("+", "-", "*", "/", "==", "<", ">=", "**", "//", "%")
UNARY_METHODS = (
    "sum()", "mean()", "t()", "T", "mT", "relu()", "exp()", "abs()", "flatten()", "contiguous()",
    "clone()", "float()", "long()", "double()", "half()", "bool()", "sum(0)", "sum(dim=1)",
    "mean(-1)", "mean(dim=0, keepdim=True)", "max(dim=1).values", "max(1)[1]", "argmax(dim=-1)",
    "unsqueeze(0)", "unsqueeze(-1)", "unsqueeze(1)", "squeeze()", "squeeze(0)", "squeeze(-1)",
    "transpose(0, 1)", "transpose(-1, -2)", "permute(1, 0)", "permute(2, 0, 1)", "softmax(dim=-1)",
    "softmax(1)", "view(-1)", "reshape(-1)", "view(2, -1)", "reshape(-1, 3)", "view(3, 4)",
    "reshape(2, 3)", "expand(2, -1)", "expand(4, 3)", "repeat(2, 1)", "chunk(2)[0]",
    "split(2)[0]", "unbind(0)[0]", "unbind(1)[1]", "flatten(1)", "flatten(0, 1)", "cumsum(0)",
    "std(dim=0)", "norm()", "detach()", "any()", "all()", "topk(2).indices", "sort(dim=0)[0]",
    "item()", "numel()", "shape", "shape[0]", "shape[-1]", "shape[1:]", "size(0)", "size(-1)",
    "dim()", "ndim", "dtype", "size()", "to(torch.float64)", "to(torch.int64)", "T.contiguous()",
    "neg()", "sqrt()", "new_zeros(2, 3)", "new_ones((4,))", "swapaxes(0, 1)", "movedim(0, -1)",
    "repeat_interleave(2, dim=0)", "flip(0)", "roll(1, 0)", "tril()", "diagonal()", "prod(0)",
    "var()", "amax(dim=(0, 1))", "count_nonzero()", "nonzero()", "unique()",
    "unflatten(0, (2, -1))",
)  # fmt: skip
INDICES = (
    "0", "-1", "1", ":", "1:", ":2", ":, 0", "..., 0", "None", ":, None", "0, 1", "::2", "[0, 1]",
    ":, [0, 1]", "0:1", "..., None", ":, :, 0", "2:2", "[0, 0, 1]", "1, :", "-2", "3",
)  # fmt: skip
FUNCTIONS = (
    "torch.matmul({a}, {b})", "torch.mm({a}, {b})", "torch.bmm({a}, {b})", "{a} @ {b}",
    "torch.cat([{a}, {b}])", "torch.cat([{a}, {b}], dim=1)", "torch.cat(({a}, {b}), -1)",
    "torch.stack([{a}, {b}])", "torch.stack([{a}, {b}], dim=1)", "torch.where({a} > 0, {a}, {b})",
    "torch.where({m}, {a}, {b})", "torch.maximum({a}, {b})", "torch.outer({a}, {b})",
    "F.linear({a}, {b})", "F.mse_loss({a}, {b})", "F.cross_entropy({a}, {i})",
    "F.embedding({i}, {a})", "F.relu({a})", "F.softmax({a}, dim=1)", "torch.dot({a}, {b})",
    "torch.einsum('ij,jk->ik', {a}, {b})", "torch.einsum('bi,bj->bij', {a}, {b})",
    "torch.add({a}, {b}, alpha=2)", "torch.zeros_like({a})", "torch.randn_like({a})",
    "torch.full_like({a}, 2)", "{a}.add({b})", "{a}.mul_({b})", "{a}.add_({b})", "{a}.copy_({b})",
    "torch.hstack([{a}, {b}])", "torch.vstack(({a}, {b}))", "{a}.masked_fill({m}, 0.0)",
    "{a}.gather(0, {i})", "{a}.index_select(0, {i})", "F.l1_loss({a}, {b})", "F.pad({a}, (1, 1))",
    "F.one_hot({i})", "{a}.expand_as({b})", "{a}.view_as({b})", "{a}.type_as({b})", "{a}.to({b})",
    "torch.addmm({a}, {b}, {c})", "F.scaled_dot_product_attention({a}, {b}, {c})",
    "torch.tensor([[1, 2, 3], [4, 5, 6]])", "torch.tensor([1.5, 2.5])", "torch.arange(6)",
    "torch.arange(12).view(3, 4)", "torch.eye(3)", "torch.linspace(0, 1, 4)",
    "torch.zeros({a}.shape)", "torch.ones({a}.shape[0], 3)", "torch.rand(*{a}.shape, 2)",
    "{a}.reshape({a}.shape[0], -1)", "{a}.view({a}.size(0), -1)", "{a}.reshape({b}.shape)",
    "{a}.sum() + {b}", "({a} - {b}).pow(2).mean()", "({a} - {b}) ** 2", "-{a} + {b}", "2 * {a}",
    "{a} / 2", "1 - {a}", "~({a} > {b})", "({a} > 0) & ({b} > 0)", "{a} if {a}.ndim == 2 else {b}",
    "len({a})", "{a}.shape == {b}.shape", "[{a}, {b}]", "({a}, {b})", "({a}, {b})[1]",
    "torch.stack([row for row in {a}])", "torch.cat([{b} for _ in range(2)])",
    "torch.stack([{a} + k for k in range(3)])", "sum(row.sum() for row in {a})",
    "[t.shape for t in ({a}, {b})]", "(lambda t: t @ t)({a})", "torch.stack(list({a}))",
    "nn.Linear(3, 4)({a})", "nn.Linear(4, 2)({a})", "lin({a})", "seq({a})", "conv({a})",
    "nn.Flatten()({a})", "nn.Dropout(0.1)({a})", "nn.ReLU()({a})", "emb({i})", "bn({a})", "ln({a})",
    "nn.MSELoss()({a}, {b})", "nn.CrossEntropyLoss()({a}, {i})", "{a}.max({b})", "torch.max({a})",
    "torch.broadcast_tensors({a}, {b})[0]", "torch.clamp({a}, min=0)", "{a}.clamp({b}, 3)",
    "lstm({a})[0]", "torch.as_tensor({a})", "{a} @ {b}.T", "{a}.T @ {b}", "{a}[{i}]", "{a}[{m}]",
    "{a}[{a} > 0]", "{a}.scatter_add(0, {i}, {b})", "torch.sum({a}, dim=-1, keepdim=True)",
    "{a} is None", "not {a}", "{a} and {b}", "float({a})", "F.conv2d({a}, {b})",
    "F.conv1d({a}, {b})",
    "F.max_pool2d({a}, 2)", "F.batch_norm({a}, None, None, training=True)",
)  # fmt: skip

PRELUDE = """\
import torch
import torch.nn.functional as F
from torch import nn
lin = nn.Linear(3, 4)
seq = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
conv = nn.Conv2d(3, 2, 3, padding=1)
emb = nn.Embedding(5, 3)
bn = nn.BatchNorm1d(3)
ln = nn.LayerNorm(4)
lstm = nn.LSTM(3, 4, batch_first=True)
"""


class Program:
    """One program, made from a seed."""

    def __init__(self, seed: int, statements: int = 10, blocks: bool = True) -> None:
        import torch

        torch.manual_seed(seed)  # whether a statement runs may depend on what is in a mask
        self.random = random.Random(seed)
        self.blocks = blocks
        self.floats: List[str] = []
        self.namespace: Dict[str, Any] = {"__name__": "__main__"}
        self.count = 0
        self.lines: List[str] = PRELUDE.splitlines()
        for name in "abcd":
            self.lines.append(f"{name} = {self.fresh()}")
            self.floats.append(name)
        self.lines.append(f"i = torch.randint(0, 3, {self.shape(2, SIZES[1:])})")
        self.lines.append(f"m = torch.rand{self.shape(2)} > 0.5" if self.random.random() < 0.9
                          else "m = torch.tensor(True)")  # fmt: skip
        self.runs("\n".join(self.lines))
        for _ in range(statements):
            self.lines.extend(self.likely(lambda: self.statement(0)))

    @property
    def source(self) -> str:
        """The text."""
        return "\n".join(self.lines) + "\n"

    def runs(self, source: str) -> bool:
        """Whether it runs where the program stands."""
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(None):
                warnings.simplefilter("ignore")
                exec(source, self.namespace)
        except Exception:
            return False
        return True

    def likely(self, make: Callable[[], List[str]]) -> List[str]:
        """A statement that runs, most of the time."""
        lines: List[str] = []
        for _ in range(8):
            floats = list(self.floats)
            lines = make()
            if self.runs("\n".join(lines)) or self.random.random() < 0.02:
                break
            self.floats = floats
        return lines

    def shape(self, most: int = 3, sizes: Sequence[int] = SIZES) -> str:
        """``(3, 4)``."""
        sizes = [self.random.choice(sizes) for _ in range(self.random.randint(1, most))]
        return "(" + ", ".join(map(str, sizes)) + ",)"

    def fresh(self) -> str:
        """A new tensor."""
        r = self.random.random()
        if r < 0.5:
            return f"torch.randn{self.shape(4)}"
        if r < 0.6:
            return f"torch.zeros({self.shape()}, dtype=torch.float64)"
        if r < 0.7:
            return f"torch.ones({self.shape()}, dtype=torch.int64)"
        if r < 0.75:
            return "torch.tensor(2.0)"
        return f"torch.rand({self.shape(2)})"

    def one(self) -> str:
        """A name."""
        return self.random.choice(self.floats)

    def expression(self) -> str:
        """Something to compute."""
        r = self.random.random()
        a, b, c = self.one(), self.one(), self.one()
        if r < 0.18:
            return f"{a} {self.random.choice(ELEMENTWISE)} {b}"
        if r < 0.45:
            return f"{a}.{self.random.choice(UNARY_METHODS)}"
        if r < 0.55:
            return f"{a}[{self.random.choice(INDICES)}]"
        if r < 0.62:
            return self.fresh()
        return self.random.choice(FUNCTIONS).format(a=a, b=b, c=c, i="i", m="m")

    def target(self) -> str:
        """A name to assign to, old or new."""
        if self.random.random() < 0.5:
            return self.one()
        self.count += 1
        name = f"v{self.count}"
        self.floats.append(name)
        return name

    def statement(self, depth: int) -> List[str]:
        """Lines of one statement."""
        r = self.random.random()
        if self.blocks and depth < 2 and r < 0.22:
            return self.block(depth)
        if r < 0.32:
            sign = self.random.choice(("+", "-", "*", "/"))
            right = self.random.choice((self.one(), "2", "0.5", self.expression()))
            return [f"{self.one()} {sign}= {right}"]
        if r < 0.36:
            left = self.random.choice(("p, q", "p, q, r", "p, *q", "*p, q", "(p, q)"))
            right = self.random.choice(
                (self.one(), f"{self.one()}.shape", f"{self.one()}.chunk(2)")
            )
            return [f"{left} = {right}"]
        if r < 0.41:
            value = self.random.choice((self.one(), "0", "1.5", f"{self.one()}[0]"))
            return [f"{self.one()}[{self.random.choice(INDICES)}] = {value}"]
        if r < 0.44:
            name = self.random.choice(("unsqueeze_(0)", "t_()", "squeeze_()", "transpose_(0, 1)"))
            return [f"{self.one()}.{name}"]
        if r < 0.46:
            self.count += 1
            name = f"w{self.count}"
            self.floats.append(name)
            return [f"{name} = {self.one()}"]
        if r < 0.48:
            return [f"({self.target()} := {self.expression()})"]
        if r < 0.5:
            return [f"torch.add({self.one()}, {self.one()}, out={self.one()})"]
        value = self.expression()
        return [f"{self.target()} = {value}"]

    def block(self, depth: int) -> List[str]:
        """An if, a loop, a try, a function …"""
        known = list(self.floats)
        inside = [
            "    " + line
            for _ in range(self.random.randint(1, 3))
            for line in self.statement(depth + 1)
        ]
        orelse = ["    " + line for line in self.statement(depth + 1)]
        self.floats = known
        a, b = self.one(), self.one()
        flag = self.random.choice(("True", "False"))
        kind = self.random.randrange(12)
        if kind == 0:
            return [f"if {a}.ndim == {b}.ndim:", *inside, "else:", *orelse]
        if kind == 1:
            return [f"if int('{int(flag == 'True')}'):", *inside, "else:", *orelse]
        if kind == 2:
            return [f"for k in range({self.random.randint(0, 3)}):", *inside]
        if kind == 3:
            return [f"for row in {a}:", *inside]
        if kind == 4:
            return ["try:", *inside, "except (RuntimeError, ValueError, TypeError, IndexError):",
                    *orelse]  # fmt: skip
        if kind == 5:
            return ["with torch.no_grad():", *inside]
        if kind == 6:
            return ["def f():", *inside]
        if kind == 7:
            return [f"for t in ({a}, {b}):", *inside, "    if k_ := len(t.shape) > 1:",
                    "        continue", *orelse]  # fmt: skip
        if kind == 8:
            return ["n = 0", "while n < 2:", "    n += 1", *inside]
        if kind == 9:
            return [f"if any([{flag}]):", *inside]
        if kind == 10:
            return ["import contextlib", "with contextlib.suppress(Exception):", *inside]
        return [f"for k, row in enumerate({a}):", *inside, "    break"]
