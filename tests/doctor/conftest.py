"""The made-up machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from .patient import Patient


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)
