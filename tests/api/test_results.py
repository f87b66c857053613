"""Results: the fields of the document, plain values, tables."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import pytest
import torch

import jupyter_dlkit as dlkit
from jupyter_dlkit.api.result import ByDevice, Result
from jupyter_dlkit.api.tensors import Tensors
from jupyter_dlkit.api.usage import Meter
from jupyter_dlkit.server.document import document
from tests import second_device
from tests.live.kernel import LiveKernel

from .conftest import said

#: Of a request over HTTP, not of the answer.
TRANSPORT = {"kernel_state", "revision", "full", "removed", "cost_ms", "history"}
#: Of the panel's plot.
PLOT = {"running", "samples", "number", "taken_at"}


@pytest.fixture
def results(variables: dict[str, Any]) -> dict[str, Result]:
    """One of each, by the name of its schema."""
    second_device.load()
    variables.update(
        x=torch.zeros(3, 4),
        sparse=torch.eye(3).to_sparse(),
        model=torch.nn.Linear(4, 2),
    )
    variables["view"] = variables["x"][0]
    return {
        "TensorList": dlkit.tensors(),
        "Tensor": dlkit.tensors()["sparse"],
        "KernelDevices": dlkit.devices(),
        "Status": dlkit.status(),
        "Move": dlkit.move("model", device="toy", dry_run=True),
        "Check": dlkit.check_broadcast("model(x) + x"),
        "Usage": Meter().start().stop(),
        "KernelMemory": dlkit.memory(),
        "Doctor": dlkit.doctor(),
        "Release": dlkit.release("last_exception", dry_run=True),
    }


def problems(schema: str, value: Any) -> list[str]:
    from jsonschema import Draft202012Validator

    components = document()["components"]
    left_out = TRANSPORT | (PLOT if schema == "KernelMemory" else set())
    wanted = dict(components["schemas"][schema])
    wanted["required"] = [name for name in wanted["required"] if name not in left_out]
    validator = Draft202012Validator({**wanted, "components": components})
    return [f"{list(one.path)}: {one.message}" for one in validator.iter_errors(value)]


def test_as_dictionaries_they_are_what_the_document_says(results: dict[str, Result]) -> None:
    for schema, result in results.items():
        if schema != "Usage":
            assert problems(schema, json.loads(json.dumps(result.to_dict()))) == [], schema
    broken = {**results["TensorList"].to_dict(), "total": "many"}
    assert problems("TensorList", broken)


def test_they_are_values(results: dict[str, Result]) -> None:
    for result in results.values():
        again = pickle.loads(pickle.dumps(result))
        assert again == result == copy.deepcopy(result)
        assert hash(again) == hash(result)
        assert len(pickle.dumps(result)) < 20_000
        field = dataclasses.fields(result)[0].name  # type: ignore[arg-type]
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, field, None)


def test_they_show_as_text_and_as_html(results: dict[str, Result]) -> None:
    for result in results.values():
        assert repr(result).strip()
        assert result._repr_html_().startswith("<")


def test_two_looks_are_equal_when_nothing_changed(variables: dict[str, Any]) -> None:
    variables["x"] = torch.zeros(3)
    before = dlkit.tensors()
    assert dlkit.tensors() == before
    variables["x"].add_(1)  # its version counts
    assert dlkit.tensors() != before


def test_a_list_is_made_again_from_its_dictionary(results: dict[str, Result]) -> None:
    listed = results["TensorList"]
    assert Tensors.from_dict(json.loads(json.dumps(listed.to_dict()))) == listed
    answer = {**listed.to_dict(), "revision": "a.1", "kernel_state": "busy"}
    answer["tensors"] = [{**row, "new_field": 1} for row in answer["tensors"]]
    assert Tensors.from_dict(answer, sort="bytes", all=True).all


def test_values_by_device_are_a_mapping_that_stays() -> None:
    values = ByDevice({"cpu": 1, "cuda:0": 2})
    assert values == {"cpu": 1, "cuda:0": 2} == dict(values)
    assert list(values) == ["cpu", "cuda:0"] and hash(values) == hash(ByDevice(dict(values)))
    with pytest.raises(AttributeError):
        values._items = {}
    with pytest.raises(TypeError):
        values["cpu"] = 3  # type: ignore[index]


def test_tables_for_pandas(results: dict[str, Result]) -> None:
    pytest.importorskip("pandas")
    table = results["TensorList"].to_pandas()
    assert list(table.index) == ["model.bias", "model.weight", "sparse", "view", "x"]
    assert table.loc["view", "storage_shared_by"] == 1
    assert table.loc["x", "shape"] == [3, 4]
    assert table["bytes"].sum() >= 48 + 16 + 32 + 8
    assert list(results["KernelDevices"].to_pandas().index)[:2] == ["cpu", "toy:0"]
    assert set(results["Move"].to_pandas()["to"]) == {"toy:0"}
    dimensions = dlkit.check_broadcast((3, 1), (4,)).to_pandas()
    assert list(dimensions["verdict"]) == ["missing", "stretch"]
    assert "ram" in results["Usage"].to_pandas().index
    with pytest.raises(dlkit.DLKitError, match="Status is not a table"):
        results["Status"].to_pandas()


def test_without_pandas_a_sentence_says_so(cell: LiveKernel) -> None:
    cell.run("import sys\nkept = sys.modules.get('pandas')\nsys.modules['pandas'] = None")
    code = "try:\n    dlkit.tensors().to_pandas()\nexcept dlkit.DLKitError as error:\n"
    code += "    print(error)\n"
    assert cell.run(code).stdout == (
        "pandas is not installed here, and to_pandas() needs it."
        " Install it (pip install pandas), or use to_dict().\n"
    )
    cell.run("sys.modules.pop('pandas')\nif kept: sys.modules['pandas'] = kept")
    assert said(cell, "len(dlkit.tensors())") == "0"
