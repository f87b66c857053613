"""Tensors and arrays of every kind are listed, and looked at, without their code running."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import pytest

from tests.live.kernel import LiveKernel

from .caller import Caller
from .conftest import Probe

#: Strided, with everything known of them.
PLAIN = """
import torch, numpy as np, warnings
warnings.simplefilter("ignore")
scalar, empty, none = torch.tensor(3), torch.empty(0, 3), torch.empty(2, 0, 5)
complex_, conj, neg = torch.ones(2, dtype=torch.cfloat), torch.ones(2, dtype=torch.cfloat).conj(), \\
    torch.ones(2, dtype=torch.cfloat).conj().imag
half, bf, boolean, byte = (torch.ones(3).to(t) for t in (torch.half, torch.bfloat16, torch.bool, torch.uint8))
eight = torch.ones(3).to(torch.float8_e5m2)
transposed, strided = torch.ones(3, 4).t(), torch.zeros(10)[::3]
channels = torch.ones(1, 3, 4, 4).to(memory_format=torch.channels_last)
expanded = torch.ones(1, 1).expand(1000, 1000)
leaf, inner = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True) * 2
with torch.inference_mode(): inferred = torch.ones(3)
meta = torch.ones(1000, 1000, device="meta")
changed = torch.zeros(3); changed.add_(1).mul_(2);
resized = torch.zeros(10); resized.resize_(2);
parameter = torch.nn.Parameter(torch.ones(2), requires_grad=False)
class Own(torch.Tensor): pass
own = torch.ones(4).as_subclass(Own)
shared_memory = torch.ones(3).share_memory_()
quantized = torch.quantize_per_tensor(torch.ones(5), .1, 0, torch.quint8)
array, fortran, reverse = np.zeros((3, 4)), np.zeros((3, 4), order="F"), np.arange(5)[::-1]
scalar_array, empty_array, readonly = np.array(3.), np.zeros((0, 2)), np.broadcast_to(np.ones(1), (3, 4))
matrix, masked = np.matrix([[1, 2]]), np.ma.masked_array([1, 2, 3], mask=[0, 1, 0])
structured = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")]); field = structured["b"]
objects = np.array([torch.ones(1), None], dtype=object)
text, when = np.array(["a", "bc"]), np.array(["2020-01-01"], dtype="M8[D]")
record = np.rec.array([(1, 2.)], dtype=[("x", int), ("y", float)])
half_array, bool_array, complex_array = np.ones(2, "f2"), np.ones(2, bool), np.ones(2, complex)
void = np.zeros(2, dtype="V0")
"""


def test_plain_ones_are_described_as_torch_and_numpy_do(
    kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    kernel.run(PLAIN)
    listing = caller.list()
    names = PLAIN.partition("ignore")[2]
    assert len(listing.rows) >= 40
    assert all(name in names for name in listing.names)
    assert probe.misnamed(listing) == []
    assert probe.misdescribed(listing) == []
    assert listing["meta"]["storage"]["bytes"] == 0
    assert listing["meta"]["bytes"] == 4 * 10**6
    assert listing.content["totals"]["meta"] == {"tensors": 1, "bytes": 0}
    assert listing["inferred"]["version"] is None
    assert listing["structured"]["dtype"] == "[('a', '<i4'), ('b', '<f8')]"
    assert listing["when"]["dtype"] == "datetime64[D]"
    assert listing["own"]["type"] == "Own"


def test_each_of_them_in_detail(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(PLAIN)
    listing = caller.list()
    refused = {}
    for row in listing.rows:
        caller.detail(row["id"])
        for values in ("summary", "slice", "image"):
            reply = caller.ask("tensor", id=row["id"], values=values, limit=20)
            if reply.head["ok"]:
                assert values in reply.content["values"]
            else:
                assert reply.head["status"] == 409, (row["name"], reply.content)
                refused.setdefault(row["name"], reply.content["error"]["message"])
    assert set(refused) == {"meta", "structured", "objects", "text", "when", "record", "void"}
    assert "meta device" in refused["meta"]


def test_sparse_ones(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch, warnings
warnings.simplefilter("ignore")
coo = torch.eye(4).to_sparse()
csr, csc = torch.eye(4).to_sparse_csr(), torch.eye(4).to_sparse_csc()
bsr = torch.eye(4).to_sparse_bsr((2, 2))
on_meta = torch.eye(4).to_sparse().to("meta")
hybrid = torch.ones(3, 2).to_sparse(1)
""")
    listing = caller.list()
    assert {row["layout"] for row in listing.rows} == {
        "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr",
    }  # fmt: skip
    assert probe.misnamed(listing) == []
    assert probe.misdescribed(listing) == []
    assert listing["coo"]["bytes"] == 2 * 4 * 8 + 4 * 4  # indices and values
    assert listing["csr"]["bytes"] == 5 * 8 + 4 * 8 + 4 * 4
    assert listing["coo"]["storage"]["id"] is None and listing["coo"]["strides"] is None
    assert listing.content["totals"]["cpu"]["bytes"] > 0
    for row in listing.rows:
        caller.detail(row["id"])
        assert caller.ask("tensor", id=row["id"], values="summary").head["status"] == 409


