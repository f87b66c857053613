"""torch as the oracle: the same question to it and to the engine, and where they differ."""

from __future__ import annotations

import collections
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from jupyter_dlkit.shapes import (
    CannotCheck,
    Malformed,
    Operand,
    Scalar,
    Verdict,
    bind,
    check,
)


def dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def operand(tensor: torch.Tensor, name: str | None = None, ranges: bool = True) -> Operand:
    """What the engine is told of a tensor: nothing of its values but an integer's range."""
    limits = None
    readable = tensor.device.type == "cpu" and tensor.numel() and type(tensor) is torch.Tensor
    if ranges and readable and tensor.dtype in (torch.int64, torch.int32):
        limits = (int(tensor.min()), int(tensor.max()))
    return Operand(
        tuple(tensor.shape),
        dtype_name(tensor.dtype),
        str(tensor.device),
        name,
        tensor.requires_grad,
        tensor.is_leaf,
        tuple(tensor.stride()),
        limits,
    )


def plain(value: Any, ranges: bool = True) -> Any:
    """An argument as the engine takes it."""
    if isinstance(value, torch.Tensor):
        return operand(value, ranges=ranges)
    if isinstance(value, (torch.dtype, torch.device)):
        return str(value)
    if isinstance(value, (torch.memory_format, torch.layout)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(one, ranges) for one in value]
    return value


@dataclass
class Tally:
    """What was asked, what was left out and why, and where the answers differ."""

    asked: int = 0
    left_out: collections.Counter[str] = field(default_factory=collections.Counter)
    differ: list[str] = field(default_factory=list)
    refused: int = 0

    def compare(
        self,
        operation: str,
        run: Callable[[], Any],
        positional: Sequence[Any],
        keywords: Mapping[str, Any] | None = None,
        ranges: bool = True,
        strides: bool = True,
    ) -> None:
        """Asks both; a difference is noted in a line that says all."""
        keywords = keywords or {}
        told = [plain(one, ranges) for one in positional]
        named = {name: plain(value, ranges) for name, value in keywords.items()}
        try:
            verdict: Verdict | None = check(operation, *bind(operation, told, named))
            reason = verdict.problems[0].message if verdict and verdict.problems else ""
        except Malformed as error:
            verdict, reason = None, f"Malformed: {error}"
        except CannotCheck as error:
            self.left_out[f"{operation}: {error}"[:110]] += 1
            return
        self.asked += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                real: Any = run()
            failure = None
        except Exception as error:
            failure = " ".join(str(error).split())[:160]
            self.refused += 1
        if failure is not None and "ZeroDivisionError" in failure:
            self.left_out["a division of integers by 0: in the values"] += 1
            return
        text = f"{operation}({_short(told)}, {_short(named)})"
        if failure is not None:
            if verdict is not None and verdict.ok:
                self.differ.append(f"ACCEPTS {text}: torch: {failure}")
            return
        if verdict is None or not verdict.ok:
            self.differ.append(f"REFUSES {text}: {reason}")
            return
        self._results(text, verdict, real, strides)

    def _results(self, text: str, verdict: Verdict, real: Any, strides: bool) -> None:
        if verdict.undetermined is not None or verdict.scalar is not None:
            if verdict.scalar is not None and type(verdict.scalar.value) is not type(real):
                self.differ.append(f"SCALAR {text}: {verdict.scalar} {real!r}")
            return
        tensors = [real] if isinstance(real, torch.Tensor) else list(real)
        if len(tensors) != len(verdict.results):
            self.differ.append(f"COUNT {text}: {len(verdict.results)}, torch {len(tensors)}")
            return
        for mine, its in zip(verdict.results, tensors, strict=True):
            for what, one, two in (
                ("SHAPE", mine.shape, tuple(its.shape)),
                ("DTYPE", mine.dtype, dtype_name(its.dtype)),
                ("DEVICE", mine.device, str(its.device)),
            ):
                if one != two:
                    self.differ.append(f"{what} {text}: {one}, torch {two}")
            if (
                strides
                and mine.strides is not None
                and _steps(mine.shape, mine.strides) != _steps(tuple(its.shape), its.stride())
            ):
                self.differ.append(f"STRIDES {text}: {mine.strides}, torch {its.stride()}")


def _steps(shape: Sequence[int], strides: Sequence[int]) -> Any:
    """The strides that matter: none of a dimension of 1, none of an empty tensor."""
    if 0 in shape:
        return None
    return [stride for size, stride in zip(shape, strides, strict=True) if size != 1]


def _short(value: Any) -> str:
    if isinstance(value, Operand):
        device = "" if value.device == "cpu" else f"@{value.device}"
        return f"{value.dtype}{list(value.shape)}{device}"
    if isinstance(value, Scalar):
        return repr(value.value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_short(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={_short(one)}" for name, one in value.items()) + "}"
    return repr(value)
