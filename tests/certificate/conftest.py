"""A certificate worked by hand, from which each test changes what it is about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate, CertifiedQualification
from opqibi_rules.tables.library import Tables

Build = Callable[..., Answer]


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables()


@pytest.fixture(scope="session")
def build() -> Build:
    """Issued 1 December 2016; full qualifications until 2018, probationary until 2017."""
    sample = Certificate(
        number="16 12 0042",
        issued=date(2016, 12, 1),
        duration="valable un an",
        qualifications=(
            CertifiedQualification("0317", "CSPS de niveau 1", rge=False),
            CertifiedQualification("1905", "Audit énergétique", rge=True),
        ),
        qualifications_until=date(2018, 12, 1),
        probationary=(CertifiedQualification("1331", "Étude thermique"),),
        probationary_until=date(2017, 12, 1),
        url="https://www.opqibi.com/fiche/42",
    )

    def built(**changes: Any) -> Answer:
        return Answer("api_entreprise_v2", replace(sample, **changes), siren="732829320")

    return built
