"""Who owns every byte: each device's memory by owner, each storage once.

Looking runs nothing of the user's, unpacks nothing that autograd saved, and keeps nothing
alive.  Main thread only: between cells as a whole, in a running cell in steps.
"""

from __future__ import annotations

from .asking import ask
from .roots import Roots
from .stepped import Stepped
from .values import Account, DeviceAccount, Owner
from .whole import account

__all__ = ["Account", "DeviceAccount", "Owner", "Roots", "Stepped", "account", "ask"]
