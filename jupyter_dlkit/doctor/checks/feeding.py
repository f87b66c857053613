"""Whether accelerators get what they could take: the link, and the processor that feeds them."""

from __future__ import annotations

import os
import time
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

from ...hardware.opened import has_opened_cuda
from ..facts import Facts
from ..health import cards
from ..registry import Seen, check

#: Classes of PCI devices that compute: VGA, 3D, other displays, accelerators.
_CLASSES = ("0x0300", "0x0302", "0x0380", "0x1200")
_VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}

#: An accelerator below this load has nothing to do most of the time...
STARVES = 40.0

#: ...while a process that uses this much of a core is as fast as one thread can be.
ONE_THREAD = 90.0

#: For how long a process is watched when nobody has watched it before, in seconds.
WATCHED = 0.3


@check("machine.pcie", title="Each GPU has all of its PCIe lanes", cause=640)
def pcie(facts: Facts) -> Seen:
    """The width of the link now, against the card's own.  Its speed falls at rest: not judged."""
    found: List[Tuple[int, int, str, str]] = []
    for address in facts.names("/sys/bus/pci/devices"):
        folder = f"/sys/bus/pci/devices/{address}"
        vendor = _VENDORS.get((facts.read(f"{folder}/vendor") or "").strip())
        kind = (facts.read(f"{folder}/class") or "").strip()
        now = _lanes(facts.read(f"{folder}/current_link_width"))
        most = _lanes(facts.read(f"{folder}/max_link_width"))
        if vendor and kind.startswith(_CLASSES) and now and most:
            speed = (facts.read(f"{folder}/current_link_speed") or "unknown speed").strip()
            evidence = f"{vendor} GPU at {address}: x{now} of x{most}, {speed} now"
            found.append((now, most, f"the {vendor} GPU at {address}", evidence))
    if not found:
        return Seen("not_applicable", "No PCIe link of a GPU to look at", ["/sys/bus/pci/devices"])
    lines = [one[3] for one in found]
    command = f"lspci -vv -s {found[0][2].rpartition(' ')[2]} | grep -i lnk"
    now, most, who, _ = min(found, key=lambda one: one[0] / one[1])
    if now >= most:
        return Seen("ok", None, lines, command)
    return Seen(
        "info" if now >= 8 else "warning",
        f"{who[:1].upper()}{who[1:]} has {now} of its {most} PCIe lanes",
        lines,
        command,
        "Put the card into the slot next to the processor, and look whether another card or an "
        "M.2 disk shares its lanes (the mainboard's manual tells). Riser cables lose lanes too.",
    )


def _lanes(text: Optional[str]) -> Optional[int]:
    """0, 63 and 255 stand for a link that is down or hidden by a virtual machine."""
    value = (text or "").strip()
    return int(value) if value.isdigit() and 0 < int(value) <= 32 else None


class _Use(NamedTuple):
    """A process that holds an accelerator, and that one's load in percent."""

    pid: int
    who: str
    device: str
    load: float


@check("machine.starving", title="The processor feeds the accelerators", seconds=5.0, cause=650)
def starving(facts: Facts) -> Seen:
    """An accelerator with little to do, and a process that is as busy as one thread can be."""
    uses = _uses(facts)
    if not uses:
        return Seen("not_applicable", "No kernel of which it is known holds an accelerator")
    percents = _percents(facts, {use.pid for use in uses})
    judged = [_judged(use, percents[use.pid]) for use in uses if percents.get(use.pid) is not None]
    if not judged:
        return Seen("unknown", "Not known: how busy the kernels are", ["/proc/PID/stat"])
    worst = min(judged, key=lambda one: one.verdict != "warning")
    if worst.verdict == "warning":
        return worst
    return Seen("ok", None, [line for one in judged for line in one.evidence], worst.command)


def _uses(facts: Facts) -> List[_Use]:
    usage = facts.usage or {}
    kernels = {one["id"]: one for one in usage.get("kernels") or ()}
    found = []
    for device in usage.get("devices") or ():
        load = device.get("utilization")
        for owner in {one.get("kernel_id") for one in device.get("processes") or ()}:
            pid = kernels.get(owner, {}).get("pid")
            if (
                load is not None
                and pid is not None
                and (facts.where != "kernel" or pid == facts.pid)
            ):
                who = kernels[owner].get("notebook") or "a kernel"
                found.append(_Use(pid, who, device.get("name") or "an accelerator", load))
    if found or facts.where != "kernel" or facts.pid is None:
        return found
    # Nobody has told who holds what, as in a container.
    told = [card for card in cards(facts).cards if card.utilization is not None]
    if told and has_opened_cuda([facts.pid], facts.under("/proc")):
        busiest = max(told, key=lambda card: card.utilization or 0)
        found = [_Use(facts.pid, "this kernel", busiest.name, float(busiest.utilization or 0))]
    return found


def _judged(use: _Use, percent: Optional[float]) -> Seen:
    assert percent is not None
    command = "nvidia-smi dmon -s u; top"
    evidence = [
        f"{use.device}: used {use.load:.0f} %",
        f"{use.who}: its process uses {percent:.0f} % of a core",
    ]
    if use.load < STARVES and percent >= ONE_THREAD:
        return Seen(
            "warning",
            f"{use.device} waits for the processor: it is used {use.load:.0f} % while {use.who} "
            "keeps a core busy",
            evidence,
            command,
            "Load and prepare data in parallel (DataLoader with num_workers and pin_memory=True), "
            "take larger batches, and do without `.item()` and `print` in each step. Right after "
            "a start or during validation this is normal.",
        )
    return Seen("ok", None, evidence, command)


def _percents(facts: Facts, pids: Set[int]) -> Dict[int, Optional[float]]:
    """What each process uses of one core, watched for a moment."""
    before, since = {pid: _ticks(facts, pid) for pid in pids}, time.monotonic()
    time.sleep(WATCHED)
    after, seconds = {pid: _ticks(facts, pid) for pid in pids}, time.monotonic() - since
    hertz = float(os.sysconf("SC_CLK_TCK"))
    found: Dict[int, Optional[float]] = {}
    for pid in pids:
        first, last = before[pid], after[pid]
        if first is None or last is None:
            found[pid] = None
        else:
            found[pid] = 100 * (last - first) / hertz / seconds
    return found


def _ticks(facts: Facts, pid: int) -> Optional[int]:
    words = (facts.read(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()
    return int(words[11]) + int(words[12]) if len(words) > 12 else None
