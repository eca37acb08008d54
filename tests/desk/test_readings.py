"""What a worker says of a file, in this process: answers, or what is wrong, in the reader's language."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from opqibi_rules.desk.apart import work_on
from opqibi_rules.desk.readings import certificates, invoices
from opqibi_rules.desk.requests import CertificateRequest, InvoiceRequest, ProgramRequest
from opqibi_rules.desk.service import Service
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables
from tests.web.test_api import CERTIFICATE, EXPECTED, INVOICE

SERVICE = Service(Tables(), lambda: date(2026, 3, 2))


def work(question: ProgramRequest, **more: Any) -> dict[str, Any]:
    """The work as it reaches a worker: through JSON."""
    given = {"name": "file", "voice": Language("en"), **more}
    told: dict[str, Any] = json.loads(json.dumps(work_on(question, SERVICE, **given)))
    return told


def bill(**expected: Any) -> InvoiceRequest:
    given: Any = EXPECTED["expected"]
    return InvoiceRequest.model_validate({**EXPECTED, "expected": {**given, **expected}})


def judged(told: Json, data: bytes) -> Json:
    """The verdict on a certificate, as JSON."""
    said = certificates(told, data)
    assert isinstance(said, dict)
    return said


def test_an_invoice_is_checked_on_its_own_day() -> None:
    (answer,) = invoices(work(bill()), INVOICE)["answers"]
    assert answer["expected"]["date"] == "2026-03-02"
    assert answer["invoice"]["file"] == "file"
    assert answer["comparison"][-1]["difference"] == "120.00"
    assert answer["dispute_text"].startswith("Subject: your invoice F1 of 2 March 2026")


def test_an_invoice_older_than_the_first_schedule_is_priced_by_it() -> None:
    (answer,) = invoices(work(bill()), INVOICE.replace(b"02/03/2026", b"01/01/2020"))["answers"]
    assert answer["expected"]["date"] == "2024-02-08"


def test_the_day_given_is_the_day_meant() -> None:
    (answer,) = invoices(work(bill(on="2025-06-01")), INVOICE)["answers"]
    assert answer["expected"]["date"] == "2025-06-01"


def test_sentences_are_for_people_and_values_stand_beside() -> None:
    (spoken,) = invoices(work(bill(), voice=Language("fr")), INVOICE)["answers"]
    assert "120,00" in spoken["summary"] or "120\xa0€" in spoken["summary"]
    assert spoken["comparison"][-1]["difference"] == "120.00"
    differs = next(item for item in spoken["findings"] if item["difference"] == "120.00")
    assert (differs["values"]["invoiced"], differs["values"]["expected"]) == ("480.00", "360.00")


def test_what_is_wrong_names_its_field() -> None:
    assert invoices(work(bill()), b"%PDF-1.7")["wrong"][0]["field"] == "file"
    (unknown,) = invoices(work(bill(qualifications=["1905"])), INVOICE)["wrong"]
    assert unknown["field"] == "expected.qualifications[0]"
    (vague,) = invoices(work(bill(tariffs={})), INVOICE)["wrong"]
    assert vague["field"] == "expected.tariffs"
    (siren,) = judged(
        {**work(CertificateRequest()), "question": {"siren": "12"}}, json.dumps(CERTIFICATE).encode()
    )["wrong"]
    assert siren["field"] == "siren"
    assert "12" in siren["reason"]


def test_a_certificate_is_checked_on_the_server_s_day(tmp_path: Path) -> None:
    data = json.dumps(CERTIFICATE).encode()
    (answer,) = judged(work(CertificateRequest()), data)["answers"]
    assert answer["on"] == "2026-03-02"
    own = Service(Tables(tmp_path), SERVICE.today)
    told = work_on(CertificateRequest(), own, voice=Language("fr"), name="a")
    assert told["tables"] == str(tmp_path)
    assert judged(told, data)["answers"][0]["verdict"] == answer["verdict"]
