"""The entry point: finds the subcommand, and turns whatever happens into an exit code."""

from __future__ import annotations

import argparse
import errno
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from . import commands
from .errors import FINE, INTERRUPTED, NOT_DONE, WRONG_USAGE, CommandError, UsageError, quoted

PROGRAM = "jupyter dlkit"
MORE = f"`{PROGRAM} --help` says how it is used."

EXIT_CODES = """\
exit codes:
  0  done; of check: it runs
  1  the answer is no: it does not run, there is no such kernel, no server
  2  the command line is wrong
  130  ended by Ctrl-C
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a sentence, and where to read more, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Ends with exit code 2."""
        sentence = message.removeprefix("argument ").rstrip(".")
        sentence = f"{sentence[:1].upper()}{sentence[1:]}."
        UsageError(sentence, f"`{self.prog} --help` says how it is used.").tell()
        raise SystemExit(WRONG_USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs ``jupyter dlkit``; its exit code.  ``arguments``: instead of ``sys.argv[1:]``."""
    # A terminal that cannot write every character gets a ? for it, not a traceback.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        words = sys.argv[1:] if arguments is None else arguments
        whole = parser()
        if not words:
            whole.print_help(sys.stderr)
            return WRONG_USAGE
        if not words[0].startswith("-") and words[0] not in (there := names()):
            raise UsageError(
                f"There is no command {quoted(words[0])}; there are {', '.join(there)}.", MORE
            )
        options = whole.parse_args(words)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except CommandError as error:
        error.tell()
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        # What is still in the buffer must not complain when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno in (errno.EPIPE, errno.EIO):
            return FINE  # whoever read has enough, as `| head` has; or the terminal is gone
        CommandError(f"The output cannot be written ({error.strerror}).").tell()
        return NOT_DONE


def parser() -> argparse.ArgumentParser:
    """The command line, with a subcommand for each module of `commands`."""
    whole = Parser(
        prog=PROGRAM,
        description="Where tensors are, what they cost, and whether they fit together.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action=Version)
    chosen = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in names():
        module = import_module(f"{commands.__name__}.{name}")
        summary, _, rest = (module.__doc__ or "").partition("\n")
        one = chosen.add_parser(
            name,
            help=summary,
            description=f"{summary}\n{rest}".strip(),
            epilog=f"{getattr(module, 'EXAMPLES', '')}{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        one.set_defaults(run=module.run)
        module.configure(one)
    return whole


def names() -> list[str]:
    """The subcommands."""
    return sorted(found.name for found in pkgutil.iter_modules(commands.__path__))


class Version(argparse.Action):
    """``--version``: looked up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and end")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Prints it."""
        from .. import __version__

        print(f"jupyter-dlkit {__version__}")
        parser.exit()
