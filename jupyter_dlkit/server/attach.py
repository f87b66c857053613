"""Whether the agent may, and can, be attached to a kernel."""

from __future__ import annotations

from enum import Enum
from typing import Any

import orjson

from ..kernel import carry, protocol
from .channel import Channel, Message
from .errors import DLKitError, NotAttached
from .notebooks import Notebooks
from .settings import Settings
from .switches import ATTACH, is_off, kernelspec


class Agent(str, Enum):
    """State of the agent in a kernel, as the document names it."""

    ATTACHED = "attached"
    ATTACHING = "attaching"
    DETACHED = "detached"
    DISABLED = "disabled"
    UNSUPPORTED = "unsupported"
    UNREACHABLE = "unreachable"


def disabled(message: str, hint: str) -> NotAttached:
    """An administrator, a kernelspec or a notebook has switched attaching off."""
    return NotAttached("attach_disabled", message, hint)


def unsupported(message: str) -> NotAttached:
    """A kernel into which nothing can be attached."""
    return NotAttached(
        "unsupported", message, "Tensors are shown for Python kernels with ipykernel 6 or later."
    )


def refusal_at_sight(settings: Settings, manager: Any) -> NotAttached | None:
    """Why nothing is attached, as far as the server knows without asking anybody."""
    if not settings.attach:
        return disabled(
            "Looking into kernels is switched off on this server.",
            "The administrator can set DLKit.attach = True.",
        )
    if not hasattr(manager, "connect_control"):
        return unsupported("The kernel runs behind a gateway, where it cannot be looked into yet.")
    spec = kernelspec(manager)
    name = getattr(spec, "display_name", "") or manager.kernel_name
    if is_off(getattr(spec, "metadata", None), ATTACH):
        return disabled(
            f"Looking into kernels is switched off for {name} (by its kernelspec).",
            "Choose another kernel, or remove jupyter_dlkit.attach from the kernelspec's metadata.",
        )
    language = getattr(spec, "language", "") or ""
    if language.casefold() != "python":
        return unsupported(
            f"{name} is a kernel for {language}, not for Python."
            if language
            else f"The kernelspec of {name} does not say that it is a Python kernel."
        )
    return None


async def refusal(
    settings: Settings, manager: Any, notebooks: Notebooks, kernel_id: str
) -> NotAttached | None:
    """Why nothing may be attached; None when it may."""
    found = refusal_at_sight(settings, manager)
    if found is None:
        path = await notebooks.switches_off(kernel_id, ATTACH)
        if path is not None:
            found = disabled(
                f"Looking into its kernel is switched off in {path}.",
                "Remove jupyter_dlkit.attach from the notebook's metadata, and save it.",
            )
    return found


async def attach(channel: Channel, manager: Any) -> dict[str, Any]:
    """Attaches the agent, or keeps an equal one; its ``hello``.

    Raises:
        NotAttached: the kernel cannot take it.
    """
    reply = await channel.request("execute_request", carry.attach_content())
    answer = orjson.loads(reply.content)
    if answer.get("status") != "ok":
        raise unsupported(_why(manager, answer))
    reply = await channel.request(protocol.REQUEST, protocol.request(protocol.HELLO))
    head = reply.metadata.get(protocol.HEAD, {})
    answer = orjson.loads(reply.content)
    if not head.get("ok"):
        raise unsupported(_said(answer))
    if answer.get("agent") != carry.version():
        raise unsupported(
            f"Another version of the agent ({answer.get('agent')}) answers in this kernel "
            f"instead of {carry.version()}; restart the kernel."
        )
    hello: dict[str, Any] = answer
    return hello


def _why(manager: Any, answer: dict[str, Any]) -> str:
    """What a failed ``execute_request`` says about the kernel."""
    name, value = answer.get("ename", "an error"), answer.get("evalue", "")
    if name in ("ModuleNotFoundError", "ImportError", "AttributeError", "NameError"):
        return f"The kernel {manager.kernel_name} has no ipykernel 6 or later ({name}: {value})."
    return f"The agent could not be loaded into this kernel ({name}: {value})."


def _said(answer: dict[str, Any]) -> str:
    return str(answer.get("error", {}).get("message", "The agent could not be loaded."))


def head_of(reply: Message) -> dict[str, Any]:
    """The small head that a reply carries beside its content."""
    head: dict[str, Any] = reply.metadata.get(protocol.HEAD, {})
    return head


def agent_error(reply: Message) -> DLKitError:
    """What the agent refused, in its own words."""
    error = orjson.loads(reply.content).get("error", {})
    return DLKitError(
        int(head_of(reply).get("status", 500)),
        str(error.get("code", "agent_error")),
        str(error.get("message", "The agent could not answer.")),
        str(error.get("hint", "")),
    )
