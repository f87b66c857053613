"""On a machine with an NVIDIA GPU, and a torch that can use it."""

from __future__ import annotations

import dataclasses

import pytest

from jupyter_dlkit.doctor import facts
from jupyter_dlkit.doctor.examine import examine
from jupyter_dlkit.doctor.report import Report

from .patient import Patient

pytestmark = pytest.mark.gpu

GROUPS = ("accelerator", "pytorch")


def problems(report: Report) -> list[str]:
    return [f"{one.id}: {one.title}" for one in report.checks if one.verdict == "problem"]


def test_it_is_green_where_it_is_green(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    report = examine(facts.here(), only=GROUPS)
    assert report.complete and not problems(report)
    verdicts = {one.id: one.verdict for one in report.checks}
    for check in ("device", "driver", "nvml", "cuda", "architecture", "visible", "vendor"):
        assert verdicts[f"accelerator.{check}"] == "ok", check
    assert verdicts["pytorch.build"] == "ok"


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("", "CUDA_VISIBLE_DEVICES is empty: it hides every GPU"),
        ("77", 'CUDA_VISIBLE_DEVICES="77" names no GPU of this machine'),
    ],
)
def test_the_variable_on_top(monkeypatch: pytest.MonkeyPatch, value: str, title: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    report = examine(facts.here(), only=GROUPS)
    assert (report.first, report.checks[0].title) == ("accelerator.visible", title)
    assert problems(report) == [f"accelerator.visible: {title}"]


def test_a_torch_for_the_cpu_only_on_top(patient: Patient) -> None:
    patient.torch("2.9.1+cpu")
    second = dataclasses.replace(
        facts.here(),
        prefix=str(patient.prefix),
        site=(str(patient.site),),
        path=(str(patient.site),),
    )
    report = examine(second, only=GROUPS)
    assert report.first == "pytorch.build"
    assert "built for the CPU only" in report.checks[0].title
