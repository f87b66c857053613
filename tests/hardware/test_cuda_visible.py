"""CUDA_VISIBLE_DEVICES, beside torch's own reading of it."""

from __future__ import annotations

import pytest
import torch.cuda
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_dlkit.hardware.cuda_visible import visible

A, B, C = "GPU-aa11", "GPU-aa22", "GPU-cc33"
CARDS = [A, B, C]


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, [A, B, C]),
        ("", []),
        ("0", [A]),
        ("2,0", [C, A]),
        (" 1 , 2", [B, C]),
        ("-1", []),
        ("0,-1,1", [A]),
        ("0,7,1", [A]),
        ("1,1", []),
        ("1gpu,2", [B, C]),
        ("nothing", []),
        ("GPU-cc", [C]),
        ("GPU-aa22,GPU-cc33", [B, C]),
        ("GPU-aa", []),  # two begin so
        ("GPU-cc,GPU-none,GPU-aa11", [C]),
        ("GPU-cc,GPU-cc33", []),
        ("GPU-cc,0", [C]),
    ],
)
def test_what_a_process_sees(value: str | None, seen: list[str]) -> None:
    assert visible(value, CARDS) == seen


def test_instances_have_no_ordinal_and_only_one_is_seen() -> None:
    uuids = [A, "MIG-1", "MIG-2", B]
    assert visible("1", uuids) == [B]
    assert visible(None, uuids) == [A, B]
    assert visible("MIG-2,MIG-1", uuids) == ["MIG-2"]
    assert visible("MIG-GPU-old/1/0", ["MIG-GPU-old/1/0"]) == ["MIG-GPU-old/1/0"]
    assert visible("MIG-9", uuids) == []


ENTRY = st.sampled_from(["0", "1", "2", "3", "-1", "", "1x", "x", " 2", *CARDS, "GPU-aa", "GPU-c"])


@settings(deadline=None)
@given(st.lists(ENTRY, max_size=5).map(",".join))
def test_as_torch_reads_it(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", value)
        named = torch.cuda._parse_visible_devices()
    if named and isinstance(named[0], str):
        named = torch.cuda._transform_uuid_to_ordinals(named, CARDS)
    expected = []
    for ordinal in named:  # as in torch.cuda._device_count_nvml
        if ordinal >= len(CARDS):
            break
        expected.append(CARDS[ordinal])
    assert visible(value, CARDS) == expected
