"""Why there is no GPU: each cause is made, seen, and taken away again."""

from __future__ import annotations

import shutil

import pytest

from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.wheels import build_for
from tests.hardware.stub import DRIVER_NOT_LOADED, GPU_IS_LOST, UNKNOWN, VERSION_MISMATCH, Gpu

from . import cuda_stub
from .patient import Patient, link

AMD_NODES = "sys/class/kfd/kfd/topology/nodes"
TWO = (
    Gpu("GPU-a0000000-0000-0000-0000-000000000000"),
    Gpu("GPU-b0000000-0000-0000-0000-000000000000"),
)


def test_a_machine_without_a_gpu_is_no_problem(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")
    report = patient.report()
    assert report.verdict == "info" and report.first is None and report.exit_code == 0
    assert report.summary == "This machine has no GPU, so torch computes on the CPU."
    patient.card("0x1002")
    assert patient.finding("accelerator.device").title == "The machine has graphics by AMD"


def test_all_is_green_where_it_is_green(patient: Patient) -> None:
    patient.nvidia(*TWO)
    patient.torch("2.9.1+cu128", cuda="12.8")
    report = patient.report()
    wrong = [(one.id, one.title, one.evidence) for one in report.checks if one.verdict == "problem"]
    assert not wrong
    assert patient.finding("accelerator.device").title == "The machine has 2 × NVIDIA Stub 9000"
    assert patient.finding("accelerator.cuda").title == "CUDA works, with 2 GPUs"
    for check in ("driver", "nvml", "cuda", "architecture", "visible", "vendor"):
        assert patient.verdict(f"accelerator.{check}") == "ok", check


# No driver, half a driver, an old driver


def test_a_card_without_a_driver(patient: Patient) -> None:
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("accelerator.driver") == "not_applicable"
    patient.card("0x10de")
    patient.write("proc/modules", "nouveau 1 0 - Live 0x0\n")
    found = patient.finding("accelerator.driver")
    assert (found.verdict, found.title) == ("problem", "The NVIDIA driver is not installed")
    assert "nouveau" in " ".join(found.evidence) and found.command and found.next_step
    assert patient.report().first == "accelerator.driver"
    patient.nvidia(Gpu())
    assert patient.verdict("accelerator.driver") == "ok"


def test_the_library_is_missing(patient: Patient) -> None:
    patient.nvidia(Gpu())
    patient.torch("2.9.1+cu128", cuda="12.8")
    patient.no_driver("libcuda.so.1")
    found = patient.finding("accelerator.driver")
    assert found.title == "The NVIDIA driver's library for CUDA is missing"
    assert found.verdict == "problem" and "LD_LIBRARY_PATH" in str(found.next_step)
    patient.write(".dockerenv", "")
    assert "NVIDIA_DRIVER_CAPABILITIES" in str(patient.finding("accelerator.driver").next_step)
    cuda_stub.build(patient.libraries)
    assert patient.verdict("accelerator.driver") == "ok"


@pytest.mark.parametrize(
    ("driver", "supports", "cuda", "verdict"),
    [
        ("535.129.03", 12020, "13.0", "problem"),
        ("580.65.06", 13000, "13.0", "ok"),
        ("525.60.13", 12000, "12.8", "ok"),  # minor versions are compatible
        ("520.61.05", 11080, "12.1", "problem"),
        ("450.80.02", 11000, "11.8", "ok"),
        ("440.33.01", 10020, "10.2", "ok"),
        ("418.39", 10010, "10.2", "problem"),
        ("470.57.02", 12080, "12.8", "ok"),  # a compatibility package does it
        ("999.1", 16000, "14.0", "unknown"),
        ("520.61.05", 0, "12.1", "problem"),  # the library does not say what it supports
        ("530.30.02", 0, "12.1", "ok"),
    ],
)
def test_a_driver_and_the_cuda_of_torch(
    patient: Patient, driver: str, supports: int, cuda: str, verdict: str
) -> None:
    patient.nvidia(Gpu(), driver=driver, version=supports)
    patient.torch("2.9.1", cuda=cuda)
    found = patient.finding("accelerator.driver")
    assert found.verdict == verdict, found
    if verdict == "problem":
        assert found.title == f"The NVIDIA driver is too old for this torch (CUDA {cuda})"
        assert f"driver: {driver}" in found.evidence
        assert patient.report().first == "accelerator.driver"


def test_the_version_of_the_open_kernel_module(patient: Patient) -> None:
    patient.nvidia(Gpu())
    line = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release Build\n"
    patient.write("proc/driver/nvidia/version", line)
    patient.cuda(devices=1, version=12090)
    patient.torch("2.12.0", cuda="13.0")
    found = patient.finding("accelerator.driver")
    assert found.verdict == "problem" and "driver: 575.57.08" in found.evidence


def test_a_container_that_was_started_without_the_gpu(patient: Patient) -> None:
    patient.torch("2.9.1+cu128", cuda="12.8")
    patient.write(".dockerenv", "")
    assert patient.verdict("accelerator.container") == "not_applicable"
    patient.card("0x10de")
    patient.module("580.65.06")
    found = patient.finding("accelerator.container")
    assert found.verdict == "problem" and "--gpus all" in str(found.next_step)
    assert patient.report().first == "accelerator.container"
    patient.environ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1"
    assert "nvidia.com/gpu" in str(patient.finding("accelerator.container").next_step)
    patient.nodes(1)
    assert patient.verdict("accelerator.container") == "ok"


def test_wsl(patient: Patient) -> None:
    patient.write("dev/dxg", "")
    assert patient.verdict("accelerator.driver") == "not_applicable"  # Intel's, perhaps
    patient.write("usr/lib/wsl/lib/libcuda.so.1", "")
    found = patient.finding("accelerator.driver")
    assert found.verdict == "problem" and "Windows" in str(found.next_step)
    patient.nvidia(Gpu())
    assert patient.verdict("accelerator.driver") == "ok"


def test_a_container_from_which_gpus_are_kept(patient: Patient) -> None:
    patient.write(".dockerenv", "")
    patient.environ["NVIDIA_VISIBLE_DEVICES"] = "void"
    found = patient.finding("accelerator.container")
    assert (found.verdict, found.title) == (
        "info",
        "NVIDIA_VISIBLE_DEVICES=void keeps GPUs out of this container",
    )
    patient.remove(".dockerenv")
    assert patient.verdict("accelerator.container") == "not_applicable"


# CUDA_VISIBLE_DEVICES


@pytest.mark.parametrize(
    ("value", "verdict", "title"),
    [
        ("", "problem", "CUDA_VISIBLE_DEVICES is empty: it hides every GPU"),
        ("-1", "problem", "CUDA_VISIBLE_DEVICES is -1: it hides every GPU"),
        ("7", "problem", 'CUDA_VISIBLE_DEVICES="7" names no GPU of this machine'),
        ("0,0", "problem", 'CUDA_VISIBLE_DEVICES="0,0" names a GPU twice, so CUDA shows none'),
        ("-1,-1", "problem", 'CUDA_VISIBLE_DEVICES="-1,-1" names no GPU of this machine'),
        ("GPU-c", "problem", 'CUDA_VISIBLE_DEVICES="GPU-c" names no GPU of this machine'),
        ("0,7", "warning", 'CUDA_VISIBLE_DEVICES="0,7" shows 1 of the 2 GPUs that it names'),
        ("1", "info", "CUDA_VISIBLE_DEVICES shows 1 of 2 GPUs"),
        ("GPU-b", "info", "CUDA_VISIBLE_DEVICES shows 1 of 2 GPUs"),
        ("1,0", "ok", "CUDA_VISIBLE_DEVICES shows every GPU"),
    ],
)
def test_what_the_variable_hides(patient: Patient, value: str, verdict: str, title: str) -> None:
    patient.nvidia(*TWO)
    patient.torch("2.9.1+cu128", cuda="12.8")
    patient.environ["CUDA_VISIBLE_DEVICES"] = value
    found = patient.finding("accelerator.visible")
    assert (found.verdict, found.title) == (verdict, title)
    if verdict == "problem":
        report = patient.report()
        assert report.first == "accelerator.visible"
        assert "kernelspec" in str(report.checks[0].next_step)
    del patient.environ["CUDA_VISIBLE_DEVICES"]
    assert patient.verdict("accelerator.visible") == "ok"


def test_an_instance_of_a_divided_gpu(patient: Patient) -> None:
    patient.nvidia(Gpu())
    patient.environ["CUDA_VISIBLE_DEVICES"] = "MIG-11111111-0000-0000-0000-000000000000"
    assert patient.verdict("accelerator.visible") == "ok"
    patient.cuda(devices=0)
    assert patient.verdict("accelerator.visible") == "problem"


def test_where_the_variable_came_from(patient: Patient) -> None:
    patient.nvidia(*TWO)
    patient.environ["CUDA_VISIBLE_DEVICES"] = ""
    patient.started = {}
    found = patient.finding("accelerator.visible")
    assert "set by code in this process" in found.evidence
    assert "os.environ" in str(found.next_step)


def test_the_variable_was_changed_too_late(patient: Patient) -> None:
    check = "accelerator.visible_in_time"
    patient.nvidia(*TWO)
    patient.started = {"CUDA_VISIBLE_DEVICES": "0"}
    patient.environ["CUDA_VISIBLE_DEVICES"] = "1"
    assert patient.verdict(check) == "ok"  # nothing has asked CUDA yet
    patient.more["pid"] = 4711
    link(patient.root / "proc/4711/fd/39", "/dev/nvidiactl")  # NVML's, which does not read it
    assert patient.verdict(check) == "ok"
    link(patient.root / "proc/4711/fd/40", "/dev/nvidia-uvm")
    assert patient.verdict(check) == "warning"
    patient.more["loaded"] = {"initialized": True, "devices": [{"uuid": TWO[0].uuid}]}
    found = patient.finding(check)
    assert found.verdict == "problem" and "ignored" in found.title
    patient.more["loaded"] = {"initialized": True, "devices": [{"uuid": TWO[1].uuid}]}
    assert patient.verdict(check) == "ok"  # it was in time: the process uses that card
    patient.started = {"CUDA_VISIBLE_DEVICES": "1"}
    assert patient.verdict(check) == "ok"


# What the driver answers


@pytest.mark.parametrize(
    ("code", "title", "command"),
    [
        (802, "fabric manager does not run", "systemctl status nvidia-fabricmanager"),
        (803, "The driver and its library for CUDA are of different versions", "cat /proc/driver"),
        (804, "compatibility package does not support this GPU", "ldconfig"),
        (999, "unknown error (999), as after the machine was suspended", "lsmod"),
        (46, "Another process has the GPU for itself", "nvidia-smi"),
        (34, "A stub of libcuda is loaded", "ldconfig"),
        (304, "The system refused a call of CUDA's", "ls -l /dev/nvidia*"),
        (805, "Multi-Process Service does not answer", "nvidia-cuda-mps-control"),
        (719, "CUDA cannot be initialised: error 719", "nvidia-smi"),
        (100, "CUDA finds no GPU, although the machine has one", "nvidia-smi"),
    ],
)
def test_errors_of_cuda(patient: Patient, code: int, title: str, command: str) -> None:
    patient.nvidia(Gpu(), init=code)
    patient.torch("2.9.1+cu128", cuda="12.8")
    found = patient.finding("accelerator.cuda")
    assert found.verdict == "problem" and title in found.title and found.next_step
    assert str(found.command).startswith(command)
    assert any(f"cuInit: {code}" in line for line in found.evidence)
    assert patient.report().first == "accelerator.cuda"
    patient.cuda(devices=1)
    assert patient.verdict("accelerator.cuda") == "ok"


def test_the_second_module_is_not_loaded(patient: Patient) -> None:
    patient.nvidia(Gpu(), init=999)
    patient.write("proc/modules", "nvidia 1 1 - Live 0x0\n")
    found = patient.finding("accelerator.cuda")
    assert found.title == "The driver's module nvidia_uvm is not loaded"
    assert found.next_step == "sudo modprobe nvidia_uvm."


@pytest.mark.parametrize("how", ["hang", "crash"])
def test_a_driver_that_hangs_or_crashes(patient: Patient, how: str) -> None:
    patient.nvidia(Gpu(), **{how: 1})
    checks = ["accelerator.cuda", "accelerator.nvml"]
    found, nvml = sorted(registry.run(patient.facts(), checks), key=lambda one: one.id)
    verdict, said, step = {
        # It may be waking its cards: that is no reason to restart a machine.
        "hang": ("warning", "did not answer within 4 s", "Run nvidia-smi and wait"),
        "crash": ("problem", "crashed (SIGABRT)", "Restart the machine"),
    }[how]
    assert found.verdict == verdict and said in found.title
    assert str(found.next_step).startswith(step)
    assert nvml.verdict == "ok"  # it was asked before


def test_a_driver_that_hangs_before_cuda_is_asked(patient: Patient) -> None:
    machine = patient.nvidia(Gpu())
    machine.show(Gpu(), hang=True)
    checks = ["accelerator.cuda", "accelerator.nvml"]
    cuda, nvml = sorted(registry.run(patient.facts(), checks), key=lambda one: one.id)
    assert (nvml.verdict, nvml.title) == ("warning", "The NVIDIA driver did not answer within 4 s")
    assert (cuda.verdict, cuda.title) == ("unknown", "CUDA was not asked: NVML came to no end")
    assert cuda_stub.calls(patient.libraries) == []
    machine.show(Gpu())
    assert {one.verdict for one in registry.run(patient.facts(), checks)} == {"ok"}


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (DRIVER_NOT_LOADED, "The NVIDIA driver is installed, but not loaded"),
        (VERSION_MISMATCH, "are of different versions, as after an update"),
        (4, "This user may not talk to the NVIDIA driver"),
        (UNKNOWN, "The NVIDIA driver fails with NVML's error 999"),
    ],
)
def test_errors_of_nvml(patient: Patient, code: int, title: str) -> None:
    machine = patient.nvidia(Gpu())
    machine.show(Gpu(), init=code)
    found = patient.finding("accelerator.nvml")
    assert found.verdict == "problem" and title in found.title and found.next_step
    machine.show(Gpu())
    assert patient.verdict("accelerator.nvml") == "ok"


