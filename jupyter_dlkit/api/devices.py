"""``dlkit.devices``: the devices that this process's torch has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from .errors import DLKitError
from .result import Result, frame


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
    """The devices of this process, the host first: ``for one in d``, ``d["cuda:0"]``.

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

    def __getitem__(self, device: str) -> Device:
        for one in self.devices:
            if one.id == str(device):
                return one
        there = ", ".join(one.id for one in self.devices)
        raise DLKitError(f"There is no device {str(device)[:60]!r} here.", f"There is {there}.")

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices)

    def __len__(self) -> int:
        return len(self.devices)

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


def devices() -> Devices:
    """The devices that this process's torch has, and how much of each is held.

    An accelerator that the user's code has not brought up stays so: it is named, and its bytes
    are None.  torch is not imported; without it there is only the host.

    Returns
    -------
    Devices
        ``devices`` with ``id``, ``name``, ``type`` and, in bytes, ``allocated`` (by tensors),
        ``reserved`` (by torch's allocator), ``total`` and ``free``.

    Examples
    --------
    >>> d = dlkit.devices()
    >>> d.devices[0].id, d.devices[0].initialized
    ('cpu', True)
    >>> d["cpu"].type
    'cpu'
    >>> sorted(d.to_dict())
    ['advice', 'current', 'devices', 'note', 'taken_at', 'torch']
    """
    from ..hardware.place import here
    from ..kernel.devices import devices as seen
    from .advice import advice

    fields = seen()
    found = tuple(Device(**one) for one in fields.pop("devices"))
    return Devices(devices=found, **fields, advice=advice(here(), found))