def test_nested_ones(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    kernel.run("""
import torch, warnings
warnings.simplefilter("ignore")
parts = [torch.ones(2, 3), torch.ones(4, 3)]
strided = torch.nested.nested_tensor(parts)
jagged = torch.nested.nested_tensor(parts, layout=torch.jagged)
del parts
""")
    listing = caller.list()
    assert listing["strided"]["shape"] == [2, None, 3]
    assert listing["jagged"]["shape"] == [2, None, 3]
    assert listing["strided"]["numel"] == listing["jagged"]["numel"] == 18
    assert listing["strided"]["bytes"] == 72
    assert listing["jagged"]["layout"] == "jagged"
    assert probe.misnamed(listing) == []
    for row in listing.rows:
        caller.detail(row["id"])
        refusal = caller.ask("tensor", id=row["id"], values="summary")
        assert refusal.head["ok"] or refusal.head["status"] == 409


def test_wrappers_show_what_is_known_of_them(
    kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    kernel.run("""
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
with FakeTensorMode(): fake = torch.ones(2, 3)
class Wrapper(torch.Tensor):
    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)
    def __init__(self, inner): self.inner = inner
    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        raise RuntimeError("nobody may ask")
wrapper = Wrapper(torch.ones(5))
""")
    listing = caller.list()
    fake, wrapper = listing["fake"], listing["wrapper"]
    assert (fake["type"], fake["shape"], fake["dtype"], fake["device"], fake["bytes"]) == (
        "FakeTensor", [2, 3], "float32", "cpu", 24,
    )  # fmt: skip
    assert (fake["storage"]["id"], fake["storage"]["bytes"]) == (None, 0)
    assert (wrapper["type"], wrapper["shape"], wrapper["device"]) == ("Wrapper", None, None)
    assert probe.misnamed(listing) == []
    for name in ("fake", "wrapper"):
        assert "__torch_dispatch__" in caller.detail(listing[name]["id"])["note"]
        reply = caller.ask("tensor", id=listing[name]["id"], values="summary")
        assert not reply.head["ok"] or reply.content["values"] is None


def test_functorch_wrappers_in_a_running_cell(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run("""
import torch
kept = []
def f(x):
    kept.append(x)
    return (x * 2).sum()
torch.vmap(f)(torch.ones(3, 4))
torch.func.grad(f)(torch.ones(5))
None
""")
    listing = caller.list()
    assert {"kept[0]", "kept[1]"} <= listing.names
    for row in listing.rows:
        caller.detail(row["id"])


@pytest.mark.parametrize("name", ["torch", "numpy"])
def test_a_namespace_without_tensors(kernel: LiveKernel, caller: Caller, name: str) -> None:
    kernel.run(f"import {name}; a = [1, 2]; b = 'text'")
    listing = caller.list()
    assert listing.rows == [] and listing.content["totals"] == {}
    assert listing.content["complete"]
