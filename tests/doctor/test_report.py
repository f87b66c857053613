"""The report reads from the top, and travels as JSON."""

from __future__ import annotations

import json

import pytest

from jupyter_dlkit.doctor import report as reports
from jupyter_dlkit.doctor.report import Finding, Report


def finding(id: str, verdict: str, cause: int = 500, title: str = "Something is so") -> Finding:
    return Finding(id, id.partition(".")[0], title, verdict, ("seen",), "look", "do", cause)


def report(*findings: Finding, complete: bool = True) -> Report:
    return reports.build(
        findings,
        executable="/env/bin/python",
        python="3.11.2",
        where="kernel",
        seconds=0.25,
        taken_at="2026-01-02T03:04:05.678+00:00",
        complete=complete,
    )


def test_the_cause_comes_before_its_symptoms_and_the_rest_by_severity_and_group() -> None:
    made = report(
        finding("machine.shm", "ok"),
        finding("accelerator.cuda", "problem", 50),
        finding("cloud.idle", "not_applicable"),
        finding("extension.versions", "warning"),
        finding("pytorch.build", "problem", 30),
        finding("machine.disk", "unknown"),
        finding("accelerator.visible", "problem", 35),
        finding("machine.memory", "info"),
        finding("accelerator.runtime", "warning", 5),
    )
    assert [one.id for one in made.checks] == [
        "pytorch.build",
        "accelerator.visible",
        "accelerator.cuda",
        "accelerator.runtime",
        "extension.versions",
        "machine.disk",
        "machine.memory",
        "machine.shm",
        "cloud.idle",
    ]
    assert (made.verdict, made.first) == ("problem", "pytorch.build")
    assert made.summary == "Something is so (4 more below)."


@pytest.mark.parametrize(
    ("verdict", "code", "first"),
    [
        ("problem", 2, "pytorch.build"),
        ("warning", 1, "pytorch.build"),
        ("unknown", 1, None),
        ("info", 0, None),
        ("ok", 0, None),
        ("not_applicable", 0, None),
    ],
)
def test_exit_codes_and_the_first(verdict: str, code: int, first: str | None) -> None:
    made = report(finding("pytorch.build", verdict), finding("cloud.idle", "not_applicable"))
    assert (made.exit_code, made.first, made.verdict) == (code, first, verdict)


def test_summaries() -> None:
    assert report(finding("pytorch.build", "ok")).summary == "Nothing wrong was found."
    device = finding("accelerator.device", "ok", title="The machine has NVIDIA H100")
    assert report(device).summary == "The machine has NVIDIA H100."
    unknown = finding("machine.disk", "unknown")
    assert report(device, unknown).summary == "The machine has NVIDIA H100; 1 could not be told."
    assert report().verdict == "unknown"
    assert "did not end" in report(device, complete=False).summary


def test_a_report_survives_json() -> None:
    made = report(finding("pytorch.build", "problem"), finding("machine.shm", "ok"))
    fields = {**json.loads(json.dumps(made.to_dict())), "later": "ignored"}
    assert Report.from_dict(fields) == made
    assert {"id", "group", "title", "verdict", "evidence", "command", "next_step"} <= set(
        fields["checks"][0]
    )
