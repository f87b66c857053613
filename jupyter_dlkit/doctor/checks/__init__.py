"""The checks, by what they look at."""

#: The modules that declare checks.  Listed, not searched for: the package may be carried.
MODULES = (
    "runtime",
    "fork",
    "container",
    "environment",
    "build",
    "vendor",
    "visible",
    "driver",
    "nvml",
    "cuda",
    "architecture",
    "pynvml",
    "requirements",
    "conda",
    "integrity",
    "cards",
    "cloud",
    "disks",
    "door",
    "extension",
    "feeding",
    "resources",
)
