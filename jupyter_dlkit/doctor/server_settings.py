"""What a running Jupyter server was told about its door: read as text, never run.

A server announces its token, but not whether it has a password: that is on its command line or
in its configuration, which may be a program. What cannot be read off is not known.
"""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ..hardware.cgroup import read
from . import jupyter_folders
from .facts import Facts

#: A setting's name, and whether it has a value: None where that cannot be told. Values, which
#: may be secrets, are not kept.
Setting = Tuple[str, Optional[bool]]

_PASSWORD = ("hashed_password", "password")

#: Somebody else asks who one is, in a way of its own.
_OTHERS = ("identity_provider_class", "login_handler_class")

_NAMES = (*_PASSWORD, *_OTHERS, "token")

#: ``ServerApp.token``, ``PasswordIdentityProvider.hashed_password``, ...
_SECTION = re.compile(r"\w*(App|Provider)")

_FILE = re.compile(r"jupyter_(\w+_)?config\.(py|json)")
_FOLDER = re.compile(r"jupyter_(\w+_)?config\.d")

#: Calls by which a configuration takes in what is not in it.
_MORE = ("load_subconfig", "exec", "eval", "merge", "update", "setattr", "deep_merge")


@dataclass(frozen=True)
class Told:
    """``password``: whether there is one, None where that is not known.  ``no_token``: whether
    the server was told, in so many words, to do without a token."""

    password: Optional[bool]
    no_token: bool


def told(facts: Facts, pid: int, since: float) -> Told:
    """Of the server with this number, which announced itself at ``since`` (seconds, Unix)."""
    line = _command_line(facts, pid)
    given = list(_in_words(line or ()))
    given += _in_files(_of_server(facts, pid, line or ()), pid, line or (), since)
    password = [value for name, value in given if name in _PASSWORD]
    password += [None for name, value in given if name in _OTHERS and value is not False]
    known: Optional[bool] = None
    if password and all(password):
        known = True
    elif line is not None and all(value is False for value in password):
        known = False
    return Told(known, any(name == "token" and value is False for name, value in given))


def environment(facts: Facts, pid: int) -> Dict[str, str]:
    """What the process was started with; the examined one's where that cannot be read."""
    try:
        with open(facts.under(f"/proc/{pid}/environ"), "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return dict(facts.environ)
    pairs = (os.fsdecode(entry).partition("=") for entry in entries if b"=" in entry)
    return {name: value for name, _, value in pairs}


def _command_line(facts: Facts, pid: int) -> Optional[List[str]]:
    text = facts.read(f"/proc/{pid}/cmdline")
    return text.rstrip("\0").split("\0") if text else None


def _of_server(facts: Facts, pid: int, line: Sequence[str]) -> Facts:
    """The facts that say where the server looks for its configuration."""
    environ = environment(facts, pid)
    own = next((_prefix(word) for word in line[:2] if os.path.isabs(word)), "")
    return replace(
        facts,
        environ=environ,
        home=environ.get("HOME") or facts.home,
        prefix=own or facts.prefix,
        base_prefix=facts.base_prefix,
    )


def _prefix(program: str) -> str:
    return os.path.dirname(os.path.dirname(program))


def _in_words(words: Sequence[str]) -> Iterator[Setting]:
    """``--IdentityProvider.token=x``, or in two words; what names no value is not known."""
    for name, value in _options(words):
        section, _, trait = name.rpartition(".")
        if trait == "config_dir":
            yield "password", None
        elif trait in _NAMES and _SECTION.fullmatch(section):
            yield trait, None if value is None else bool(_unquoted(value))


def _options(words: Sequence[str]) -> Iterator[Tuple[str, Optional[str]]]:
    for at, word in enumerate(words):
        match = re.match(r"--?([A-Za-z][\w.-]*)(?:=(.*))?$", word, re.S)
        if match is None:
            continue
        value = match.group(2)
        following = words[at + 1] if at + 1 < len(words) else "-"
        if value is None and not following.startswith("-"):
            value = following
        yield match.group(1), value


def _unquoted(text: str) -> str:
    """As traitlets reads a text: ``"''"`` is empty."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def _in_files(facts: Facts, pid: int, line: Sequence[str], since: float) -> Iterator[Setting]:
    for path in _files(facts, pid, line):
        text = read(path)
        if text is None:
            yield "password", None
            continue
        found = list(_in_json(text) if path.endswith(".json") else _in_python(text))
        if os.path.dirname(path).endswith(".d"):
            # jupyter_server takes extensions from there, and other programs more.
            yield from ((name, None) for name, value in found if value is not False)
        elif _changed(path) > since:  # the server has read what was there before
            yield "password", None
        else:
            yield from found


def _files(facts: Facts, pid: int, line: Sequence[str]) -> Iterator[str]:
    for name, value in _options(line):
        if name == "config" or name.endswith(".config_file"):
            yield _named(facts, pid, _unquoted(value or ""))
    for folder in dict.fromkeys([*jupyter_folders.config(facts), *_platform(facts)]):
        for name in _names(folder):
            if _FILE.fullmatch(name):
                yield os.path.join(folder, name)
            elif _FOLDER.fullmatch(name):
                inner = os.path.join(folder, name)
                yield from (os.path.join(inner, x) for x in _names(inner) if x.endswith(".json"))


def _platform(facts: Facts) -> Iterator[str]:
    """Where JUPYTER_PLATFORM_DIRS, whatever its value, puts the user's configuration."""
    base = facts.environ.get("XDG_CONFIG_HOME") or os.path.join(facts.home, ".config")
    yield os.path.join(base, "jupyter")


def _named(facts: Facts, pid: int, path: str) -> str:
    """A file of the command line, which may lie below the server's own folder."""
    path = os.path.expanduser(path)
    if os.path.isabs(path):
        return path
    try:
        return os.path.join(os.readlink(facts.under(f"/proc/{pid}/cwd")), path)
    except OSError:
        return os.path.join(os.sep, "not known", path)


def _names(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return float("inf")


def _in_json(text: str) -> Iterator[Setting]:
    try:
        sections = json.loads(text)
        for section, traits in sections.items():
            if _SECTION.fullmatch(section) and isinstance(traits, dict):
                yield from ((name, bool(traits[name])) for name in _NAMES if name in traits)
    except (ValueError, AttributeError):
        yield "password", None


def _in_python(text: str) -> Iterator[Setting]:
    """``c.ServerApp.token = ''`` as it stands; all else that names a setting is not known."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        yield "password", None
        return
    plain = set()
    for line in tree.body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            target, value = line.targets[0], line.value
            if _is_setting(target) and isinstance(value, ast.Constant):
                plain.add(target)
                yield target.attr, bool(value.value)  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if node not in plain:
            yield from _mentioned(node)


def _is_setting(node: ast.AST) -> bool:
    """``c.ServerApp.token``, and nothing deeper."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _NAMES
        and isinstance(node.value, ast.Attribute)
        and _SECTION.fullmatch(node.value.attr) is not None
        and isinstance(node.value.value, ast.Name)
    )


def _mentioned(node: ast.AST) -> Iterator[Setting]:
    name: Any = None
    if isinstance(node, ast.Attribute):
        name = node.attr
    elif isinstance(node, ast.Name):
        name = node.id
    elif isinstance(node, ast.Constant):
        name = node.value
    if isinstance(name, str):
        if name in _MORE:
            yield "password", None
        elif name in _NAMES:
            yield name, None
