"""The live tensors of a running kernel, while its cell runs.

KERNEL is a notebook (its path or its name), or a kernel's id or how that begins. Without it,
the only kernel that runs is meant.
"""

from __future__ import annotations

import argparse

from ..errors import FINE

EXAMPLES = """\
examples:
  jupyter dlkit tensors training.ipynb --sort bytes --limit 20
  jupyter dlkit tensors --device cuda:0 --q layer
  jupyter dlkit tensors 4f1c --json
  jupyter dlkit tensors --server https://hub.example.org/user/ann/ --token …

servers:
  Those of this user on this machine are found, with their tokens, as `jupyter server list` finds
  them. $JUPYTER_TOKEN is a token that need not stand on the command line, where others see it.

"""

SORTS = ("name", "owner", "group", "type", "shape", "rank", "dtype", "device", "numel", "bytes")

#: What is sorted with the largest first, where nothing is said.
LARGEST_FIRST = ("shape", "rank", "numel", "bytes")


def count(text: str) -> int:
    """How many rows; ``argparse`` makes a sentence of its error."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a number of rows is 1 or more")
    return value


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    add = parser.add_argument
    add("kernel", nargs="?", metavar="KERNEL", help="a notebook, or how a kernel's id begins")
    add("--q", metavar="TEXT", help="only those with this in name, type, dtype or device")
    add("--device", metavar="DEVICE", help="only those there, such as cuda:0")
    add(
        "--sort",
        choices=SORTS,
        metavar="KEY",
        help=f"by {', '.join(SORTS)}; name if nothing is said",
    )
    add("--order", choices=("asc", "desc"), help="asc or desc; sizes come largest first")
    add("--limit", type=count, metavar="N", help="only the first N")
    add("--all", action="store_true", help="every row, also those of modules and containers")
    add("--json", action="store_true", help="print the list as the REST API has it")
    add("--server", metavar="URL", help="a server's address, where it is not found by itself")
    add("--token", metavar="TOKEN", help="its token; $JUPYTER_TOKEN if nothing is said")
    add("--certificate", metavar="FILE", help="a certificate to trust, such as the server's own")


def run(options: argparse.Namespace) -> int:
    """Prints the list."""
    from ..listing import listed

    listed(options)
    return FINE
