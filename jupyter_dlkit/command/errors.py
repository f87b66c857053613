"""Exit codes, and what ends a command with one sentence."""

from __future__ import annotations

import sys

#: Done; of ``check``: it runs.
FINE = 0
#: The answer is no: it does not run, there is no such kernel, the server did not answer.
NOT_DONE = 1
#: The command line is wrong: an option, a shape, an operation that there is not.
WRONG_USAGE = 2
#: Ended by Ctrl-C, as every shell command (128 + SIGINT).
INTERRUPTED = 130


class CommandError(Exception):
    """Ends the command: a sentence on stderr, what to do next, and the exit code."""

    def __init__(self, message: str, hint: str = "", code: int = NOT_DONE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def tell(self) -> None:
        """Prints it on stderr, after what was printed on stdout."""
        from ..show.plain import sentence  # what others have named may hold control characters

        sys.stdout.flush()
        print(sentence(self), file=sys.stderr)


class UsageError(CommandError):
    """The command line is wrong."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, WRONG_USAGE)


def quoted(text: str) -> str:
    """A word of the command line, as a sentence may have it."""
    from ..show.plain import name

    return f"'{name(text, 60)}'"
