"""The style of answers: what is read is readable in every theme, and weighs little."""

from __future__ import annotations

import math
import re

import pytest

from jupyter_dlkit.show import html
from tests.show.markup import read
from tests.show.results import cell, laptop, training

Colour = tuple[float, float, float]

#: What is behind an answer, and the colour of the text there.
LIGHT = {
    "JupyterLab": ("#ffffff", "#212121"),
    "its notices": ("#f0f0f0", "#212121"),
    "Colab": ("#ffffff", "#000000"),
    "VS Code": ("#ffffff", "#3b3b3b"),
    "GitHub": ("#f6f8fa", "#1f2328"),
}
DARK = {
    "JupyterLab": ("#111111", "#ffffff"),
    "its notices": ("#1e1e1e", "#ffffff"),
    "Colab": ("#383838", "#e0e0e0"),
    "VS Code": ("#1f1f1f", "#cccccc"),
    "GitHub": ("#0d1117", "#f0f6fc"),
}
PAGES = [*(("light", *one) for one in LIGHT.values()), *(("dark", *one) for one in DARK.values())]


def sheet(kind: str = "checked") -> str:
    from jupyter_dlkit.api.checking import check_broadcast

    answers = {
        "checked": lambda: html.checked(check_broadcast((2, 2), (3, 3))),
        "tensors": lambda: html.tensors(training()),
        "status": lambda: html.status(laptop()),
        "usage": lambda: html.usage(cell()),
    }
    (style,) = read(answers[kind]()).all("style")
    return "".join(one for one in style.inside if isinstance(one, str))


@pytest.mark.parametrize(("theme", "page", "ink"), PAGES)
def test_signs_made_from_the_text_stand_out_from_the_page(theme: str, page: str, ink: str) -> None:
    """Chromium from 131, Firefox from 133, Safari from 18: without asking for a theme."""
    made = re.findall(
        r"--dlkit-(\w+):oklch\(from currentcolor clamp\(([\d.]+),\(l - 0\.5\) \* 1000,([\d.]+)\)"
        r" ([\d.]+) ([\d.]+) / 1\)",
        sheet(),
    )
    assert [name for name, *_ in made] == ["good", "stretch", "clash", "trap"]
    for name, dark, light, chroma, hue in made:
        # What clamp() gives: the larger lightness beside light text, the smaller beside dark.
        lightness = float(light if luminance(hexadecimal(ink)) > 0.2 else dark)
        colour = oklch(lightness, float(chroma), float(hue))
        assert contrast(colour, hexadecimal(page)) >= 4.5, name


@pytest.mark.parametrize(("theme", "page", "ink"), PAGES)
def test_so_do_those_of_older_browsers(theme: str, page: str, ink: str) -> None:
    fixed = re.findall(r"--dlkit-(good|stretch|clash|trap):(#\w{6})", sheet())
    assert len(fixed) == 12, "light, dark, and dark by the system"
    for name, colour in fixed[:4] if theme == "light" else fixed[4:8]:
        assert contrast(hexadecimal(colour), hexadecimal(page)) >= 4.5, name
    assert fixed[4:8] == fixed[8:]


@pytest.mark.parametrize(("theme", "page", "ink"), PAGES)
def test_what_is_quieter_can_still_be_read(theme: str, page: str, ink: str) -> None:
    (share,) = set(re.findall(r"--dlkit-quiet:color-mix\(in srgb,currentcolor (\d+)%", sheet()))
    part = int(share) / 100
    back, front = hexadecimal(page), hexadecimal(ink)
    mixed = tuple(part * f + (1 - part) * b for f, b in zip(front, back, strict=True))
    assert contrast((mixed[0], mixed[1], mixed[2]), back) >= 4.5


def test_text_has_the_colour_of_the_page() -> None:
    """Whatever colours text is one of ours, made from the text: nothing is dark on dark."""
    for kind in ("checked", "tensors", "status", "usage"):
        colours = re.findall(r"[{;]color:([^;}]+)", sheet(kind))
        assert colours and set(colours) <= {
            "inherit", "var(--dlkit-quiet)", "var(--dlkit-good)", "var(--dlkit-stretch)",
            "var(--dlkit-clash)", "var(--dlkit-trap)",
        }  # fmt: skip


@pytest.mark.parametrize("kind", ["checked", "tensors", "status", "usage"])
def test_a_style_is_light_and_stays_at_home(kind: str) -> None:
    css = sheet(kind)
    assert len(css) < 4500
    depth, start = 0, 0
    for i, one in enumerate(css):
        if one == "{":
            assert depth or css[start:i].startswith(".dlkit.dlkit.dlkit"), css[start:i]
            depth += 1
        elif one == "}":
            depth -= 1
            start = i + 1


def oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """As sRGB, by the matrices of CSS Color 4; what is out of gamut is cut."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (
        12.92 * one if one <= 0.0031308 else 1.055 * one ** (1 / 2.4) - 0.055
        for one in (min(max(one, 0.0), 1.0) for one in linear)
    )
    return red, green, blue


def hexadecimal(colour: str) -> Colour:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Relative luminance, WCAG 2."""
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, WCAG 2: 4.5 is what text needs."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
