"""``jupyter dlkit tensors``: finds the kernel, asks its server, prints the answer."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from ..api.tensors import Tensors
from ..show.plain import name
from .client import Client, Refused
from .commands.tensors import LARGEST_FIRST
from .errors import CommandError, UsageError
from .kernels import Kernel, chosen, of
from .output import print_json, show, terminal
from .servers import from_environment, named, running

#: Columns where there is no terminal: names that are cut are not found by grep.
LIST_IN_A_PIPE = 240

#: What a list is sorted by where nothing is said, as everywhere.
BY_DEFAULT = "name"


def listed(options: argparse.Namespace) -> None:
    """Prints the tensors.  Raises ``CommandError``, and ``Refused`` after an old list is shown."""
    kernel = chosen(_kernels(options), options.kernel)
    try:
        answer = kernel.client.get(
            f"kernels/{kernel.id}/tensors",
            q=options.q,
            device=options.device,
            sort=options.sort or BY_DEFAULT,
            order="desc" if _descending(options) else "asc",
            limit=options.limit,
        )
    except Refused as refused:
        stale = refused.body.get("stale")
        if stale is None:
            raise
        _print(kernel, stale, options)
        age = (refused.body.get("age_ms") or 0) / 1000
        raise CommandError(f"This list is {age:.0f} s old. {refused.message}") from None
    _print(kernel, answer, options)


def _kernels(options: argparse.Namespace) -> list[Kernel]:
    """Of the server that is named, or of all that are found."""
    if options.server is not None:
        return of(Client(named(options.server, options.token), options.certificate))
    servers = running()
    if not servers:
        raise CommandError(
            "No Jupyter server of yours is running on this machine.",
            "Start one with `jupyter lab`, or name one by --server URL and --token TOKEN.",
        )
    found: list[Kernel] = []
    failed: list[CommandError] = []
    for server in servers:
        token = options.token or server.token or from_environment()
        one = replace(server, token=token)
        try:
            found += of(Client(one, options.certificate))
        except UsageError:
            raise
        except CommandError as error:
            failed.append(error)
    if failed and not found:
        raise failed[0]
    for failure in failed:
        failure.tell()
    return found


def _print(kernel: Kernel, answer: dict[str, Any], options: argparse.Namespace) -> None:
    if options.json:
        print_json({"kernel": kernel.fields, **answer})
        return
    head = f"{name(kernel.title)}  {name(kernel.fields['name'])}  {answer['kernel_state']}"
    terminal().print(head, style="bold", soft_wrap=True)
    if not answer["tensors"]:
        print(_why_none(answer))
        return
    descending = _descending(options)
    sort = options.sort or BY_DEFAULT
    found = Tensors.from_dict(
        answer, sort=sort, descending=descending, pattern=options.q, all=options.all
    )
    show(found, piped=LIST_IN_A_PIPE)


def _descending(options: argparse.Namespace) -> bool:
    return bool(options.order == "desc" if options.order else options.sort in LARGEST_FIRST)


def _why_none(answer: dict[str, Any]) -> str:
    if answer["totals"]:
        return "This kernel has tensors, but none like that."
    return "No variable of this kernel is, or holds, a tensor."
