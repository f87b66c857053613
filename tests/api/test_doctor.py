"""``dlkit.doctor`` in a script, where there is neither a kernel nor a server."""

from __future__ import annotations

import sys

import pytest

import jupyter_dlkit as dlkit


def test_it_is_a_report_that_reads_from_the_top() -> None:
    found = dlkit.doctor()
    assert (found.executable, found.where, found.complete) == (sys.executable, "shell", True)
    order = ["problem", "warning", "unknown", "info", "ok", "not_applicable"]
    places = [order.index(one.verdict) for one in found.checks]
    assert places == sorted(places)
    assert found.verdict == found.checks[0].verdict
    assert found.first in (None, found.checks[0].id)
    assert found.ok == (found.verdict in ("info", "ok", "not_applicable"))
    assert found["accelerator.driver"].group == "accelerator"
    assert repr(found).splitlines()[0].split(" ", 1)[1][:20] in found.summary


def test_a_check_that_there_is_not() -> None:
    with pytest.raises(dlkit.DLKitError, match=r"no check 'cuda'"):
        dlkit.doctor()["cuda"]
