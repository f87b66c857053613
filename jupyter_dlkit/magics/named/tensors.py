"""``%tensors``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..magic import Call, Magic, Typing
from ..options import Options, whole

#: What ``api.tensors.SORTS`` has.
SORTS = ("name", "bytes", "shape", "dtype", "device", "rank")

OPTIONS = Options(
    "%tensors [pattern] [--device D] [--sort KEY] [--limit N] [--all]",
    """
    The tensors and arrays that this notebook's variables reach, with shape, dtype, device
    and bytes. Modules, optimizers and containers are a line each, unless --all is there.
    """,
    """
    %tensors
    %tensors weight --device cuda:0
    %tensors model.*.bias --sort bytes --limit 10
    t = %tensors
    """,
)
OPTIONS.add_argument(
    "pattern", nargs="?", help="part of a name, or a whole name with * ? [] as wildcards"
)
OPTIONS.add_argument("--device", metavar="D", help="only those on this device")
OPTIONS.add_argument("--sort", metavar="KEY", default="name", help=f"by {', '.join(SORTS)}")
OPTIONS.add_argument("--limit", metavar="N", type=whole, help="the first N only")
OPTIONS.add_argument("--all", action="store_true", help="every tensor on a line of its own")


def run(call: Call) -> Any:
    """A ``Tensors``."""
    from ...api.tensors import tensors

    chosen = call.options
    return tensors(
        chosen.pattern,
        device=chosen.device,
        sort=chosen.sort,
        limit=chosen.limit,
        all=chosen.all,
    )


def _names(typing: Typing) -> Iterable[str]:
    from ..paths import tensor_paths

    return tensor_paths(typing.shell, typing.word)


def _devices(typing: Typing) -> Iterable[str]:
    from ..paths import device_names

    return device_names()


MAGIC = Magic(
    "tensors",
    "the tensors of this notebook, with shape, dtype, device and bytes",
    OPTIONS,
    line=run,
    values={"--device": _devices, "--sort": lambda _: SORTS},
    typed=_names,
)
