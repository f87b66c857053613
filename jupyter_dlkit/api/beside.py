"""What else is on this process's accelerators, as their driver says."""

from __future__ import annotations

import os
from dataclasses import replace

from ..hardware.beside import Held, beside, position
from ..kernel.memory.values import DeviceAccount
from .status import the_collector


def with_others(accounts: tuple[DeviceAccount, ...]) -> tuple[DeviceAccount, ...]:
    """The accounts with ``used`` and ``others``, where there is a driver that knows the device.

    Another notebook's kernel is another process here.
    """
    if all(one.uuid is None for one in accounts):
        return accounts
    devices = the_collector().sample().devices
    uuids = [device.uuid for device in devices]
    told = []
    for account in accounts:
        found = position(account.uuid, uuids)
        if found is not None:
            device = devices[found]
            holders = [Held(one.pid, one.bytes, one.name) for one in device.processes]
            others = beside(device.memory.used, account.reserved, holders, os.getpid())
            account = replace(account, used=device.memory.used, others=others)
        told.append(account)
    return tuple(told)
