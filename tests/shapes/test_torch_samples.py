"""torch's own sample inputs and error inputs, for every operation that has a rule."""

from __future__ import annotations

import importlib.util
import os
import sys
import types
import unittest
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from jupyter_dlkit.shapes import OPERATIONS

from .oracle import Tally

ALL = int(os.environ.get("DLKIT_SHAPE_CASES", "0")) >= 100_000
#: Of each operation and dtype.
MOST = 1000 if ALL else 4
DTYPES = [torch.float32, torch.int64, torch.bool, torch.complex64]
if ALL:
    DTYPES += [torch.uint8, torch.float16, torch.bfloat16, torch.float64, torch.complex32]
    DTYPES += [torch.uint16]
#: Many and large, and other tests have the same cases.
SLOW = frozenset(() if ALL else ("logspace", "linspace", "max_pool3d", "unique", "pad"))
#: Where torch's samples come in another order than the operation's parameters.
ORDERS = {"einsum": (1, 0), "embedding": (1, 0), "where": (1, 0, 2)}
#: multinomial looks at the values.
VALUES = ("probability tensor contains", "invalid multinomial distribution")
#: Accepted for Python's operators, where torch's function wants a tensor on the left.
NUMBER_LEFT = ("received an invalid combination of arguments - got (int, Tensor)",)


def database() -> list[Any]:
    if importlib.util.find_spec("expecttest") is None:
        # torch's test tools import it for snapshots, which nothing here uses.
        stand_in = types.ModuleType("expecttest")
        stand_in.TestCase = unittest.TestCase  # type: ignore[attr-defined]
        sys.modules.setdefault("expecttest", stand_in)
    from torch.testing._internal.common_methods_invocations import op_db

    return list(op_db)


def name_of(info: Any) -> str:
    name = str(info.name).replace("nn.functional.", "")
    return "getitem" if name == "__getitem__" else name


def told(name: str, sample: Any) -> list[Any]:
    values = [sample.input, *sample.args]
    order = ORDERS.get(name)
    if order is not None:
        values = [values[place] for place in order] + values[len(order) :]
    if name == "einsum":
        return [values[0], *values[1]]
    if name == "getitem":
        index = values[1]
        return [values[0], list(index) if isinstance(index, tuple) else [index]]
    return values


def recast(value: Any, dtype: torch.dtype) -> Any:
    """float32 tensors in another dtype: what torch refuses is asked too."""
    if isinstance(value, torch.Tensor):
        return value.to(dtype) if value.dtype == torch.float32 else value
    if isinstance(value, (list, tuple)):
        return type(value)(recast(one, dtype) for one in value)
    return value


def samples(info: Any, dtype: torch.dtype) -> Iterator[Any]:
    supported = dtype in info.dtypes
    # Not sample_inputs(): it looks for its test in all of pytest's stack, each time.
    made = info.sample_inputs_func(info, "cpu", dtype if supported else torch.float32, False)
    for number, sample in enumerate(made):
        if number >= (MOST if supported else min(MOST, 6)):
            return
        if not supported:
            sample.input = recast(sample.input, dtype)
            sample.args = recast(sample.args, dtype)
            sample.kwargs = {name: recast(value, dtype) for name, value in sample.kwargs.items()}
        yield sample


def errors(info: Any) -> Iterator[Any]:
    if info.error_inputs_func is None:
        return
    for error in info.error_inputs_func(info, "cpu"):
        sample = error.sample_input
        tensors = [one for one in (sample.input, *sample.args) if isinstance(one, torch.Tensor)]
        if all(one.device.type == "cpu" for one in tensors):
            yield sample


def compare(tally: Tally, info: Any, sample: Any) -> None:
    def run() -> Any:
        return info.op(sample.input, *sample.args, **sample.kwargs)

    tally.compare(name_of(info), run, told(name_of(info), sample), sample.kwargs)


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_torch_and_the_engine_agree_on_torchs_own_samples() -> None:
    torch.set_num_threads(1)
    tally = Tally()
    covered = 0
    for info in database():
        if name_of(info) not in OPERATIONS or name_of(info) in SLOW:
            continue
        covered += 1
        for dtype in DTYPES:
            if dtype not in info.dtypes and torch.float32 not in info.dtypes:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for sample in samples(info, dtype):
                    compare(tally, info, sample)
        for sample in errors(info):
            compare(tally, info, sample)
    differ = [
        line for line in tally.differ if not any(text in line for text in NUMBER_LEFT + VALUES)
    ]
    left_out = sum(tally.left_out.values())
    print(
        f"{covered} operations, {tally.asked} asked, {tally.refused} refused, {left_out} left out"
    )
    for reason, count in tally.left_out.most_common(60):
        print(f"  left out {count}: {reason}")
    assert not differ, "\n".join(differ[:60])
    assert covered > 250
    assert ALL or left_out < 0.15 * tally.asked
