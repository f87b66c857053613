"""No disagreement with torch on any of many random questions.

``DLKIT_SHAPE_CASES`` says how many, ``DLKIT_SHAPE_FIRST`` from where; the seed of each is its
number.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
import torch

from .oracle import Tally
from .questions import FAMILIES, Asked, call_torch

CASES = int(os.environ.get("DLKIT_SHAPE_CASES", "4000"))
FIRST = int(os.environ.get("DLKIT_SHAPE_FIRST", "0"))


def asked(seed: int) -> Asked:
    r = random.Random(seed)
    return r.choice(FAMILIES)(r)


@pytest.mark.timeout(3600)
def test_torch_and_the_engine_agree_on_random_operands() -> None:
    torch.set_num_threads(1)
    tally = Tally()
    for seed in range(FIRST, FIRST + CASES):
        question = asked(seed)
        before = len(tally.differ)

        def run(question: Asked = question) -> Any:
            return call_torch(question)

        tally.compare(*_told(question, run))
        tally.differ[before:] = [f"seed {seed}: {line}" for line in tally.differ[before:]]
    left_out = sum(tally.left_out.values())
    print(f"{tally.asked} asked, {tally.refused} refused by torch, {left_out} left out")
    for reason, count in tally.left_out.most_common(40):
        print(f"  left out {count}: {reason}")
    assert not tally.differ, "\n".join(tally.differ[:60])
    assert tally.asked > 0.8 * CASES
    assert 0.15 * tally.asked < tally.refused < 0.75 * tally.asked


def _told(question: Asked, run: Any) -> tuple[str, Any, list[Any], dict[str, Any]]:
    return question.operation, run, question.positional, question.keywords
