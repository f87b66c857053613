"""``%release``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..magic import Call, Magic, Typing
from ..options import Options

#: What is there in every notebook; a path follows the others.
WHATS = ("last_exception", "output_history", "garbage", "allocator_cache")
WITH_PATH = ("gradients:", "name:")

OPTIONS = Options(
    "%release [WHAT …] [--dry-run]",
    """
    Gives memory back, and says how much, as measured. Removed is what IPython and torch keep; a
    name of yours only with name:. Without WHAT it says what could be released, and how much.
    """,
    """
    %release
    %release last_exception output_history
    %release output:7 allocator_cache
    %release gradients:model
    %release name:batch --dry-run
    """,
)
OPTIONS.add_argument(
    "what",
    metavar="WHAT",
    nargs="*",
    help="last_exception, output_history, output:7 (of one cell), gradients:model, name:x, garbage "
    "(what only the collector finds), allocator_cache",
)
OPTIONS.add_argument("--dry-run", action="store_true", help="only say what would be free again")


def run(call: Call) -> Any:
    """A ``Released``."""
    from ...api.releasing import release

    chosen = call.options
    if not chosen.what:
        return release(*WHATS, dry_run=True)
    return release(*chosen.what, dry_run=chosen.dry_run)


def _typed(typing: Typing) -> Iterable[str]:
    kind, colon, path = typing.word.partition(":")
    if colon and f"{kind}:" in WITH_PATH:
        from ..paths import tensor_paths

        return [f"{kind}:{found}" for found in tensor_paths(typing.shell, path)]
    return [*WHATS, *WITH_PATH, *_outputs(typing.shell)]


def _outputs(shell: Any) -> list[str]:
    history = shell.user_ns.get("_oh")
    known = list(history) if type(history) is dict else []
    return [f"output:{number}" for number in known if type(number) is int]


MAGIC = Magic(
    "release",
    "gives memory back: outputs, the last exception, gradients, names, caches",
    OPTIONS,
    line=run,
    typed=_typed,
)
