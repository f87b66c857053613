"""What the server and the agent say to each other.

A request is a ``dlkit_request`` message on the kernel's control channel (a change of
the user's objects: on the shell channel) whose content is ``{"op": <name>, "args":
{...}}``.  Its ``dlkit_reply`` carries a small *head* in ``metadata["dlkit"]`` and the
answer itself as the message's content: UTF-8 JSON that is already encoded, so that the
server can hand it on without parsing it (see ``Session.deserialize(...,
content=False)``).

Portable: this module runs in the kernel as well, on Python 3.9 and later.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

#: Changes whenever the agent's code or the messages change in a way that an
#: older peer would not understand.
PROTOCOL = 1

REQUEST = "dlkit_request"
REPLY = "dlkit_reply"

#: Extra field of the ``execute_request`` that carries the agent's source.
CARGO = "dlkit_cargo"

# Operations ---------------------------------------------------------------

#: ``{}`` → ``{"agent", "protocol", "python", "executable", "ipykernel",
#: "torch", "numpy", "pid", "hostname"}``.
HELLO = "hello"

#: ``{"since": revision | None, "budget_ms": number, "max_age_ms": number}`` →
#: a ``TensorColumns`` without ``kernel_state`` (the server knows that and puts
#: it in front).  With ``max_age_ms`` a scan that is younger than that is
#: encoded again instead of scanning anew.  Head: ``revision``, ``full``,
#: ``unchanged`` (nothing differs from ``since``; rows and removed are empty),
#: ``rows``, ``totals`` (``{device: bytes}``), ``thread_ms``, ``taken_at``,
#: ``backend`` (changes when torch or an accelerator was brought up).
TENSORS = "tensors"

#: ``{"id", "path": str | None, "values": None | "summary" | "slice" | "image",
#: "slice": str | None, "limit": int (elements), "timeout_ms": number}`` → a
#: ``TensorDetail`` without ``kernel_state``.
TENSOR = "tensor"

#: ``{}`` → a ``KernelDevices`` without ``kernel_state``.
DEVICES = "devices"

#: ``{}`` → ``{}``: removes every trace of the agent from the kernel.
DETACH = "detach"

#: ``{}`` → ``{"running": bool, "ended": number, "taken": bool}``: whether a cell runs on any
#: thread, how many cells have ended since the agent was attached, and whether the main shell
#: handles any message.  More than the kernel's status tells: a message that another shell has
#: handled makes that ``idle``.
RUNNING = "running"

#: ``{"targets", "device", "force", "how"}`` of a ``MoveRequest`` → a ``Move`` in state
#: ``preview``; ``{"op": DELETE, "tensor_id", "path", "type"}`` → a ``Deletion`` in that state.
#: What the whole request is refused for (stale, nothing there, no such device) is an error; what
#: single tensors are refused for is in ``refused``.
PLAN = "plan"

#: ``{"id"}`` → ``{"state": "queued" | "running" | "ended" | "unknown", "progress": {"done",
#: "total"} | None}``; bytes.  ``queued``: not begun, whether it has arrived or not.
PROGRESS = "progress"

#: ``{"id"}`` → ``{"cancelled": bool, "state"}``: the change does not begin any more.  True also
#: before it has arrived.
CANCEL = "cancel"

#: ``{"text": bool | None}`` → ``{"explanation": {...} | None, "memory_error": {...} | None, "text":
#: bool}``: why the last cell that failed did (``Explanation.to_dict()`` in ``explain``, with its
#: ``execution_count``; ``Report.to_dict()`` in ``memory_errors``); None where there is nothing to
#: say.  ``text`` switches the text below tracebacks on or off.
EXPLANATION = "explanation"

#: A ``CheckRequest`` → a ``Check``, with this kernel's names; metadata only.  What cannot be
#: answered is an error with status 400 (no tensor, not to be parsed) or 404 (nothing there).
CHECK = "check"

#: ``{"since": number, "after": seconds since the epoch}`` → ``{"cells": [...], "running": {...} |
#: None, "samples": {"time", "memory", "devices"}, "number"}``: what each execution after that
#: number changed, and moments of a plot after that time (``kernel/cells``).
CELLS = "cells"

#: ``{"timeout_ms", "device": text | None, "since", "after"}`` → a ``KernelMemory`` without
#: ``kernel_state``: who owns every byte (``memory``), and the answer of ``CELLS``.
MEMORY = "memory"

#: ``{"do": "start", "id", "sources": packed text, "version": text, "long": bool, "facts": {...}}``
#: begins an examination (``sources``, see ``carry.doctor``; ``facts``: what the server knows), in
#: place of one that runs; ``{"do": "look", "id", "since": number}`` says how far it is; ``{"do":
#: "cancel", "id"}`` ends it.  Each → ``{"id", "ended", "findings" (after the first ``since``),
#: "total", "progress": [doing, done, total] | None, "report", "error"}``; 404 for an ``id``
#: that is not the last one.
DOCTOR = "doctor"

# Changes: the same message on the *shell* channel, so that the kernel's own queue puts them
# behind the running cell and all that are queued.  ``id`` is the server's.

#: ``{"id", "targets", "device", "force", "how"}`` → a ``Move`` in state ``done``, ``failed``
#: (also when it is refused or stale by then) or ``cancelled``.
MOVE = "move"

#: ``{"id", "turn"}``: ``id`` of a move → that ``Move`` in state ``undone``, ``failed`` or
#: ``cancelled``.  ``turn`` is the id by which PROGRESS and CANCEL ask for this undoing: that of
#: its move has ended.
UNDO = "undo"

#: ``{"id", "tensor_id", "path", "type"}`` → a ``Deletion``.  A module, an optimizer or a container
#: has no row: ``tensor_id`` is None, and ``type`` (or None) the class that it was listed with.
DELETE = "delete"

#: ``{"id", "what": [text]}`` (``release.WHATS``) → a ``Released``; also as the ``op`` of a PLAN.
RELEASE = "release"

#: What travels on the shell channel.
CHANGES = (MOVE, UNDO, DELETE, RELEASE)

# Head of a reply ------------------------------------------------------------
#
# ``{"ok": True, "op", "agent", "thread_ms", ...}``; after an error
# ``{"ok": False, "status", ...}`` with content ``{"error": {"code", "message",
# "hint"}}``, where ``status`` is the HTTP status that fits.

HEAD = "dlkit"


def request(op: str, args: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
    """The content of a request."""
    return {"op": op, "args": args or {}}
