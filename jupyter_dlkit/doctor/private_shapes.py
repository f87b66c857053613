"""Shapes of secrets, and of what leads to a person or a machine, in any text.

A name of a host is told by its place only: before a path that it shares, after ``--ip``.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Tuple

#: An address or a name, unless it says that this machine, or all of its addresses, is meant.
_ELSEWHERE = r"(?!<|[\"']?(?:127\.\d|0\.0\.0\.0|localhost\b|\*|\[?::1?\]?(?![\w:])))[^\s,;\"')]+"

#: Each with what is put in its place; in this order.
_SHAPES: Tuple[Tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), instead)
    for pattern, instead in (
        (r"-----BEGIN [^-]*KEY-----.*?(-----END [^-]*KEY-----|$)", "<secret>"),
        (r"\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?", "<token>"),
        (r"\b(gh[pousr]_|github_pat_|glpat-|hf_|sk-|xox[abpr]-|pypi-|npm_)[\w-]{8,}", "<token>"),
        (r"\b(AKIA|ASIA)[A-Z0-9]{12,}\b", "<token>"),
        (r"\b(bearer\s+)[\w.~+/=-]{8,}", r"\1<token>"),
        (r"\b((?:basic|token)\s+)(?=\S*[\d=])[\w.~+/=-]{8,}", r"\1<token>"),
        (
            r"([\w-]*(?:token|passw(?:or)?d|secret|api_?key|access_?key|sig|signature)"
            r"[\"']?\s*(?:=|:|%3D)\s*[\"']?)(?!not |None|set|<)[^\s\"'&;,)]+",
            r"\1<token>",
        ),
        (r"(\w+://)[^/\s:@]+(:[^/\s@]*)?@", r"\1<user>@"),
        (r"\b[\w.+-]+@(?:\[[^\]\s]+\]|[\w.-]+):(?=\S)\S*", "<user>@<host>"),
        (r"\b[\w.+-]+@[\w-]+(\.[\w-]+)+\b", "<mail>"),
        (r"\b[\w.+-]+@(?:\[[^\]\s]+\]|[\w.-]+)", "<user>@<host>"),
        # What another machine shares, as mount has it: host:/path, //host/share, /net/host.
        (
            r"(?<![\w./@<-])(?![a-z]:)(?:[\w.-]+|\[[0-9a-f:.]+(?:%[\w.-]+)?\]):/(?!/)\S*",
            "<host>:<path>",
        ),
        (r"(?<![\w:/])//(?!<)(?:[\w.-]+|\[[0-9a-f:.]+\])(?=/)", "//<host>"),
        (r"(?<![\w:\\])\\\\(?!<)(?:[\w.-]+|\[[0-9a-f:.]+\])(?=\\)", r"\\\\<host>"),
        (r"(?<![\w/])(/net/)(?!<)(?:[\w.-]+|\[[0-9a-f:.]+\])", r"\1<host>"),
        (r"(?<![\w-])(--?(?:\w+\.)?(?:ip|host|hostname)(?:=|\s+))" + _ELSEWHERE, r"\1<address>"),
        (
            r"\b(listen(?:s|ing)?\s+(?:on|at)\s+)(?!(?:all|this|an?|the|port)\b)" + _ELSEWHERE,
            r"\1<address>",
        ),
        (
            r"\b((?:addr|address|addresses|ip)\s*[:=]\s*[\"']?|(?:host|hostname|server)=[\"']?)"
            r"(?![/~]|not |all |none\b)" + _ELSEWHERE,
            r"\1<address>",
        ),
        (r"\b[0-9a-f]{32,}\b", "<token>"),
        (r"(/(?:home|users|Users|user)/)(?!<)[^/\s:;,'\"()]+", r"\1<user>"),
        (r"(/hub/(?:user|spawn)/)[^/\s]+", r"\1<user>"),
        (r"([A-Z]:\\+Users\\+)[^\\\s:;,'\"()]+", r"\1<user>"),
        (r"(?<![\w.~])~(?!root\b)[A-Za-z][\w.-]*(?=/)", "~<user>"),
        (r"(://)(?!127\.0\.0\.1|0\.0\.0\.0|localhost)\d{1,3}(\.\d{1,3}){3}", r"\1<address>"),
        (r"(?<![\w.=])(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}(?=:\d)", "<address>"),
        (
            r"((?:address|addresses|host|ip|listens on)[:=]?\s+)"
            r"(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}\b",
            r"\1<address>",
        ),
        # Without anything before it: only what can hardly be a version.
        (
            r"(?<![\w.=+-])(?:192\.168|172\.(?:1[6-9]|2\d|3[01])|(?!127\.)(?:1\d\d|2[0-4]\d|25[0-5])"
            r"\.\d{1,3})(?:\.\d{1,3}){2}(?![\w.])",
            "<address>",
        ),
        (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<address>"),
    )
)

#: Perhaps IPv6; a time, a PCI address or a name of C++ may look so.
_PERHAPS = re.compile(
    r"\[[0-9a-f:.]*:[0-9a-f:.]*(?:%[\w.-]+)?\]"
    r"|(?<![\w:.])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:.]*(?:%[\w.-]+)?(?!\w)",
    re.I,
)


def without_shapes(text: str) -> str:
    """The text with all of them replaced."""
    for pattern, instead in _SHAPES:
        text = pattern.sub(instead, text)
    return _PERHAPS.sub(_without_address, text)


def _without_address(match: re.Match[str]) -> str:
    found = match.group()
    said = found.strip("[]").partition("%")[0]
    for one in (said, said.rstrip(".:")):
        try:
            address = ipaddress.IPv6Address(one)
        except ValueError:
            continue
        return found if address.is_loopback or address.is_unspecified else "<address>"
    return found
