"""Names, classes and messages of strangers are text: not markup, not commands of a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jupyter_dlkit.api.checking import check_broadcast
from jupyter_dlkit.api.doctor import Diagnosis
from jupyter_dlkit.api.memory import Cell, CellChange, DeviceAccount, Memory, Owner
from jupyter_dlkit.api.releasing import Released
from jupyter_dlkit.api.result import ByDevice, Result
from jupyter_dlkit.api.tensors import Group
from jupyter_dlkit.api.usage import Usage
from jupyter_dlkit.doctor.report import Finding
from jupyter_dlkit.hardware.values import Process
from jupyter_dlkit.kernel.release import Row
from jupyter_dlkit.kernel.transfer.values import LeftBehind
from jupyter_dlkit.shapes import Operand
from jupyter_dlkit.show import html, text
from tests.show.markup import read
from tests.show.results import cell, laptop, listed, row, workstation
from tests.show.test_usage_and_moves import move

HOSTILE = {
    "markup": "<img src=x onerror=alert(1)>",
    "an end of the style": "</style></td></table><script>alert(1)</script>",
    "attributes": "\" onmouseover=\"alert(1)\" x='y' onfocus='alert(2)",
    "references": "&lt;b&gt; &#60;script&#62; &nbsp;",
    "an address": "javascript:alert(1) https://example.org url(x)",
    "the other direction": "user\u202egpj.exe\u2066x\u2069\u200f",
    "lines": "a\nb\r\nc\x0bd\x85e\u2028f\u2029g",
    "codes of a terminal": "\x1b]0;title\x07\x1b[2J\x1b[31m\x9b31m\x08\x08",
    "nothing to see": "\u200b\u2060\ufeff\xad",
    "half a character": "\ud83d\udc00"[:1] + "x",
    "marks on marks": "e" + "\u0301" * 500,
    "length": "n" * 10_000,
}  # fmt: skip


def answers(evil: str) -> list[Result]:
    """Every kind of answer, with the text wherever one can be."""
    tensors = listed(
        row(evil, 3, type=evil, owner=evil, aliases=(evil,), dtype=evil, device=evil, layout=evil),
        row(f"{evil}.weight", 3, group=evil),
        groups=(Group(evil, "module", evil),),
        note=evil, pattern=evil, complete=False, cut=ByDevice({evil: evil}),
    )  # fmt: skip
    machine = workstation()
    gpu = replace(
        machine.devices[0], name=evil, note=evil,
        processes=(Process(5, 1 << 30, evil), Process(6, 1, "p", "k", evil)),
    )  # fmt: skip
    host = replace(machine.host, name=evil)
    devices = replace(
        machine.kernel,
        devices=tuple(replace(one, name=evil, id=evil) for one in machine.kernel.devices),
        note=evil, advice=evil,
    )  # fmt: skip
    moved = move(
        targets=(evil,), device=evil, warnings=(evil,), left_behind=(LeftBehind(evil, evil, None),),
        still_held_by=(evil,), undo_loses=(evil,), already_there=(evil,),
        moved=tuple(
            one._replace(name=evil, aliases=[evil], shares=[evil], source=evil, target=evil)
            for one in move().moved
        ),
    )  # fmt: skip
    checked = check_broadcast(Operand((2, 2), name=evil), Operand((3, 3), name=evil))
    changed = CellChange(1, 2, 1, 2, False, None, 1)
    cells = (
        Cell(
            1, 7, evil, False, evil, 1.0, evil, evil, ByDevice({evil: changed}), 1, 2 << 20, 3,
            True, (evil,), 0,
        ),
    )  # fmt: skip
    owner = Owner(evil, evil, 8, 1, (Owner(evil, evil, 8, 1),), (evil,), evil)
    account = DeviceAccount(evil, 8, 9, 99, 9, 8, 0, 1, 1, 1, 5, (owner,))
    known = Memory((account,), cells, False, (evil,))
    row_ = Row(evil, evil, 9, 1, still_held_by=(evil,), message=evil)
    freed = Released("done", evil, (row_,), (evil,), 0.1)
    found = Finding(evil, evil, evil, "problem", (evil,) * 50, evil, evil)
    ill = Diagnosis(
        "problem", evil, evil, (found, replace(found, id="x", verdict="ok")), evil, evil, evil, 1.0,
        evil, False, False, f"{evil}\n{evil}",
    )  # fmt: skip
    used = Usage(1.0, ByDevice({evil: cell().ram}), cell().ram)
    return [
        tensors, replace(tensors, rows=(), total=0), tensors.rows[0],
        laptop(devices=(gpu,), host=host, note=evil, advice=evil, kernel=devices), devices,
        moved, replace(moved, state="failed", message=evil, hint=evil, moved=()), checked, used,
        known, freed, ill, replace(ill, first=None),
    ]  # fmt: skip


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE.keys())
def test_html_holds_it_as_text(evil: str) -> None:
    for result in answers(evil):
        written = getattr(html, result.kind)(result)
        whole = read(written)  # no element, attribute or style that is not ours
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\x00-\x1f\x7f-\x9f]", written)
        assert len(written) < 60_000
        written.encode("utf-8")
        if len(evil) < 40 and evil.isprintable():
            assert evil in whole.text


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_terminal_prints_it_as_text(evil: str) -> None:
    for result in answers(evil):
        written = getattr(text, result.kind)(result, 80)
        assert all(one.isprintable() for one in written.split("\n"))
        assert len(written) < 20_000
        written.encode("utf-8")


def test_what_is_escaped_can_still_be_told_apart() -> None:
    said = text.tensors(listed(row("a\u202eb", 1), row("a\nb", 1), row("ab", 1)), 80)
    assert [line.split()[0] for line in said.splitlines()[1:4]] == ["a\\u202eb", "a\\nb", "ab"]


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    name = "model." + "x" * 10_000 + ".weight"
    shown = read(html.tensors(listed(row(name, 1)))).all("code")[0].text
    assert shown.startswith("model.x") and shown.endswith("x.weight") and len(shown) <= 120


def test_names_that_are_written_from_right_to_left_turn_nothing_else() -> None:
    (name,) = read(html.tensors(listed(row("משקל", 1)))).all("code")
    assert name.attributes["dir"] == "auto"