def test_a_gpu_that_fell_off_the_bus(patient: Patient) -> None:
    machine = patient.nvidia(*TWO)
    machine.show(*TWO, errors={"nvmlDeviceGetHandleByIndex_v2": GPU_IS_LOST})
    found = patient.finding("accelerator.nvml")
    assert (found.verdict, found.title) == ("problem", "The GPU has fallen off the bus")
    machine.show(*TWO)
    assert patient.verdict("accelerator.nvml") == "ok"


def test_a_container_that_has_lost_its_gpu(patient: Patient) -> None:
    machine = patient.nvidia(Gpu(), init=999)
    machine.show(Gpu(), init=UNKNOWN)
    patient.write(".dockerenv", "")
    patient.torch("2.9.1+cu128", cuda="12.8")
    report = patient.report()
    assert report.first == "accelerator.nvml"
    assert report.checks[0].title.startswith("This container has lost its GPU")
    machine.show(Gpu())
    assert patient.verdict("accelerator.nvml") == "ok"


def test_nvml_is_missing(patient: Patient) -> None:
    patient.nvidia(Gpu())
    patient.no_driver("libnvidia-ml.so.1")
    assert patient.verdict("accelerator.nvml") == "warning"
    assert patient.verdict("accelerator.cuda") == "ok"


