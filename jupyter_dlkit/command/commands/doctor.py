"""Why there is no GPU, and whether this machine is fit; no server is needed.

Examines the interpreter that `jupyter dlkit` runs with, or the one that --python names. No
accelerator is brought up, and torch is not imported.
"""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  jupyter dlkit doctor
  jupyter dlkit doctor --python ~/envs/torch/bin/python
  jupyter dlkit doctor --integrity
  jupyter dlkit doctor --json | jq '.checks[] | select(.verdict == "problem")'

exit codes of doctor:
  0  nothing is wrong
  1  a warning, or something that could not be told
  2  a problem

"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    add = parser.add_argument
    add(
        "--python",
        metavar="PATH",
        help="examine this interpreter, or that of this environment's folder",
    )
    add(
        "--integrity",
        action="store_true",
        help="also read the files of torch and its CUDA packages, and compare them with their "
        "SHA-256; takes a while",
    )
    add("--json", action="store_true", help="print the report as the REST API has it")
    add(
        "--text",
        action="store_true",
        help="print it as text for a forum, without names of users and hosts, tokens and home "
        "folders",
    )


def run(options: argparse.Namespace) -> int:
    """Prints the report; 0, 1 or 2 by its worst verdict."""
    from ...doctor.report import EXIT_CODES
    from ..examining import examined
    from ..output import print_json, show

    found = examined(options.python, options.integrity)
    if options.json:
        print_json(found.to_dict())
    elif options.text:
        print(found.text)
    else:
        show(found)
    return EXIT_CODES[found.verdict]
