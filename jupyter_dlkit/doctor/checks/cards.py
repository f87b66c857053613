"""Checks of the health of NVIDIA cards: throttling, memory errors, persistence mode."""

from __future__ import annotations

from typing import Callable, List, Optional

from ..facts import Facts
from ..health import CardHealth, Cards, cards
from ..registry import Seen, check

#: Opening the driver wakes every card that nobody keeps awake.
SECONDS = 5.0

# Bits of nvmlClocksThrottleReasons.
POWER_CAP = 0x4
HARDWARE = 0x8
HEAT = 0x20 | 0x40
POWER_BRAKE = 0x80


def _none(found: Cards) -> Seen:
    return Seen("not_applicable", "No NVIDIA GPU to look at", [found.why_none])


@check("machine.throttling", title="No GPU is slowed down", seconds=SECONDS, cause=610)
def throttling(facts: Facts) -> Seen:
    """Heat and a weak power supply slow a card down; its power limit does so by design."""
    found = cards(facts)
    told = [card for card in found.cards if card.slowed is not None]
    if not told:
        return _none(found)
    command = "nvidia-smi -q -d PERFORMANCE,TEMPERATURE,POWER"
    evidence = [_speed(card) for card in told]
    for bits, verdict, title, step in (
        (
            HEAT,
            "warning",
            "is slowed down by heat",
            "Clean the fans and filters, give the case more air, or lower the power limit "
            "(`sudo nvidia-smi -pl WATTS`): a cooler card is faster than a throttled one.",
        ),
        (
            POWER_BRAKE | HARDWARE,
            "warning",
            "is slowed down by its hardware",
            "Look at the power supply and at the power cables of the card; in a data centre ask "
            "its operator.",
        ),
        (POWER_CAP, "info", "runs at its power limit", None),
    ):
        hit = [card for card in told if (card.slowed or 0) & bits]
        if hit:
            return Seen(verdict, f"{hit[0].title} {title}", evidence, command, step)
    return Seen("ok", None, evidence, command)


def _speed(card: CardHealth) -> str:
    bits = card.slowed or 0
    reasons = [
        words
        for bit, words in (
            (HEAT, "slowed by heat"),
            (POWER_BRAKE, "slowed by the power supply"),
            (HARDWARE, "slowed by the hardware"),
            (POWER_CAP, "at its power limit"),
        )
        if bits & bit
    ]
    at = [
        text
        for text in (
            None if card.temperature is None else f"{card.temperature} °C",
            None if card.power is None else f"{card.power:.0f} W",
        )
        if text
    ]
    return f"{card.title}: {', '.join([*(reasons or ['not slowed down']), *at])}"


@check("machine.ecc", title="No GPU reports memory errors", seconds=SECONDS, cause=600)
def ecc(facts: Facts) -> Seen:
    """Errors that the card's memory could not correct, and rows that are to be replaced."""
    found = cards(facts)
    told = [c for c in found.cards if c.ecc or c.remap_pending is not None]
    if not found.cards:
        return _none(found)
    if not told:
        return Seen(
            "not_applicable",
            "These GPUs do not count memory errors",
            [
                f"{card.title}: ECC is {'off' if card.ecc is False else 'not there'}"
                for card in found.cards
            ],
            "nvidia-smi -q -d ECC",
        )
    command = "nvidia-smi -q -d ECC,ROW_REMAPPER"
    evidence = [_errors(card) for card in told]
    bad = _first(told, lambda card: bool(card.uncorrected) or bool(card.remap_failed))
    if bad is not None:
        return Seen(
            "problem",
            f"The memory of {bad.title} has errors that could not be corrected",
            evidence,
            command,
            "Results that were computed on it may be wrong. Restart the machine; if the errors "
            "come back, have the card replaced, or take another machine.",
        )
    old = _first(told, lambda card: bool(card.remap_pending) or bool(card.ever))
    if old is not None and old.remap_pending:
        return Seen(
            "warning",
            f"{old.title} waits for a restart to replace a faulty part of its memory",
            evidence,
            command,
            "Save your work and restart the machine.",
        )
    if old is not None:
        return Seen(
            "info",
            f"{old.title} had memory errors in the past, none since the driver was started",
            evidence,
            command,
        )
    return Seen("ok", None, evidence, command)


def _first(those: List[CardHealth], such: Callable[[CardHealth], bool]) -> Optional[CardHealth]:
    return next((card for card in those if such(card)), None)


def _errors(card: CardHealth) -> str:
    parts = [
        f"{count} {words}"
        for count, words in (
            (card.uncorrected, "not corrected"),
            (card.corrected, "corrected since the driver's start"),
            (card.ever, "not corrected ever"),
        )
        if count is not None
    ]
    if card.remap_failed:
        parts.append("a row could not be replaced")
    elif card.remap_pending:
        parts.append("a row is to be replaced")
    return f"{card.title}: {', '.join(parts) or 'no count'}"


@check("machine.persistence", title="GPUs stay awake between programs", seconds=SECONDS, cause=690)
def persistence(facts: Facts) -> Seen:
    """Without persistence mode the driver starts anew for each first program."""
    found = cards(facts)
    told = [card for card in found.cards if card.persistent is not None]
    if not told:
        return _none(found)
    evidence = [f"{c.title}: persistence mode is {'on' if c.persistent else 'off'}" for c in told]
    command = "nvidia-smi -q | grep 'Persistence Mode'"
    if all(card.persistent for card in told):
        return Seen("ok", None, evidence, command)
    return Seen(
        "info",
        "The driver is started anew for each first program: a start of CUDA takes seconds longer",
        evidence,
        command,
        "`sudo systemctl enable --now nvidia-persistenced`, or `sudo nvidia-smi -pm 1` until the "
        "next restart.",
    )
