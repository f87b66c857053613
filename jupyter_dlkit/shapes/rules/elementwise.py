"""Operations that broadcast: arithmetic."""

from __future__ import annotations

from ..broadcasting import broadcast
from ..call import Call
from ..devices import common_device
from ..promotion import NoCommonDtype, result_type
from ..registry import Outcome, rule


@rule("add(input N, other N, *, alpha=1)")
def add(call: Call) -> Outcome:
    """Any number of operands that broadcast and meet in one dtype."""
    device = common_device(call)
    shape = broadcast(call)
    try:
        dtype = result_type(call.operands)
    except NoCommonDtype as error:
        raise call.refuse("dtype", f"torch has no dtype for {error.args}.") from None
    return call.result(shape, dtype, device)
