"""Runs inside the kernels under test, as a module that the namespace does not show.

What torch and NumPy themselves say of a tensor, what an expression reaches, and
counters for classes that must never be called.
"""

from __future__ import annotations

import json
import sys
import threading
import warnings


def shell():
    return sys.modules["IPython"].get_ipython()


def reach(expressions):
    """``id`` of what each expression reaches in the user's namespace."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for expression in expressions:
            try:
                found.append(f"{id(eval(expression, shell().user_ns)):x}")
            except Exception as error:
                found.append(repr(error))
    print(json.dumps(found))


def expected(expressions):
    """What torch or NumPy say of each plain tensor or array."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    answers = []
    for expression in expressions:
        value = eval(expression, shell().user_ns)
        row = {"type": type(value).__name__, "shape": list(value.shape), "device": "cpu"}
        if torch is not None and isinstance(value, torch.Tensor):
            plain = value.layout is torch.strided
            row.update(
                rank=value.dim(),
                dtype=str(value.dtype).partition(".")[2],
                device=str(value.device),
                layout=str(value.layout).partition(".")[2],
                numel=value.numel(),
                requires_grad=value.requires_grad,
                is_leaf=value.is_leaf,
            )
            if plain:
                on_meta = value.device.type == "meta"
                row.update(
                    bytes=value.numel() * value.element_size(),
                    is_view=value._is_view(),
                    is_contiguous=value.is_contiguous(),
                    strides=list(value.stride()),
                    storage_offset=value.storage_offset(),
                    version=None if value.is_inference() else value._version,
                    storage_bytes=0 if on_meta else value.untyped_storage().nbytes(),
                )
        else:
            owner = value
            while isinstance(owner.base, numpy.ndarray):
                owner = owner.base
            row.update(
                rank=value.ndim,
                layout="strided",
                numel=value.size,
                bytes=value.nbytes,
                is_view=owner is not value,
                is_contiguous=value.flags.c_contiguous,
                strides=[step // (value.dtype.itemsize or 1) for step in value.strides],
                requires_grad=False,
                is_leaf=True,
                version=None,
            )
        answers.append(row)
    print(json.dumps(answers))


CALLS = []


def called(name):
    """Note a call of something of the user's, with the thread that made it."""
    CALLS.append((name, threading.current_thread() is threading.main_thread()))


def counting(*names):
    """Methods of those names, each of which notes that it was called."""

    def make(name):
        def method(self, *args, **kwargs):
            called(name)
            raise AttributeError(f"{name} was called")

        return method

    return {name: make(name) for name in names}


def calls():
    """Print what was called since the last time, and forget it."""
    print(json.dumps(sorted({name for name, _ in CALLS})))
    CALLS.clear()
