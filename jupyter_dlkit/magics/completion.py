"""Completes what is typed after a magic of ours: names, paths, devices, options.

Two ways into IPython's completer, each the one that leaves the others out (Jedi would take the
line for Python): matchers with a context since IPython 8.6, and before that the matchers of
magics' arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from .front import NAME
from .magic import Magic, Typing, magics
from .words import read

#: ``t = %tensors …``, ``%%memory …``, ``to cuda …`` (automagic): what stands before the words.
_BEFORE = re.compile(r"\s*(?:[^%=\n]+=\s*)?(?P<escape>%{1,2})?(?P<name>[^\W\d]\w*)\s(?P<rest>.*)$")

#: Where the part of a line begins that is completed: an expression may stand before it.
_PATH = re.compile(
    r"(?:[^\W\d]\w*(?:\.\w*|\[(?:'[^']*'|\"[^\"]*\"|\w*)\])*(?:\[(?:'[^']*|\"[^\"]*|\w*))?)$"
)

#: Most that is offered.
_MOST = 300


class Completer:
    """In one shell."""

    def __init__(self, shell: Any, ours: Callable[[str], bool]) -> None:
        """``ours``: whether ``%name`` is ours."""
        self.shell = shell
        self._ours = ours
        self._matcher: Any = None

    def install(self) -> None:
        """Complete from now on."""
        completer = self.shell.Completer
        try:
            from IPython.core.completer import context_matcher
        except ImportError:  # IPython 7 to 8.5
            self._matcher = self._legacy
            completer.magic_arg_matchers.insert(0, self._matcher)
        else:
            self._matcher = context_matcher(identifier="jupyter_dlkit")(
                lambda context: self._with_context(context)
            )
            completer.custom_matchers.append(self._matcher)

    def remove(self) -> None:
        """Complete no more."""
        completer = self.shell.Completer
        for name in ("custom_matchers", "magic_arg_matchers"):
            matchers = getattr(completer, name, None)
            if type(matchers) is list:
                matchers[:] = [one for one in matchers if one is not self._matcher]

    def _legacy(self, line: str) -> list[str]:
        """IPython has divided the line at its own delimiters; its part of a word is replaced."""
        completer = self.shell.Completer
        before: str = completer.text_until_cursor
        word, whole = self.completions(before, line[len(before) :])
        part = completer.splitter.split_line(before)
        kept = len(word) - len(part)
        return [text[kept:] for text in whole if text[:kept] == word[:kept]]

    def _with_context(self, context: Any) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion

        lines: list[str] = context.full_text.split("\n")
        after = lines[context.cursor_line][
            len(context.line_with_cursor[: context.cursor_position]) :
        ]
        before = context.line_with_cursor[: context.cursor_position]
        word, whole = self.completions(before, after)
        return {
            "completions": [SimpleCompletion(text, type=_kind(text)) for text in whole],
            "matched_fragment": word,
            "suppress": bool(whole),
            "ordered": True,
        }

    def completions(self, before: str, after: str = "") -> tuple[str, list[str]]:
        """What is being typed at the end of ``before``, and whole words for it."""
        place = self._place(before)
        if place is None:
            return "", []
        magic, rest = place
        word, found = _NOTHING if magic is None else self._words(magic, rest)
        if magic is None:
            word, found = rest, [name for name in magics() if name.startswith(rest)]
        return word, [_without(text, word, after) for text in list(found)[:_MOST]]

    def _place(self, before: str) -> tuple[Magic | None, str] | None:
        """The magic whose words are typed, and what was typed; no magic after ``%dlkit``."""
        found = _BEFORE.match(before)
        if found is None:
            return None
        name, rest = found["name"], found["rest"].lstrip()
        if not found["escape"] and not self._is_automagic(before, name):
            return None
        if not self._ours(name):
            return None
        if name != NAME:
            return magics().get(name), rest
        name, space, rest = rest.partition(" ")
        if not space:
            return None, name
        magic = magics().get(name)
        return None if magic is None else (magic, rest.lstrip())

    def _is_automagic(self, before: str, name: str) -> bool:
        """``to cuda model``, where the user has no ``to`` of his own."""
        shell = self.shell
        return (
            bool(shell.automagic) and before.lstrip().startswith(name) and name not in shell.user_ns
        )

    def _words(self, magic: Magic, rest: str) -> tuple[str, Iterable[str]]:
        words = read(rest).words
        typed = words[-1] if words and words[-1].end == len(rest) else None
        whole = words[:-1] if typed else words
        word = typed.text if typed else ""
        before = whole[-1].text if whole else ""
        option, equals, value = word.partition("=")
        if word.startswith("--") and equals:
            before, word = option, value
        elif word.startswith("-"):
            return word, [text for text in magic.options.long if text.startswith(word)]
        typing = Typing(self.shell, _free(magic, whole), word)
        offered = (magic.values or {}).get(before)
        if offered is not None:
            return word, [text for text in offered(typing) if text.startswith(word)]
        if magic.options.takes_value(before):
            return word, []
        if magic.typed is None:
            return word, [] if word else magic.options.long
        found = [text for text in magic.typed(typing) if text.startswith(word)]
        if found:
            return word, found
        path = _PATH.search(word)  # the end of a line of source: x@w
        if path is None or path[0] == word:
            return word, []
        typing = Typing(self.shell, typing.words, path[0])
        return path[0], [text for text in magic.typed(typing) if text.startswith(path[0])]


_NOTHING: tuple[str, list[str]] = ("", [])


def _free(magic: Magic, words: list[Any]) -> list[Any]:
    """The words that are no option, nor the value of one."""
    return magic.options.divided(words, known_only=False)[1]


def _without(text: str, word: str, after: str) -> str:
    """An editor that closes brackets and quotes by itself has their ends behind the cursor."""
    tail = text[len(word) :]
    for length in range(min(len(tail), len(after)), 0, -1):
        if tail.endswith(after[:length]) and not after[:length].strip("'\")]"):
            return text[: len(text) - length]
    return text


def _kind(text: str) -> str:
    return "param" if text.startswith("-") else "instance"
