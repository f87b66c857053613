"""Asks the NVIDIA driver, in a fresh short-lived process of the examined interpreter.

``cuInit`` is called there and nowhere else: in a kernel it would open the GPU for good, it may
hang, and after it a forked child can use no GPU.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from .accelerators import accelerators
from .facts import Facts
from .started import started_environment

#: Seconds for all questions together. A driver that must first wake its cards takes one or two.
LIMIT = 4.0

#: Prints a line of JSON before and after each library is asked, so that of a process that hangs
#: or crashes is known what it was doing.
_PROGRAM = r"""
import ctypes, json, os, sys
def say(**what):
    sys.stdout.write(json.dumps(what) + "\n"); sys.stdout.flush()
def text(function, *arguments):
    room = ctypes.create_string_buffer(96)
    code = function(*arguments, room, 96)
    return room.value.decode("utf-8", "replace") if code == 0 else None
def library(*names):
    last = None
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            last = last or str(error)
    say(missing=last)
def nvml():
    say(asking="nvml")
    lib = library("libnvidia-ml.so.1") if os.name != "nt" else library("nvml.dll")
    if lib is None:
        return
    code = lib.nvmlInit_v2()
    told = {"init": code}
    if code == 0:
        told["driver"] = text(lib.nvmlSystemGetDriverVersion)
        count = ctypes.c_uint()
        told["count_code"] = lib.nvmlDeviceGetCount_v2(ctypes.byref(count))
        told["devices"] = []
        for index in range(count.value):
            card = ctypes.c_void_p()
            code = lib.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(card))
            one = {"index": index, "code": code}
            if code == 0:
                one["name"] = text(lib.nvmlDeviceGetName, card)
                one["uuid"] = text(lib.nvmlDeviceGetUUID, card)
                ask = getattr(lib, "nvmlDeviceGetCudaComputeCapability", None)
                major, minor = ctypes.c_int(), ctypes.c_int()
                if ask and ask(card, ctypes.byref(major), ctypes.byref(minor)) == 0:
                    one["capability"] = [major.value, minor.value]
            told["devices"].append(one)
        lib.nvmlShutdown()
    say(nvml=told)
def cuda():
    say(asking="cuda")
    lib = library("libcuda.so.1", "libcuda.so") if os.name != "nt" else library("nvcuda.dll")
    if lib is None:
        return
    number = ctypes.c_int()
    told = {}
    try:
        told["path"] = next((line.split()[-1] for line in open("/proc/self/maps")
                             if "libcuda.so" in line), None)
    except OSError:
        pass
    if lib.cuDriverGetVersion(ctypes.byref(number)) == 0:
        told["version"] = number.value
    told["init"] = lib.cuInit(0)
    if told["init"] == 0:
        told["count_code"] = lib.cuDeviceGetCount(ctypes.byref(number))
        told["devices"] = []
        for index in range(number.value):
            device = ctypes.c_int()
            code = lib.cuDeviceGet(ctypes.byref(device), index)
            one = {"index": index, "code": code}
            if code == 0:
                name = ctypes.create_string_buffer(96)
                if lib.cuDeviceGetName(name, 96, device) == 0:
                    one["name"] = name.value.decode("utf-8", "replace")
                uuid = (ctypes.c_ubyte * 16)()
                if lib.cuDeviceGetUuid(uuid, device) == 0:
                    digits = bytes(uuid).hex()
                    parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
                    one["uuid"] = "GPU-" + "-".join(parts)
                capability = []
                for attribute in (75, 76):
                    lib.cuDeviceGetAttribute(ctypes.byref(number), attribute, device)
                    capability.append(number.value)
                one["capability"] = capability
            told["devices"].append(one)
    say(cuda=told)
nvml()
cuda()
say(end=True)
os._exit(0)
"""


@dataclass(frozen=True)
class Library:
    """What one library of the driver answered.

    ``missing`` says why it could not be loaded. ``code`` is what its ``init`` returned, None
    when it did not return: then ``stuck`` says how it ended, and ``crashed`` and ``late``
    whether by a signal or by our limit (neither: it was not asked). ``devices`` have ``index``,
    ``name``, ``uuid``, ``capability``, and ``code`` (0 when it could be asked). ``version`` is
    the driver's (NVML: ``580.65.06``; CUDA: what it supports, 12040 for 12.4). ``path`` is the
    library's file.
    """

    missing: Optional[str] = None
    code: Optional[int] = None
    stuck: Optional[str] = None
    crashed: bool = False
    late: bool = False
    devices: Tuple[Mapping[str, Any], ...] = ()
    version: Any = None
    path: Optional[str] = None

    @property
    def works(self) -> bool:
        """Whether it could be initialised."""
        return self.code == 0


@dataclass(frozen=True)
class Answers:
    """Of NVML, which does not know CUDA_VISIBLE_DEVICES, and of CUDA, which does."""

    nvml: Library
    cuda: Library


def driver_answers(facts: Facts) -> Answers:
    """The answers, asked for once in an examination. Takes ``LIMIT`` seconds at most."""
    return facts.once("driver answers", lambda: _ask(facts))


def has_nvidia(facts: Facts) -> bool:
    """Whether the machine has an NVIDIA card, by its files or, where they are hidden, by NVML."""
    return accelerators(facts).nvidia or bool(driver_answers(facts).nvml.devices)


def _ask(facts: Facts) -> Answers:
    python = facts.executable if os.access(facts.executable, os.X_OK) else sys.executable
    try:
        process = subprocess.Popen(
            [python, "-I", "-S", "-c", _PROGRAM],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=started_environment(facts),
            close_fds=True,
        )
    except OSError as error:
        failed = Library(stuck=f"{python} could not be started: {error}")
        return Answers(failed, failed)
    late = False
    try:
        said, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        late = True
        process.kill()
        try:
            said, _ = process.communicate(timeout=1)
        except subprocess.TimeoutExpired as error:  # it is stuck in the driver
            said = error.output or b""
    return _answers(said, _ending(process.returncode, late))


def _ending(code: Optional[int], late: bool) -> Library:
    if late:
        return Library(stuck=f"did not answer within {LIMIT:g} s", late=True)
    if code is not None and code < 0:
        return Library(stuck=f"crashed ({signal.Signals(-code).name})", crashed=True)
    return Library(stuck=f"ended early (exit status {code})")


def _answers(said: bytes, ending: Library) -> Answers:
    told: Dict[str, Library] = {}
    asking = "nvml"
    for line in said.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue  # what a library printed
        asking = one.get("asking", asking)
        if "missing" in one:
            told[asking] = Library(missing=one["missing"])
        elif asking in one:
            answer = one[asking]
            told[asking] = Library(
                code=answer["init"],
                devices=tuple(answer.get("devices", ())),
                version=answer.get("driver", answer.get("version")),
                path=answer.get("path"),
            )
    after = ending if asking == "cuda" else Library(stuck="was not asked: NVML came to no end")
    return Answers(told.get("nvml", ending), told.get("cuda", after))


#: For a library that was ``late``.
WAIT = (
    "Run nvidia-smi and wait for its end: cards that sleep, or many of them, may take half a "
    "minute to wake (sudo nvidia-smi -pm 1 keeps them awake). If it comes to no end, the driver "
    "is stuck: then dmesg | grep -i -E 'nvrm|xid' tells more."
)
