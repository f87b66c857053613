"""Values that a person asked for are those of the tensor."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_dlkit.kernel import values
from jupyter_dlkit.kernel.errors import Refusal

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
DTYPES = (*FLOATS, *INTEGERS, torch.bool, torch.complex64)


def random_tensor(dtype: torch.dtype, *shape: int, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    if dtype == torch.bool:
        return torch.rand(shape) > 0.5
    if dtype in INTEGERS:
        return torch.randint(0, 100, shape).to(dtype)
    return torch.randn(shape, dtype=dtype if dtype.is_complex else torch.float64).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (7,), (30, 40), (3, 5, 7), (600_000,)])
def test_a_summary_says_what_torch_says(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    tensor = random_tensor(dtype, *shape)
    answer = values.summary(torch, tensor)
    real = (tensor.abs() if dtype.is_complex else tensor).to(torch.float64)
    assert (answer["numel"], answer["sampled"]) == (tensor.numel(), tensor.numel())
    assert answer["min"] == pytest.approx(float(real.min()))
    assert answer["max"] == pytest.approx(float(real.max()))
    assert answer["mean"] == pytest.approx(float(real.mean()), abs=1e-9)
    if tensor.numel() > 1:
        assert answer["std"] == pytest.approx(float(real.std()), rel=1e-9, abs=1e-9)
    else:
        assert answer["std"] is None
    assert answer["zeros"] == int((tensor == 0).sum())
    counts, edges = answer["histogram"]["counts"], answer["histogram"]["edges"]
    assert (len(counts), len(edges), sum(counts)) == (32, 33, tensor.numel())
    assert edges == sorted(edges)


def test_what_is_not_finite_is_counted_apart() -> None:
    inf, nan = float("inf"), float("nan")
    answer = values.summary(torch, torch.tensor([1.0, nan, inf, -inf, nan, 3.0, 0.0]))
    assert (answer["nan"], answer["inf"], answer["zeros"]) == (2, 2, 1)
    assert (answer["min"], answer["max"]) == (0.0, 3.0)
    assert answer["mean"] == pytest.approx(4 / 3)
    assert sum(answer["histogram"]["counts"]) == 3
    for only in ([nan], [inf, -inf], []):
        empty = values.summary(torch, torch.tensor(only))
        assert empty["min"] is empty["mean"] is empty["histogram"] is None
    json.dumps([answer, empty], allow_nan=False)


def test_extreme_numbers_stay_numbers() -> None:
    for tensor in (
        torch.tensor([1e308, -1e308], dtype=torch.float64),
        torch.tensor([1e300] * 3, dtype=torch.float64),
        torch.full((1000,), 1e8) + torch.arange(1000) * 8,
        torch.tensor([2**63 - 1, -(2**63)]),
        torch.tensor([5e-324], dtype=torch.float64),
    ):
        answer = values.summary(torch, tensor)
        json.dumps(answer, allow_nan=False)
        assert answer["max"] == float(tensor.max())
    shifted = torch.full((1000,), 1e9, dtype=torch.float64) + torch.arange(1000) % 2
    assert values.summary(torch, shifted)["std"] == pytest.approx(float(shifted.std()), rel=1e-6)


def test_a_huge_expanded_tensor_is_not_copied() -> None:
    import resource

    for huge, largest in (
        (torch.ones(1).expand(10**10), 1),
        (torch.arange(5.0).view(1, 5).expand(10**9, 5), 4),
        (torch.ones(1, 1, 1).expand(10**4, 10**4, 10**4), 1),
        (torch.arange(3.0).view(3, 1).expand(3, 10**9), 2),
    ):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = values.summary(torch, huge)
        part = values.part(huge, "x", None, 100)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 300_000  # KiB; the tensors span 40 GB and more
        assert answer["numel"] == huge.numel()
        assert 0 < answer["sampled"] <= values.MOST_SUMMARISED
        assert answer["max"] == largest
        assert part["truncated"]


def test_a_large_tensor_is_sampled_all_over() -> None:
    tensor = torch.arange(3_000_000.0)
    answer = values.summary(torch, tensor)
    assert answer["sampled"] <= values.MOST_SUMMARISED
    assert answer["mean"] == pytest.approx(1.5e6, rel=0.01)
    wide = values.summary(torch, torch.zeros(2, 1_500_000))
    assert wide["zeros"] == wide["sampled"]


INDICES = ["0", "-1", "0, :", ":, 1", "1:3", "::2", "..., 0", "0, ...", ":, :, 0", "0,1,2", "...", "-2:", "2:1",
           " 1 ", "0,", "(0, 1)"]  # fmt: skip


@pytest.mark.parametrize("text", INDICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool])
def test_a_slice_is_what_indexing_gives(text: str, dtype: torch.dtype) -> None:
    tensor = random_tensor(dtype, 4, 5, 6)
    answer = values.part(tensor, "box['x']", text, 1000)
    expected = eval(f"tensor[{text}]")
    assert answer["shape"] == list(expected.shape)
    assert answer["values"] == expected.tolist()
    assert answer["expression"] == f"box['x'][{text.strip()}]"
    assert not answer["truncated"]


@pytest.mark.parametrize("text", [
    "a", "x", "0 if 1 else 2", "[0]", "0.5", "'0'", "None", "True", "1:'a'", "lambda: 0", "__import__('os')",
    "0]+[0", "0][0", ")", "(" * 3000, "0,\n1]", "1;2", "*x", "b'0'", "1+1", "::a()", "\0", "-" * 9999 + "1",
])  # fmt: skip
def test_what_is_not_a_slice_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        values.part(torch.ones(4, 5), "x", text, 100)
    assert refused.value.status == 400
    assert "slice" in refused.value.message


@given(
    shape=st.lists(st.integers(0, 12), max_size=4),
    limit=st.integers(1, 200),
    dtype=st.sampled_from(DTYPES),
)
@settings(max_examples=150, deadline=None)
def test_a_slice_is_never_longer_than_its_limit(
    shape: list[int], limit: int, dtype: torch.dtype
) -> None:
    tensor = random_tensor(dtype, *shape)
    answer = values.part(tensor, "x", None, limit)

    def count(value: Any) -> int:
        return sum(map(count, value)) if isinstance(value, list) else 1

    assert count(answer["values"]) <= max(limit, 1)
    assert answer["truncated"] == (tensor.numel() > limit)
    if not answer["truncated"]:
        assert answer["shape"] == list(tensor.shape)
    elif answer["shape"]:
        corner = tensor[tuple(slice(0, n) for n in answer["shape"])]
        assert list(corner.shape) == answer["shape"]
        if not dtype.is_complex:
            assert answer["values"] == corner.tolist()
    json.dumps(answer, allow_nan=False)


def decoded(image: dict[str, Any]) -> torch.Tensor:
    """(height, width, channels) of a PNG without filters."""
    data = base64.b64decode(image["data"])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + body)
        chunks[kind], at = body, at + 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (width, height, depth) == (image["width"], image["height"], 8)
    channels = {0: 1, 2: 3}[colour]
    lines = bytearray(zlib.decompress(chunks[b"IDAT"]))
    rows = torch.frombuffer(lines, dtype=torch.uint8).view(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, channels)


@pytest.mark.parametrize(
    "shape", [(9, 11), (1, 9, 11), (3, 9, 11), (9, 11, 3), (9, 11, 1), (2, 3, 9, 11)]
)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
def test_an_image_has_the_pixels_of_the_tensor(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8)
    tensor = pixels if dtype == torch.uint8 else (pixels.float() / 255).to(dtype)
    image = values.image(torch, tensor, "x")
    assert image is not None
    assert image["expression"] == ("x[0]" if len(shape) == 4 else "x")
    wanted = pixels[0] if len(shape) == 4 else pixels
    if wanted.dim() == 2:
        wanted = wanted.unsqueeze(-1)
    elif wanted.shape[0] in (1, 3):
        wanted = wanted.permute(1, 2, 0)
    difference = (decoded(image).int() - wanted.int()).abs().max()
    assert difference <= (2 if dtype == torch.bfloat16 else 0)


def test_what_is_stretched_and_what_is_no_image() -> None:
    stretched = values.image(torch, torch.linspace(-4, 4, 100).view(10, 10), "x")
    assert stretched is not None
    assert (int(decoded(stretched).min()), int(decoded(stretched).max())) == (0, 255)
    for shape in ((7, 9), (9,), (), (2, 9, 9), (0, 3, 9, 9), (9, 1025), (4, 9, 9, 9), (0, 0)):
        assert values.image(torch, torch.zeros(shape), "x") is None
    assert values.image(torch, torch.full((9, 9), float("nan")), "x") is not None
    assert values.image(torch, torch.zeros(9, 9, dtype=torch.complex64), "x") is None
    assert values.image(torch, torch.ones(9, 9, dtype=torch.bool), "x") is not None
    assert values.image(torch, torch.zeros(9, 9, requires_grad=True), "x") is not None
    transposed = values.image(torch, torch.arange(200, dtype=torch.uint8).view(10, 20).t(), "x")
    assert transposed is not None
    assert decoded(transposed)[:, :, 0].tolist() == torch.arange(200).view(10, 20).t().tolist()
