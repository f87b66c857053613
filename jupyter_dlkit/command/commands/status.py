"""The machine and its accelerators, and who holds what; no server is needed.

Asks the drivers; no accelerator is brought up, and torch is not imported.
"""

from __future__ import annotations

import argparse
from math import isfinite

from ..errors import FINE

EXAMPLES = """\
examples:
  jupyter dlkit status --watch
  jupyter dlkit status --json | jq '.devices[].memory'

"""

#: Seconds between two looks, where nothing is said.
INTERVAL = 2.0


def seconds(text: str) -> float:
    """A time to wait; ``argparse`` makes a sentence of its error."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not isfinite(value) or value < 0.1:
        raise argparse.ArgumentTypeError(f"an interval is 0.1 seconds or more, not {text!r}")
    return value


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    parser.add_argument(
        "--watch",
        nargs="?",
        type=seconds,
        const=INTERVAL,
        metavar="SECONDS",
        help=f"look again and again, every {INTERVAL:g} seconds if nothing is said, until Ctrl-C",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print JSON; with --watch one line for each look",
    )


def run(options: argparse.Namespace) -> int:
    """Prints the machine, once or until nobody wants more."""
    from ..machine import fields, machine
    from ..output import print_json, show
    from ..watching import watch

    if options.watch is not None:
        watch(machine, options.watch, fields if options.json else None)
    elif options.json:
        print_json(fields(machine()))
    else:
        show(machine())
    return FINE
