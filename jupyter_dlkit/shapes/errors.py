"""When there is no verdict, because the question cannot be answered.

CannotCheck
├── UnknownOperation   no rule for this operation
├── UnknownArgument    a rule, but not for this argument or this value of it
└── Malformed          not a shape, a dtype, a device …
"""

from __future__ import annotations


class CannotCheck(Exception):
    """The message is a sentence for the user."""


class UnknownOperation(CannotCheck):
    """There is no rule for this operation; the message has names that are near."""


class UnknownArgument(CannotCheck):
    """The rule does not know this argument, or what this value of it does."""


class Malformed(CannotCheck, ValueError):
    """What was given is not a shape, a dtype, a device, or not as many as are needed."""
