"""Every example in a public docstring runs, and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
import sys
import types

import pytest
import torch

import jupyter_dlkit as dlkit
from jupyter_dlkit import api
from tests import second_device

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples() -> dict[str, doctest.DocTest]:
    """By name, of every object of the API that has some."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = {}
    for module in pkgutil.iter_modules(api.__path__, f"{api.__name__}."):
        for test in finder.find(importlib.import_module(module.name)):
            if test.examples:
                found[test.name.removeprefix(f"{api.__name__}.")] = test
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    second_device.load()  # an accelerator, where the machine has none
    main = types.ModuleType("__main__")  # whose variables the examples' are
    monkeypatch.setitem(sys.modules, "__main__", main)
    vars(main).update(torch=torch, dlkit=dlkit)
    test = EXAMPLES[name]
    test.globs = vars(main)
    said = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(test, out=said.write, clear_globs=False)
    test.globs = {}
    vars(main).clear()  # else its tensors would stay on the device
    assert runner.summarize(verbose=False).failed == 0, said.getvalue()


def test_every_public_function_has_examples() -> None:
    functions = [name for name in dlkit.__all__ if name.islower() and not name.startswith("_")]
    assert functions
    for name in functions:
        where = getattr(dlkit, name).__module__.removeprefix(f"{api.__name__}.")
        assert f"{where}.{name}" in EXAMPLES, f"dlkit.{name} has no example"


def test_public_names_are_documented_and_listed() -> None:
    assert set(dlkit.__all__) <= set(dir(dlkit))
    for name in dlkit.__all__:
        value = getattr(dlkit, name)
        if name != "__version__":
            assert value.__doc__, f"dlkit.{name} says nothing of itself"