def test_libraries_are_looked_for_where_the_process_was_started_to_look(patient: Patient) -> None:
    patient.nvidia(Gpu())
    here, elsewhere = str(patient.libraries), str(patient.folder / "elsewhere")
    patient.libraries = patient.folder / "elsewhere"
    patient.no_driver()
    patient.environ["LD_LIBRARY_PATH"] = elsewhere
    assert patient.verdict("accelerator.cuda") == "not_applicable"
    patient.started = {"LD_LIBRARY_PATH": here}
    assert patient.verdict("accelerator.cuda") == "ok"
    patient.started = {"LD_LIBRARY_PATH": elsewhere}
    patient.environ["LD_LIBRARY_PATH"] = here  # set by a cell: too late for the loader
    assert patient.verdict("accelerator.cuda") == "not_applicable"


# The build and the cards


@pytest.mark.parametrize(
    ("built_for", "capability", "verdict"),
    [
        ("sm_75 sm_80 sm_86 sm_90", (8, 9), "ok"),  # 8.6's code runs on 8.9
        ("sm_75 sm_80 sm_86 sm_90", (12, 0), "problem"),
        ("sm_75 sm_80 sm_86 sm_90 compute_90", (12, 0), "ok"),
        ("sm_80 sm_86", (7, 0), "problem"),
        ("sm_90a", (9, 0), "ok"),
        ("sm_90a", (10, 0), "problem"),
        ("sm_100f", (10, 3), "ok"),
        (None, (9, 0), "unknown"),
    ],
)
def test_architectures(
    patient: Patient, built_for: str | None, capability: tuple[int, int], verdict: str
) -> None:
    check = "accelerator.architecture"
    major, minor = capability
    patient.nvidia(Gpu(), major=major, minor=minor)
    patient.torch("2.9.1+cu128", cuda="12.8", architectures=built_for)
    found = patient.finding(check)
    assert found.verdict == verdict, found
    if verdict == "problem":
        expected = (
            f"This torch has no code for NVIDIA Stub 9000 (compute capability {major}.{minor})"
        )
        assert found.title == expected and patient.report().first == check
    if verdict == "unknown":
        patient.more["loaded"] = {"arch_list": ["sm_90"], "version": "2.9.1+cu128"}
        assert patient.verdict(check) == "ok"


