"""Asking NVML one question at a time.

NVML answers most questions with an error on some machine or other. Here a
question ends in one of three ways: a value; ``None``, because this device does
not report it; or :class:`DriverGone`, because nothing can be asked any more.
"""

from __future__ import annotations

from typing import Any, Optional, Set

# Numbers of nvmlReturn_t, which are part of NVML's stable interface.
UNINITIALIZED = 1
NO_PERMISSION = 4
INSUFFICIENT_SIZE = 7
DRIVER_NOT_LOADED = 9
LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
GPU_IS_LOST = 15
RESET_REQUIRED = 16
LIB_RM_VERSION_MISMATCH = 18

# After these the handles are worth nothing.
_GONE = {UNINITIALIZED, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, LIB_RM_VERSION_MISMATCH}

# Counters that the driver cannot give hold all ones (NVML_VALUE_NOT_AVAILABLE).
_NOT_AVAILABLE = {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}


class DriverGone(Exception):
    """The driver went away: `code` is of nvmlReturn_t."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class DeviceLost(Exception):
    """This one device went away; others may still answer."""


class Questions:
    """Asks about one device, and remembers what it did not answer.

    `nvml` is the module ``pynvml``. `missing` collects the words of what is not
    reported; `refused` those that only an administrator may read.
    """

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        self.missing: Set[str] = set()
        self.refused: Set[str] = set()

    def ask(self, words: Optional[str], function: str, *arguments: Any) -> Any:
        """The answer of `pynvml.<function>(*arguments)`, or None.

        `words` says to a person what was asked for; None where its absence is
        not worth a word. Raises DriverGone, DeviceLost.
        """
        try:
            answer = call(self._nvml, function, *arguments)
        except self._nvml.NVMLError as error:
            code = error_code(error)
            if code == NO_PERMISSION and words:
                self.refused.add(words)
            elif words:
                self.missing.add(words)
            return None
        if isinstance(answer, int) and answer in _NOT_AVAILABLE:
            if words:
                self.missing.add(words)
            return None
        return answer

    def first(self, words: str, *attempts: Any) -> Any:
        """The first answer among `attempts`, each a function's name and its arguments.

        For what newer drivers answer by a newer function.
        """
        trial = Questions(self._nvml)
        for function, *arguments in attempts:
            answer = trial.ask(words, function, *arguments)
            if answer is not None:
                return answer
        self.missing |= trial.missing - trial.refused
        self.refused |= trial.refused
        return None


def call(nvml: Any, function: str, *arguments: Any, tries: int = 3) -> Any:
    """`pynvml.<function>(*arguments)`.

    Raises DriverGone and DeviceLost, and NVMLError for all other errors, also
    where this pynvml does not know the function yet. Tries as often as `tries`
    where the answer did not fit.
    """
    found = getattr(nvml, function, None)
    if found is None:
        raise nvml.NVMLError(FUNCTION_NOT_FOUND)
    try:
        return found(*arguments)
    except nvml.NVMLError as error:
        code = error_code(error)
        if code == INSUFFICIENT_SIZE and tries > 1:
            # A list grew after its length was asked.
            return call(nvml, function, *arguments, tries=tries - 1)
        if code in _GONE:
            raise DriverGone(code) from error
        if code in (GPU_IS_LOST, RESET_REQUIRED):
            raise DeviceLost from error
        raise


def error_code(error: Any) -> int:
    """The number of an NVMLError; 999 (unknown) for one without."""
    code = getattr(error, "value", None)
    return code if isinstance(code, int) else 999


def text(value: Any) -> Optional[str]:
    """A name as str: older releases of pynvml give bytes."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value if isinstance(value, str) and value else None


def number(value: Any) -> Optional[int]:
    """A counter of a structure, without NVML's sign for "not available"."""
    return value if isinstance(value, int) and value not in _NOT_AVAILABLE else None
