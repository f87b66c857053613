"""Checks end by their limit, break alone, and are run by name."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from jupyter_dlkit.doctor import checks as package
from jupyter_dlkit.doctor import registry
from jupyter_dlkit.doctor.facts import Facts
from jupyter_dlkit.doctor.forum import forum_text
from jupyter_dlkit.doctor.registry import Check, Seen


def declared(name: str, function: Callable[..., Seen], seconds: float = 5.0) -> Check:
    return Check(f"machine.{name}", "machine", "It is well", function, seconds, False, 500)


def well(facts: Facts) -> Seen:
    return Seen("ok", evidence=[facts.where])


def test_one_that_breaks_is_unknown_and_says_why_and_the_others_go_on() -> None:
    def breaks(facts: Facts) -> Seen:
        raise ValueError("what it met")

    def mistaken(facts: Facts) -> Seen:
        return Seen("great")

    checks = [declared("a", breaks), declared("b", mistaken), declared("c", well)]
    found = {one.id: one for one in registry.run_these(checks, Facts())}
    assert found["machine.a"].verdict == "unknown"
    assert found["machine.a"].evidence == ("ValueError: what it met",)
    assert found["machine.a"].title == "Not known: it is well"
    assert found["machine.b"].verdict == "unknown"
    assert found["machine.c"].verdict == "ok"


def test_bytes_that_are_no_text_do_not_break_the_report() -> None:
    """A path or a variable may hold any bytes; Python has them as halves of characters."""
    name = os.fsdecode(b"/data/caf\xe9")

    def look(facts: Facts) -> Seen:
        if facts.cwd == "breaks":
            raise OSError(2, "No such file", name)
        return Seen("warning", f"in {name}", [name], f"df {name}", f"Leave {name}.")

    for cwd in ("", "breaks"):
        facts = Facts(cwd=cwd, executable=f"{name}/python", environ={"USER": name})
        found = list(registry.run_these([declared("a", look)], facts))
        made = registry.reported(found, facts, 0.0)
        made = replace(made, text=forum_text(made, facts))
        told = orjson.loads(orjson.dumps(made.to_dict()))
        assert "/data/caf" in told["checks"][0]["evidence"][0]
        assert cwd or told["checks"][0]["title"] == "in /data/caf\ufffd"
        assert told["executable"] == "/data/caf\ufffd/python"


def test_each_ends_by_its_limit_and_holds_up_no_other() -> None:
    ending = threading.Event()

    def hangs(facts: Facts) -> Seen:
        ending.wait(60)
        return Seen("ok")

    many = [declared(f"hangs{n}", hangs, seconds=0.3) for n in range(registry.AT_ONCE + 2)]
    started = time.monotonic()
    found = list(registry.run_these([*many, declared("well", well)], Facts()))
    ending.set()
    assert time.monotonic() - started < 30
    late = [one for one in found if one.id != "machine.well"]
    assert [one.verdict for one in found if one.id == "machine.well"] == ["ok"]
    assert len(late) == len(many)
    assert {one.verdict for one in late} == {"unknown"}
    assert late[0].evidence == ("It did not end within 0.3 s.",)


def test_a_finding_comes_as_soon_as_it_is_known() -> None:
    heard = threading.Event()

    def waits(facts: Facts) -> Seen:
        return Seen("ok" if heard.wait(30) else "problem")

    run = registry.run_these([declared("slow", waits, 60), declared("well", well)], Facts())
    assert next(run).id == "machine.well"
    heard.set()
    assert next(run).verdict == "ok"


def test_a_module_that_cannot_be_imported_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MODULES", ("not_there", "fork"))
    found = {one.id: one for one in registry.run(Facts())}
    assert found["extension.not_there_checks"].verdict == "unknown"
    assert "ModuleNotFoundError" in found["extension.not_there_checks"].evidence[0]
    assert found["accelerator.fork"].verdict == "not_applicable"


def test_checks_by_id_and_group() -> None:
    quick = {one.id for one in registry.checks()}
    assert "pytorch.integrity" not in quick
    assert {one.id for one in registry.checks(long=True)} == quick | {"pytorch.integrity"}
    assert [one.id for one in registry.checks(["pytorch.integrity"])] == ["pytorch.integrity"]
    group = registry.checks(["accelerator"])
    assert group and {one.group for one in group} == {"accelerator"}
    with pytest.raises(ValueError, match="no check called nonsense"):
        registry.checks(["nonsense"])


def test_what_is_found_once_is_found_once() -> None:
    facts, times = Facts(), []

    def find() -> int:
        times.append(1)
        time.sleep(0)
        return 42

    threads = [threading.Thread(target=lambda: facts.once("it", find)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert facts.once("it", find) == 42 and len(times) == 1
