"""The paths of torch, NumPy and math that are followed, under every name that they have."""

from __future__ import annotations

from typing import Dict, FrozenSet

from ..dtypes import ALIASES, ITEMSIZE

DTYPES: Dict[str, str] = {**{name: name for name in ITEMSIZE}, **ALIASES}

#: Modules whose attributes are named by their path.
NAMESPACES = frozenset(
    {
        "torch",
        "torch.nn",
        "torch.nn.functional",
        "torch.nn.init",
        "torch.nn.utils",
        "torch.nn.utils.rnn",
        "torch.autograd",
        "torch.autograd.profiler",
        "torch.backends",
        "torch.backends.cudnn",
        "torch.backends.mps",
        "torch.cuda",
        "torch.fft",
        "torch.linalg",
        "torch.optim",
        "torch.optim.lr_scheduler",
        "torch.random",
        "torch.special",
        "torch.utils",
        "torch.utils.data",
        "math",
        "numpy",
        "numpy.random",
        "builtins",
        "contextlib",
        "warnings",
        "time",
        "random",
        "os",
        "sys",
        "copy",
        "tqdm",
        "matplotlib",
        "matplotlib.pyplot",
    }
)

#: Classes whose methods may be called on the class: ``torch.Tensor.add(x, y)``.
CLASSES = frozenset({"torch.Tensor"})

#: Imports that are known by another path.
_SAME = {"torch.functional": "torch", "np": "numpy"}


def canonical(path: str) -> str:
    """The documented path."""
    return _SAME.get(path, path)


def followed(path: str) -> bool:
    """Whether something at this path may be followed."""
    owner = path.rpartition(".")[0]
    return path in NAMESPACES or owner in NAMESPACES


def words(text: str) -> FrozenSet[str]:
    """A set of names, written with spaces between them."""
    return frozenset(text.split())
