"""The options of a magic: ``argparse``, with errors that are a sentence, and help for ``?``."""

from __future__ import annotations

import argparse
import re
import textwrap
from typing import Any, NoReturn

from IPython.core.error import UsageError

from .words import Word, unquoted

#: Columns of the help.
_WIDTH = 88

#: How argparse says which argument is wrong, and why.
_WRONG = re.compile(r"argument (?P<option>\S+?)(?:/\S+)?: (?P<why>.*)", re.DOTALL)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=_WIDTH)


class Options(argparse.ArgumentParser):
    """Words and options after ``%name``."""

    def __init__(self, usage: str, description: str, examples: str = "") -> None:
        """``usage``: ``%name [option]``; ``examples``: lines of code, as one would type them."""
        super().__init__(
            prog=re.split(r" [\\[A-Zx<-]", usage, maxsplit=1)[0],
            usage=usage.replace("%", "%%"),
            description=textwrap.dedent(description).strip(),
            epilog=_examples(examples),
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
        )
        self.color = False  # Python 3.14 would colour what becomes a docstring

    @property
    def long(self) -> list[str]:
        """The options, as they are typed."""
        return [text for text in self._option_string_actions if text.startswith("--")]

    def takes_value(self, option: str) -> bool:
        """Whether a word follows it."""
        action = self._option_string_actions.get(option)
        return action is not None and action.nargs != 0

    def divided(self, words: list[Word], known_only: bool = True) -> tuple[list[Word], list[Word]]:
        """Options with their values, and the other words.

        Raises ``UsageError`` for an option that is not there, unless ``known_only`` is False:
        then each unknown one has a value.
        """
        options: list[Word] = []
        others: list[Word] = []
        rest = iter(words)
        for word in rest:
            if not word.is_option:
                if known_only and word.is_dashed:
                    raise UsageError(self._unknown(word.text))
                others.append(word)
                continue
            name, equals, _ = word.text.partition("=")
            known = name in self._option_string_actions
            if not known and known_only:
                raise UsageError(self._unknown(name))
            options.append(word)
            if not equals and (self.takes_value(name) or not known):
                value = next(rest, None)
                if value is not None:
                    options.append(value)
        return options, others

    def parsed(self, words: list[Word]) -> argparse.Namespace:
        """What they say.  Raises ``UsageError``, a sentence."""
        options, others = self.divided(words)
        texts = [unquoted(word.text) for word in options]
        if others:
            texts += ["--", *(unquoted(word.text) for word in others)]
        found: argparse.Namespace = self.parse_args(texts)
        return found

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does; what is too much is said."""
        found, surplus = self.parse_known_args(args, namespace)
        surplus = [text for text in surplus if text != "--"]
        if surplus:
            raise UsageError(
                f"{self.prog} does not know what to do with {surplus[0]!r}; {self._see}."
            )
        return found

    def error(self, message: str) -> NoReturn:
        """No exit, and no usage before it: a sentence."""
        wrong = _WRONG.fullmatch(message)
        if message.startswith("the following arguments are required: "):
            missing = message.partition(": ")[2]
            raise UsageError(f"{self.prog} needs {missing}; {self._see}.")
        if wrong is None:
            raise UsageError(f"{self.prog}: {message}; {self._see}.")
        option, why = wrong["option"], wrong["why"]
        if why == "expected one argument":
            raise UsageError(f"{self.prog}: {option} needs a value; {self._see}.")
        if why.startswith("ignored explicit argument"):
            raise UsageError(f"{self.prog}: {option} takes no value.")
        raise UsageError(f"{self.prog}: {option} {why}")

    @property
    def _see(self) -> str:
        return f"{self.prog} --help explains it"

    def _unknown(self, option: str) -> str:
        from ..api.nearest import nearest

        near = nearest(option, self.long)
        if near:
            return f"{self.prog} has no option {option}; did you mean {near}?"
        return f"{self.prog} has no option {option}; it has {', '.join(self.long)}."


def whole(text: str) -> int:
    """A whole number, not negative."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"wants a whole number, not {text!r}.")
    return int(text)


def seconds(text: str) -> float:
    """Seconds, a tenth at least."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.1 <= number <= 86400:
        raise argparse.ArgumentTypeError(f"wants seconds (0.1 or more), not {text!r}.")
    return number


def _examples(examples: str) -> str:
    lines = textwrap.dedent(examples).strip().splitlines()
    return "\n".join(["examples:", *(f"  {line}" for line in lines)]) if lines else ""
