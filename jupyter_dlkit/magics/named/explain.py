"""``%dlkit explain``: the text below tracebacks, on or off."""

from __future__ import annotations

from IPython.core.error import UsageError

from ..magic import Call, Magic
from ..options import Options

OPTIONS = Options(
    "%dlkit explain [on|off]",
    """
    Whether a line below the traceback says why a cell failed, when shapes, dtypes or devices
    did not fit. It is on, unless DLKIT_EXPLAIN=0 was in the kernel's environment.
    """,
    """
    %dlkit explain off
    """,
)
OPTIONS.add_argument("switch", metavar="on|off", nargs="?", help="without it: says which it is")

_SWITCHES = {"on": True, "off": False}


def run(call: Call) -> None:
    """Says what holds from now on."""
    from ...kernel.explain.hook import shows, switch

    wanted = call.options.switch
    if wanted is not None:
        if wanted not in _SWITCHES:
            raise UsageError(f"%dlkit explain wants on or off, not {wanted!r}.")
        switch(call.shell, _SWITCHES[wanted])
    on = shows(call.shell)
    print(f"Explanations below tracebacks are {'on' if on else 'off'}.")


MAGIC = Magic(
    "explain",
    "explanations below tracebacks: on or off",
    OPTIONS,
    line=run,
    typed=lambda _: list(_SWITCHES),
    short=False,
)
