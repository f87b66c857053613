"""The checks, by what they look at."""

#: The modules that declare checks.  Listed, not searched for: the package may be carried.
MODULES = ("environment",)
