"""``dlkit.devices``: the devices that this process's torch has."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from .result import Result, frame
from .sizes import binary


@dataclass(frozen=True, slots=True)
class Device:
    """A device as torch calls it.  Bytes; None is not known without bringing it up.

    ``allocated``: held by tensors; ``reserved``: by torch's allocator, its cache included;
    ``total`` and ``free``: of the whole device.  ``initialized``: whether it is in use here.
    """

    id: str
    name: str | None
    type: str
    uuid: str | None
    initialized: bool | None
    allocated: int | None
    reserved: int | None
    total: int | None
    free: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Devices(Result):
    """The devices of this process, the host first.

    ``current`` is where ``torch.accelerator`` is; ``torch`` its version, None where it is not
    imported; ``note`` what is missing, and ``advice`` what to do, a sentence each, or None.
    """

    kind: ClassVar[str] = "devices"

    devices: tuple[Device, ...]
    current: str | None
    torch: str | None
    note: str | None
    advice: str | None = None
    taken_at: str = field(default="", compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The fields of ``KernelDevices`` of the REST API, and ``advice``."""
        fields = asdict(self)
        fields["devices"] = list(fields["devices"])
        return fields

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for each device; its index is the id.

        Raises ``DLKitError`` where pandas is not installed.
        """
        return frame([asdict(one) for one in self.devices], "id")

    def _text(self) -> str:
        lines = []
        for one in self.devices:
            held = "" if one.allocated is None else f"  {binary(one.allocated)} allocated"
            lines.append(f"{one.id}  {one.name or ''}{held}")
        return "\n".join([*lines, *filter(None, (self.note, self.advice))])


def devices() -> Devices:
    """The devices that torch has here; none is brought up for it, and torch is not imported."""
    from ..kernel.devices import devices as seen

    fields = seen()
    found = tuple(Device(**one) for one in fields.pop("devices"))
    return Devices(devices=found, **fields)
