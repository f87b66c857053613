"""A report as text that can be posted in a forum."""

from __future__ import annotations

from typing import Iterator, Optional

from .facts import Facts
from .private import Private
from .report import Finding, Report

_WORDS = {
    "problem": "PROBLEM",
    "warning": "WARNING",
    "unknown": "UNKNOWN",
    "info": "INFO",
    "ok": "OK",
    "not_applicable": "DOES NOT APPLY",
}

#: Told by their titles only.
_BRIEF = ("ok", "not_applicable")

_WHOSE = {"kernel": "a kernel", "server": "the Jupyter server", "shell": "a shell"}


def forum_text(report: Report, facts: Optional[Facts] = None) -> str:
    """The report without user names, host names, tokens and paths of the home folder.

    ``facts`` are those that were examined; without them what this process knows of itself is
    taken out.
    """
    private = Private(facts)
    lines = (private.out_of(" ".join(line.split())) for line in _lines(report, facts))
    # Markdown, and nothing in it may end the block.
    body = "\n".join(line.replace("```", "'''") for line in lines)
    return f"```text\n{body}\n```\n"


def _lines(report: Report, facts: Optional[Facts]) -> Iterator[str]:
    where = _WHOSE.get(report.where, report.where)
    machine = f", {facts.platform} on {facts.machine}" if facts is not None else ""
    day = report.taken_at[:10]
    yield f"jupyter_dlkit doctor of {where}: Python {report.python}{machine}, {day}"
    yield report.summary
    for finding in report.checks:
        if finding.verdict not in _BRIEF:
            yield ""
            yield from _whole(finding)
    for verdict in _BRIEF:
        titles = [one.title for one in report.checks if one.verdict == verdict]
        if titles:
            yield ""
            yield f"{_WORDS[verdict]}: {'; '.join(titles)}"
    if not report.complete:
        yield "The examination did not come to its end."


def _whole(finding: Finding) -> Iterator[str]:
    yield f"{_WORDS[finding.verdict]} [{finding.id}] {finding.title}"
    for line in finding.evidence:
        yield f"- {line}"
    if finding.command:
        yield f"$ {finding.command}"
    if finding.next_step:
        yield f"Next: {finding.next_step}"