def test_architectures_of_amd(patient: Patient) -> None:
    check = "accelerator.architecture"
    patient.torch("2.9.1+rocm6.4", hip="6.4.43484", architectures="gfx90a gfx942 gfx1100")
    assert patient.verdict(check) == "not_applicable"
    nodes = AMD_NODES
    patient.write(f"{nodes}/0/properties", "cpu_cores_count 16\ngfx_target_version 0\n")
    patient.write(f"{nodes}/1/properties", "simd_count 1216\ngfx_target_version 100306\n")
    found = patient.finding(check)
    assert (found.verdict, found.title) == ("problem", "This torch has no code for gfx1036")
    patient.write(f"{nodes}/2/properties", "gfx_target_version 90402\n")
    assert patient.verdict(check) == "info"
    patient.remove(f"{nodes}/1")
    assert patient.verdict(check) == "ok"


def test_a_build_for_the_cpu_only(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")
    assert patient.verdict("pytorch.build") == "info"
    patient.nvidia(Gpu(health={"capability": "8.6"}), driver="550.54.14")
    patient.environ["CUDA_VISIBLE_DEVICES"] = ""
    report = patient.report()
    assert report.first == "pytorch.build"  # before the variable: it explains more
    top = report.checks[0]
    assert top.title == "This torch is built for the CPU only, and the machine has an NVIDIA GPU"
    assert "https://download.pytorch.org/whl/cu126" in str(top.next_step)
    assert report.exit_code == 2
    patient.more["where"] = "server"  # its kernels have their own
    assert patient.verdict("pytorch.build") == "info"
    patient.more["where"] = "kernel"
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("pytorch.build") == "ok"


def test_a_card_whose_files_are_hidden(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")
    patient.nvidia(Gpu())
    for path in ("sys/bus", "proc/driver", "dev/nvidia0"):
        patient.remove(path)
    assert patient.verdict("pytorch.build") == "problem"
    assert patient.verdict("accelerator.driver") == "ok"
    patient.no_driver()
    assert patient.verdict("pytorch.build") == "info"


def test_no_torch_at_all(patient: Patient) -> None:
    assert patient.finding("pytorch.build").title == "PyTorch is not installed in this environment"
    assert patient.verdict("pytorch.build") == "warning"
    patient.more["where"] = "server"
    assert patient.verdict("pytorch.build") == "info"
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("pytorch.build") == "ok"


def test_an_amd_card_and_a_build_for_cuda(patient: Patient) -> None:
    check = "accelerator.vendor"
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict(check) == "not_applicable"
    patient.card("0x1002")
    assert patient.verdict(check) == "warning"  # perhaps graphics of the processor only
    patient.write("dev/kfd", "")
    found = patient.finding(check)  # which it is, its driver does not tell
    assert found.verdict == "warning" and "pytorch.org/get-started" in str(found.next_step)
    patient.write(f"{AMD_NODES}/1/properties", "gfx_target_version 110000\n")
    found = patient.finding(check)
    assert found.verdict == "problem" and "whl/rocm6.4" in str(found.next_step)
    assert patient.report().first == check
    patient.torch("2.9.1+rocm6.4", hip="6.4.43484")
    assert patient.verdict(check) == "ok"
    patient.remove("dev/kfd")
    assert patient.finding(check).title.startswith("AMD's driver for computing is missing")


def test_graphics_of_a_ryzen_processor_get_no_advice_about_rocm(patient: Patient) -> None:
    """They have /dev/kfd as well, and no build of PyTorch has code for most of them."""
    patient.card("0x1002")
    patient.write("dev/kfd", "")
    patient.write(f"{AMD_NODES}/0/properties", "gfx_target_version 0\n")
    patient.write(f"{AMD_NODES}/1/properties", "gfx_target_version 100306\n")
    for installed in ({"version": "2.9.1+cpu"}, {"version": "2.9.1+cu128", "cuda": "12.8"}, None):
        if installed is None:
            shutil.rmtree(patient.site / "torch")
        else:
            patient.torch(**installed)
        report = patient.report()
        assert "problem" not in [one.verdict for one in report.checks], report
        assert "rocm" not in str(report.to_dict()).lower().replace("rocminfo", "")
    patient.torch("2.9.1+cpu")
    patient.environ["HSA_OVERRIDE_GFX_VERSION"] = "10.3.0"  # somebody knows better
    assert "whl/rocm6.4" in str(patient.finding("pytorch.build").next_step)
    del patient.environ["HSA_OVERRIDE_GFX_VERSION"]
    patient.write(f"{AMD_NODES}/1/properties", "gfx_target_version 110501\n")  # newer ROCm's
    assert "pytorch.org/get-started" in str(patient.finding("pytorch.build").next_step)
    patient.write(f"{AMD_NODES}/2/properties", "gfx_target_version 110000\n")  # and a card
    assert "whl/rocm6.4" in str(patient.finding("pytorch.build").next_step)


@pytest.mark.parametrize(
    ("driver", "capabilities", "word"),
    [
        ("580.65.06", ["8.6"], "cu130"),
        ("580.65.06", ["12.1"], "cu130"),
        ("580.65.06", ["7.0"], "cu126"),  # Volta: CUDA 13 cannot compile for it
        ("580.65.06", ["6.1", "8.9"], "cu126"),
        ("580.65.06", ["6.1", "12.0"], None),
        ("570.26", ["12.0"], "cu128"),
        ("570.26", ["5.2"], "cu126"),
        ("560.35.03", ["9.0"], "cu126"),
        ("525.60.13", ["8.0"], "cu126"),
        ("450.80.02", ["7.5"], "cu118"),
        ("440.33.01", ["7.5"], None),
        ("580.65.06", ["3.7"], None),
    ],
)
def test_the_build_that_is_advised(
    patient: Patient, driver: str, capabilities: list[str], word: str | None
) -> None:
    cards = [
        Gpu(f"GPU-{n}0000000-0000-0000-0000-000000000000", health={"capability": one})
        for n, one in enumerate(capabilities)
    ]
    patient.nvidia(*cards, driver=driver)
    for version in ("2.9.1+cpu", "2.9.1+rocm6.4"):
        patient.torch(version, hip="6.4" if "rocm" in version else None)
        check = "accelerator.vendor" if "rocm" in version else "pytorch.build"
        step = str(patient.finding(check).next_step)
        assert ("pytorch.org/get-started" in step) == (word is None), step
        assert word is None or f"--index-url https://download.pytorch.org/whl/{word}." in step


def test_builds_for_windows_and_arm() -> None:
    assert build_for("572.16", [(12, 0)], "win32") == "cu128"
    assert build_for("570.60", [(12, 0)], "win32") is None
    assert build_for("580.65.06", [(9, 0)], machine="aarch64") == "cu130"
    assert build_for("580.65.06", [(7, 2)], machine="aarch64") is None
    assert build_for("470.57.02", [(8, 0)], machine="aarch64") is None


def test_a_command_with_a_path_that_has_spaces_can_be_pasted(patient: Patient) -> None:
    patient.more["executable"] = "/opt/my env/bin/python"
    report = patient.report()
    quoted = "'/opt/my env/bin/python' -m pip install torch"
    assert quoted in str(patient.finding("pytorch.build").next_step)
    for one in report.checks:
        assert "/opt/my env" not in str(one.command).replace("'/opt/my env/bin/python'", "")
    patient.more.update(platform="win32", executable=r"C:\my env\python.exe")
    assert r'"C:\my env\python.exe" -m pip' in str(patient.finding("pytorch.build").next_step)


def test_an_nvidia_card_and_a_build_for_rocm(patient: Patient) -> None:
    patient.nvidia(Gpu())
    patient.torch("2.9.1+rocm6.4", hip="6.4.43484")
    assert patient.verdict("accelerator.vendor") == "problem"
    patient.torch("2.9.1+cu128", cuda="12.8")
    assert patient.verdict("accelerator.vendor") == "ok"


def test_intel(patient: Patient) -> None:
    check = "accelerator.vendor"
    patient.torch("2.9.1+cpu")
    patient.card("0x8086")
    assert patient.verdict(check) == "info"
    patient.torch("2.9.1+xpu", xpu="20250201")
    assert patient.finding(check).title.startswith("Intel's GPU cannot be reached")
    patient.write("dev/dri/renderD128", "")
    assert patient.verdict(check) == "ok"
    patient.remove("sys/bus/pci/devices")
    assert patient.verdict(check) == "warning"


def test_apple(patient: Patient) -> None:
    patient.more.update(platform="darwin", machine="arm64")
    patient.torch("2.9.1")
    assert patient.verdict("accelerator.vendor") == "ok"
    assert patient.verdict("pytorch.build") == "ok"
    patient.more["loaded"] = {"version": "2.9.1", "mps": False}
    assert patient.verdict("accelerator.vendor") == "problem"
    patient.more.update(machine="x86_64", loaded={})
    assert patient.verdict("accelerator.vendor") == "info"


# The process and its place


def test_a_forked_child(patient: Patient) -> None:
    check = "accelerator.fork"
    assert patient.verdict(check) == "not_applicable"
    patient.more["loaded"] = {"version": "2.9.1", "bad_fork": True}
    found = patient.finding(check)
    assert found.verdict == "problem" and "spawn" in str(found.next_step)
    patient.more["loaded"] = {"version": "2.9.1", "bad_fork": False}
    assert patient.verdict(check) == "ok"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("COLAB_RELEASE_TAG", "Runtime → Change runtime type"),
        ("KAGGLE_KERNEL_RUN_TYPE", "Settings → Accelerator"),
    ],
)
def test_a_runtime_without_a_gpu(patient: Patient, name: str, step: str) -> None:
    check = "accelerator.runtime"
    patient.torch("2.9.1+cpu")
    assert patient.verdict(check) == "not_applicable"
    patient.environ[name] = "yes"
    found = patient.finding(check)
    assert found.verdict == "warning" and str(found.next_step).startswith(step)
    assert patient.report().first == check
    patient.environ["TPU_ACCELERATOR_TYPE"] = "v5e-1"
    assert patient.verdict(check) == "info"
    patient.nodes(1)
    assert patient.verdict(check) == "ok"
