"""Which NVIDIA driver a CUDA needs.

From NVIDIA's "CUDA Compatibility", tables "CUDA Toolkit 11.x, 12.x, and 13.x Driver Version
Ranges" and "CUDA Toolkit 10.x Minimum Required Driver Versions"
(https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html), and the
release notes of CUDA for the full numbers. From CUDA 11 on every minor version runs on the
driver of its first.
"""

from __future__ import annotations

from typing import Optional

from .versions import release

SOURCE = "https://docs.nvidia.com/deploy/cuda-compatibility/"

#: By CUDA's version; of the entries that fit, the longest. (on Linux, on Windows)
_MINIMUM = {
    "13": ("580.65.06", "580.88"),
    "12": ("525.60.13", "528.33"),
    "11": ("450.80.02", "452.39"),
    "10.2": ("440.33", "441.22"),
    "10.1": ("418.39", "418.96"),
    "10.0": ("410.48", "411.31"),
}


def minimum_driver(cuda: str, platform: str = "linux") -> Optional[str]:
    """The oldest driver for this CUDA ("12.6"); None when the table does not know it."""
    numbers = release(cuda)
    for length in (2, 1):
        found = _MINIMUM.get(".".join(map(str, numbers[:length])))
        if found is not None:
            return found[1] if platform == "win32" else found[0]
    return None
