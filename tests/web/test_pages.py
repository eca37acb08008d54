"""The page without a browser: what it says in both languages, what it keeps, where it says what is wrong."""

import json
import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from opqibi_rules.web.pages import carried
from tests.web.test_api import CERTIFICATE, INVOICE

pytestmark = pytest.mark.usefixtures("_answered_in_one_piece")

ADDRESSES = ("/", "/plan", "/facture", "/certificat", "/en", "/en/plan", "/en/invoice", "/en/certificate")
FIRST = "t1=5&t2=3&turnover=800000&on=2026-03-02"


def text_of(page: Any) -> str:
    """The text of a page, with ordinary spaces."""
    plain = unescape(re.sub(r"<[^>]*>", " ", page.text)).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", plain)


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_tab_has_its_address_in_both_languages(client: TestClient, address: str) -> None:
    page = client.get(address)
    lang = "en" if address.startswith("/en") else "fr"
    assert page.status_code == 200
    assert f'<html lang="{lang}">' in page.text
    assert page.text.count('aria-current="page"') == 1
    assert ("Quote" if lang == "en" else "Devis") in text_of(page)
    assert not re.search(r"<script(?! src)|style=|\son[a-z]+=", page.text)
    assert not re.search(r'(?:src|action)="(?:https?:)?//|<link[^>]*="(?:https?:)?//', page.text)


def test_the_quote_of_an_address(client: TestClient) -> None:
    said = text_of(client.get(f"/?{FIRST}"))
    for words in (
        "2 164,20 €",
        "1 803,50 €",
        "5 × 60,00 €",
        "550 000,00 € × 0,65 ‰",
        "Interprétations retenues",
    ):
        assert words in said
    said = text_of(client.get(f"/en?{FIRST}"))
    assert "€2,164.20" in said
    assert "First application" in said


def test_the_other_language_keeps_the_question(client: TestClient) -> None:
    assert f'href="/en?{FIRST.replace("&", "&amp;")}"' in client.get(f"/?{FIRST}").text


def test_rows_become_a_short_address(client: TestClient) -> None:
    rows = "code=1905&tariff=5&nature=full&code=0607&tariff=5&nature=probationary&code=&tariff=&nature=full"
    page = client.get(f"/?{rows}&audit_turnover=90%20000&on=2026-03-02&part=answer")
    (address,) = re.findall(r'data-address="([^"]*)"', page.text)
    assert unescape(address) == (
        "event=first&q=1905%3A5&p=0607%3A5&audit_turnover=90+000&on=2026-03-02&vat=metropolitan"
    )
    again = client.get(f"/?{unescape(address)}&part=answer")
    assert again.text == page.text


@pytest.mark.parametrize("page", ["/", "/en", "/embed", "/plan", "/comparer"])
def test_what_is_given_twice_is_not_guessed(client: TestClient, page: str) -> None:
    """The last once was taken, without a word."""
    asked = "t1=5&t1=2&turnover=800000&turnover=1"
    answer = client.get(f"{page}?{asked}")
    assert answer.text.count('href="#t1"') == 1
    assert answer.text.count('href="#turnover"') == 1
    assert "1 732,20" not in text_of(answer)
    once = client.get(f"{page}?t1=5&turnover=800000&q=1905:5&q=0607:5")  # named by code, as many as there are
    assert 'href="#t1"' not in once.text


@pytest.mark.parametrize("name", ["quote", "plan", "compare"])
def test_a_file_of_what_is_given_twice_is_refused(client: TestClient, name: str) -> None:
    answer = client.get(f"/{name}.json?t1=5&t1=2&turnover=800000")
    assert answer.status_code == 422
    assert [item["field"] for item in answer.json()["errors"]] == ["t1"]


def test_the_day_of_a_quote_goes_to_a_plan_once() -> None:
    assert carried("t1=5&start=2026-01-05&on=2026-03-02", []) == "?t1=5&start=2026-03-02"
    assert carried("t1=5&start=2026-01-05", []) == "?t1=5&start=2026-01-05"


def test_a_row_without_its_code_is_not_left_out(client: TestClient) -> None:
    """It once was: the price stayed that of the others, and the address lost the row."""
    for asked in (
        "code=&tariff=2&nature=full",
        "q=%3A2",
        "code=1905&code=&tariff=5&tariff=2&nature=full&nature=full",
    ):
        page = client.get(f"/?t1=5&turnover=800000&{asked}")
        said = text_of(page)
        assert "avec celles du tarif 2" in said
        assert "1 732,20" not in said
        assert f'href="#code-{asked.count("1905")}"' in page.text
    assert "1 732,20" in text_of(client.get("/?t1=5&turnover=800000&code=&tariff=&nature=full"))


SHORT = (
    ("code=1202&tariff=5", "qualifications[0]"),
    ("code=1202&nature=full", "qualifications[0]"),
    ("tariff=5&nature=full", "qualifications[0]"),
    ("code=1202", "qualifications[0]"),
    ("q=1905:5&code=1202&code=1301&tariff=5&nature=full", "qualifications[2]"),
    ("code=1202&tariff=5&nature=zz", "qualifications[0]"),
    ("p=1202:5&code=1301&tariff=5&nature=", "qualifications[0]"),
    ("q=1202:5&n2=1", "new_tariffs"),
    ("turnover-chaud=2", "turnovers"),
    ("t100=2", "tariffs.100"),
    ("qualifications=1202:5", "qualifications"),
)


@pytest.mark.parametrize(("asked", "field"), SHORT)
def test_nothing_that_an_address_asks_is_passed_over(client: TestClient, asked: str, field: str) -> None:
    """A price was given without it: 86 + 560 for one at tariff 1, where two were asked for."""
    file = client.get(f"/quote.json?event=first&t1=1&turnover=800000&on=2026-03-02&{asked}")
    assert file.status_code == 422
    assert [item["field"] for item in file.json()["errors"]] == [field]
    page = client.get(f"/?event=first&t1=1&turnover=800000&on=2026-03-02&{asked}")
    assert 'class="sum"' not in page.text
    assert 'role="alert"' in page.text
    # What the page leads to refuses it too.
    for link in re.findall(r'href="(/(?:plan)?\?[^"]*)"', page.text):
        if "n2=" not in asked:  # a plan is asked no new requests
            assert 'role="alert"' in client.get(unescape(link)).text


def test_what_the_form_sends_blank_asks_nothing(client: TestClient) -> None:
    # 86 + 560 at tariff 1, and 557.50 on 800,000.
    asked = (
        "event=first&t1=1&t2=&t3=0&n1=&n2=0&turnover=800000&audit_turnover=&on=2026-03-02&vat=metropolitan"
    )
    rows = "code=&tariff=&nature=full&code=&tariff=&nature=new"
    for more in (rows, "nature=full", "utm_source=letter", "seller=", "more=1", "years=4&growth=2"):
        found = client.get(f"/quote.json?{asked}&{more}")
        assert found.json()["total_excl_vat"] == "1203.50"


def test_more_qualifications_than_a_question_holds_are_refused(client: TestClient) -> None:
    named = "&".join(f"q={code}:1" for code in range(1000, 1200))
    named += "&" + "&".join(f"p={code}:1" for code in range(1200, 1301))
    answer = client.get(f"/quote.json?{named}&on=2026-03-02")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "qualifications"


def test_what_is_to_be_compared_is_one_of_the_questions(client: TestClient) -> None:
    answer = client.get("/compare.json?t1=1&turnover=800000&start=2026-03-02&ask=zz")
    assert [item["field"] for item in answer.json()["errors"]] == ["ask"]


def test_the_unknown_tariff_is_asked_for_beside_its_code(client: TestClient) -> None:
    page = client.get("/?q=1905&q=1911&t1=2")
    assert 'href="#code-0"' in page.text
    assert 'href="#code-1"' in page.text
    said = text_of(page)
    assert "choisissez-le à côté du code" in said
    assert "--" not in said


def test_a_sum_that_lacks_a_fee_is_no_total_and_no_placeholder_is_a_value(client: TestClient) -> None:
    """« Total TTC 1 063,20 € » once stood there, and a grey « 800000 » beside it."""
    page = client.get("/?t1=5").text
    named = re.findall("Total TTC[^<]*", unescape(page))
    assert len(named) == 4  # what is read out, the headline, the last line, the bar of small screens
    assert all(
        name.startswith("Total TTC, hors\N{NO-BREAK SPACE}: Utilisation de la marque") for name in named
    )
    assert "placeholder" not in page
    assert "https://www.opqibi.com/nomenclature" in page


def test_articles_are_those_that_the_schedule_prints(client: TestClient) -> None:
    """« IV.new » was none."""
    page = client.get("/?event=control&t1=5&n5=1&turnover=800000").text
    first = client.get("/?t1=5&turnover=800000000").text
    met = set(re.findall('class="article"><span>([^<]*)', page + first))
    assert met == {"I", "II.1", "II.2", "III", "IV", "IV.1", "IV.2"}


def test_words_find_by_the_note_what_has_no_name(client: TestClient) -> None:
    """0701 bears no official name at hand; its note, that alone, says « biodiversité »."""
    (entry,) = client.get("/api/nomenclature?q=biodiversite").json()["entries"]
    assert (entry["code"], entry["name"]) == ("0701", None)
    page = client.get("/?q=Biodiversité")
    assert re.search('name="choose" value="0:0701"><b>0701</b> Code attesté [(]études de biodiv', page.text)
    assert '<option value="0701" data-words="0701 code atteste etudes de biodiversite' in page.text
    assert 'class="sum"' not in page.text
    assert client.get("/api/nomenclature?q=koumoul").json()["entries"] == []  # in the note of one with a name


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("t1=x", "t1"),
        ("event=control&t1=1&n2=x", "n2"),
        ("t1=1&turnover=1,234.56", "turnover"),
        ("t1=1&audit_turnover=-5", "audit_turnover"),
        ("t1=1&on=1999-01-01", "on"),
        ("t1=1&vat=mars", "vat"),
        ("q=19O5:1", "code-0"),
        ("event=control&q=1905:5&new=19O5:1", "code-1"),
        ("q=1905:5&p=1905:5", "code-1"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client: TestClient, query: str, field: str) -> None:
    page = client.get(f"/?{query}")
    assert page.status_code == 200
    assert f'href="#{field}"' in page.text
    assert f'id="{field}-wrong"' in page.text
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', page.text)


@pytest.mark.parametrize("amount", ["-5", "99999999999999999", "1.001"])
def test_no_name_of_a_program_stands_on_the_page(client: TestClient, amount: str) -> None:
    for path in ("/en", "/en/plan", "/en/compare"):
        page = client.get(path, params={"t1": "1", "turnover": amount})
        (said,) = re.findall(r'<p class="mistake" id="turnover-wrong">([^<]*)</p>', page.text)
        assert "turnover" not in said


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("ask=add", "a1", "Say what would be asked for."),
        ("ask=drop&d2=0", "d1", "Say what would be given up."),
        ("ask=other", "b1", "Say what the other choice would be."),
        ("ask=drop&d1=9", "d1", "What you typed: 9 qualifications at tariff 1 are given up, and 5 are held."),
        ("ask=drop&drop=1905", "drop", "What you typed: 1905 is not held then"),
        ("ask=add&add=1905", "add", "write it after the code"),
    ],
)
def test_what_is_compared_is_said_or_asked_for(client: TestClient, query: str, field: str, said: str) -> None:
    """Nothing to compare was once answered by another question's answer; and a mistake stood nowhere."""
    page = client.get(f"/en/compare?t1=5&t2=3&turnover=800000&{query}")
    assert re.search(rf'<input[^>]* id="{field}"[^>]*aria-invalid="true"', page.text)
    assert said in text_of(page)
    assert "<table" not in page.text


def test_new_requests_are_for_a_control_alone(client: TestClient) -> None:
    """As the command refuses them; they were left out of the price of a first application without a word."""
    page = client.get("/?event=first&t1=1&n5=1&on=2026-03-02")
    assert "pas pour cet événement" in text_of(page)
    assert 'class="sum"' not in page.text
    counts = page.text[page.text.index("data-unasked") - 40 : page.text.index("data-unasked")]
    assert "class=" not in counts  # they are shown, to be cleared
    assert re.search(r'name="n5" value="1"', page.text)
    assert "alert" not in client.get("/?event=first&t1=1&n5=0&n1=&on=2026-03-02").text
    shown = client.get("/?event=renewal&q=1905:5&new=1911:5&on=2026-03-02").text
    assert re.search(
        r'id="code-1"[^>]*aria-invalid="true"', shown
    )  # it was left out of the price without a word
    assert 'class="sum"' not in shown
    said = text_of(client.get("/?event=control&t4=1&t1=2&n5=1&on=2026-03-02"))
    assert "1 792,50 €" in said


def test_a_row_is_added_and_removed_without_any_script(client: TestClient) -> None:
    rows = "code=1905&tariff=5&nature=full&code=0607&tariff=5&nature=full"
    assert client.get(f"/?{rows}&more=1").text.count("data-row") == 3
    left = client.get(f"/?{rows}&without=0").text
    assert left.count("data-row") == 1
    assert 'value="0607"' in left


def test_what_is_typed_is_escaped(client: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    for address in ADDRESSES:
        page = client.get(
            address,
            params={"q": hostile, "t1": hostile, "turnover": hostile, "vat": hostile, "siren": hostile},
        )
        assert "<script>" not in page.text
        assert hostile not in page.text


def test_the_plan_of_an_address(client: TestClient) -> None:
    said = text_of(client.get("/plan?t1=5&t2=3&turnover=800000&start=2026-03-02"))
    for words in ("3 208,20 €", "2 673,50 €", "2 juin 2026", "Dates à ne pas manquer"):
        assert words in said
    grown = text_of(
        client.get("/plan?t1=5&turnover=800000&start=2026-03-02&years=8&growth=2,5 %25&notified=2026-05-18")
    )
    assert "18 mai 2026" in grown
    for query, field in (
        ("growth=lots", "growth"),
        ("years=99", "years"),
        ("start=1999-01-01", "start"),
        ("notified=x", "notified"),
    ):
        assert f'href="#{field}"' in client.get(f"/plan?t1=1&turnover=1&{query}").text
    assert client.get("/plan?code=1905&tariff=5&nature=full&more=1").text.count("data-row") == 2


def test_the_plan_of_a_firm_already_qualified(client: TestClient) -> None:
    asked = "t1=5&t2=3&turnover=800000&start=2028-06-02&event=control&control=2&years=2"
    said = text_of(client.get(f"/plan?{asked}"))
    assert "Carried forward" not in said
    paid = client.get(f"/en/plan?{asked}&paid-day=2026-06-02&paid-amount=557,50&year_end=30/06")
    for words in ("€407.15", "2027-2028", "€429.66", "€267.49", "By financial year", "Carried forward"):
        assert words in text_of(paid)
    assert "paid-day=2026-06-02&amp;paid-amount=557%2C50" in paid.text
    for query, field in (
        ("paid-day=2026-06-02", "paid-amount"),
        ("paid-amount=557,50", "paid-day"),
        ("paid-day=2029-06-02&paid-amount=1", "paid-day"),
        ("year_end=31/06", "year_end"),
        ("control=4", "control"),
    ):
        assert f'href="#{field}"' in client.get(f"/plan?{asked.replace('control=2', '')}&{query}").text


def test_the_api_takes_what_was_paid(client: TestClient) -> None:
    asked = {
        "tariffs": {"1": 5, "2": 3}, "turnover": "800000", "start": "2028-06-02", "event": "control", "control": 2,
        "paid": [{"day": "2026-06-02", "amount": "557,50"}], "year_end": "30/06",
    }  # fmt: skip
    found = client.post("/api/plan", json=asked).json()
    assert found["by_year"][0]["carried_forward"] == "407.15"
    firm = {"qualifications": [{"code": "0901", "tariff": "1"}], "paid": asked["paid"], "year_end": "06-30"}
    of_firm = {key: asked[key] for key in ("start", "event", "control", "turnover")} | {"structure": firm}
    answer = client.post("/api/plan", json=of_firm)
    assert answer.status_code == 200, answer.text
    assert answer.json()["by_year"][0]["carried_forward"] == "407.15"
    wrong = client.post("/api/plan", json={**asked, "paid": [{"day": "2026-06-02", "amount": "x"}]})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("pdf", b"%PDF-"),
        ("xlsx", b"PK"),
        ("json", b"{"),
        ("csv", b"\xef\xbb\xbf"),
        ("ics", b"BEGIN:VCALENDAR"),
    ],
)
def test_files_to_keep(client: TestClient, kind: str, start: bytes) -> None:
    file = client.get(f"/plan.{kind}?t1=5&turnover=800000&start=2026-03-02&lang=fr")
    assert file.content.startswith(start)
    assert file.headers["content-disposition"] == f'attachment; filename="opqibi-plan.{kind}"'
    if kind != "ics":
        assert client.get(f"/quote.{kind}?{FIRST}&lang=fr").content.startswith(start)


def test_a_file_that_cannot_be_made(client: TestClient) -> None:
    assert client.get(f"/quote.doc?{FIRST}").status_code == 404
    assert client.get("/quote.pdf?t1=x").status_code == 422


def test_an_invoice_is_read_and_its_gap_explained(client: TestClient) -> None:
    data = {"event": "first", "t1": "5", "t2": "3", "turnover": "800 000"}
    page = client.post("/facture", files={"file": ("F1.csv", INVOICE)}, data=data)
    said = text_of(page)
    assert page.status_code == 200
    for words in ("Écart", "480,00 €", "360,00 €", "+120,00 €", "La lettre qui la conteste"):
        assert words in said
    english = text_of(client.post("/en/invoice", files={"file": ("F1.csv", INVOICE)}, data=data))
    assert "Discrepancy" in english
    assert "Amount due €1,536.00" in " ".join(english.split())
    abroad = (
        b"number;date;currency;amount;total incl vat;due date\nF1;2026-03-02;HUF;100,00;120,00;2026-04-01\n"
    )
    english = text_of(client.post("/en/invoice", files={"file": ("F1.csv", abroad)}, data=data))
    assert "Amount due 120.00 HUF · 1 Apr 2026" in " ".join(english.split())


def test_an_invoice_page_says_what_is_missing(client: TestClient) -> None:
    without_file = client.post("/facture", files={"file": ("", b"")}, data={"t1": "5"})
    assert without_file.status_code == 422
    assert 'href="#file"' in without_file.text
    without_question = client.post("/facture", files={"file": ("F1.csv", INVOICE)})
    assert 'href="#t1"' in without_question.text
    hostile = client.post("/facture", files={"file": ("x.pdf", b"%PDF-1.7")}, data={"t1": "5"})
    assert 'href="#file"' in hostile.text
    unknown = client.post(
        "/en/invoice",
        files={"file": ("F1.csv", INVOICE)},
        data={"code": "1905", "tariff": "", "nature": "full"},
    )
    assert 'href="#code-0"' in unknown.text
    assert client.post("/facture", json={}).status_code == 422
    more = client.post(
        "/facture",
        files={"file": ("", b"")},
        data={"code": "1905", "tariff": "5", "nature": "full", "more": "1"},
    )
    assert more.text.count("data-row") == 2
    assert client.get("/facture?q=1905:5").text.count('value="1905"') == 2  # the row, and the list of codes


def test_a_certificate_is_read_part_by_part(client: TestClient) -> None:
    file = ("answer.json", json.dumps(CERTIFICATE).encode())
    data = {"on": "2025-01-15", "requires": "1905|1911, 0607", "accept_probationary": "1"}
    said = text_of(client.post("/certificat", files={"file": file}, data=data))
    for words in ("Non valable", "1905", "satisfaite", "non satisfaite", "15 janv. 2025"):
        assert words in said
    assert "--siren" not in said
    english = text_of(client.post("/en/certificate", files={"file": file}, data={"on": "2025-01-15"}))
    assert "Valid" in english


def test_a_certificate_page_says_what_is_missing(client: TestClient) -> None:
    assert 'href="#file"' in client.post("/certificat", files={"file": ("", b"")}).text
    file = ("answer.json", json.dumps(CERTIFICATE).encode())
    assert (
        'href="#requires"' in client.post("/certificat", files={"file": file}, data={"requires": "19"}).text
    )
    assert 'href="#on"' in client.post("/certificat", files={"file": file}, data={"on": "soon"}).text
    assert client.post("/certificat", json={}).status_code == 422
    assert client.get("/certificat").status_code == 200


def told_of(client: TestClient, answers: dict[str, Any], **typed: str) -> str:
    """What « Certificats » says of files of answers, in English."""
    files = [("file", (name, json.dumps(answer).encode())) for name, answer in answers.items()]
    return client.post("/en/certificates", files=files, data={"on": "2025-01-15", **typed}).text


def badges(page: str) -> list[str]:
    """The words of its verdicts, the head's first."""
    return re.findall(r'class="badge[^"]*">([^<]*)<', page)


def test_the_head_counts_what_the_tender_makes_of_the_firms(client: TestClient) -> None:
    """Three valid certificates: one holds 1905, one does not, one names nobody, so that nothing ties it to a firm."""
    without = {"data": {**CERTIFICATE["data"], "qualifications": [{"code_qualification": "0316"}]}}
    without["data"] |= {"numero_certificat": "24 03 4568"}
    nobody = {"data": {**CERTIFICATE["data"], "numero_certificat": "24 03 4569"}}
    answers = {
        "a.json": {"fetched_on": "2025-01-15", "siren": "732829320", "answer": CERTIFICATE},
        "b.json": {"fetched_on": "2025-01-15", "siren": "552100554", "answer": without},
        "c.json": {"fetched_on": "2025-01-15", "siren": None, "answer": nobody},
    }
    required = told_of(client, answers, requires="19.05 ou 0607")
    head = ["Meets what is required 1", "Does not meet it 1", "Undetermined 1"]
    assert badges(required)[:3] == head
    assert badges(required)[-3:] == ["Certificate valid"] * 3
    assert "Meets what is required 1, Does not meet it 1, Undetermined 1" in text_of_markup(required)
    assert badges(told_of(client, answers))[:1] == ["Valid 3"]  # nothing is asked


def text_of_markup(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("19.05 ou 0607", ["1905|0607"]),
        ("1905 OU 1911 or 0607, 0316", ["1905|1911|0607", "0316"]),
        ("1905 | 1911 0316", ["1905|1911", "0316"]),
    ],
)
def test_alternatives_are_typed_as_they_are_given_to_the_command(
    client: TestClient, typed: str, codes: list[str]
) -> None:
    files = {"file": ("a.json", json.dumps(CERTIFICATE).encode())}
    for name in ("requires", "requires_rge"):
        data = {"on": "2025-01-15", "form": "json", name: typed}
        told = client.post("/en/certificate", files=files, data=data).json()
        assert [one["code"] for one in told["requirements"]] == codes
    wrong = client.post("/en/certificate", files=files, data={"requires": "1905 ou"})
    assert 'href="#requires"' in wrong.text


def test_a_typed_list_keeps_its_lines_and_what_was_read_is_not_unreadable(client: TestClient) -> None:
    page = told_of(client, {"a.json": CERTIFICATE}, sirens="732829320\r\n123\r\n552100554", requires="1905")
    said = text_of_markup(page)
    assert "line 2" in said
    assert "line 3" not in said
    assert badges(page)[-4:] == ["Undetermined", "Unreadable", "Undetermined", "Undetermined"]
    assert "give a list of two columns, « siren » and « answer »" in said
    way_out = "siren;answer\n732829320;a.json\n552100554;"
    assert badges(told_of(client, {"a.json": CERTIFICATE}, sirens=way_out))[0] == "Valid 1"
    one = told_of(client, {"a.json": CERTIFICATE}, sirens="732 829 320", requires="1905")
    assert badges(one)[0] == "Meets what is required 1"  # as check-certificate --siren says
    assert 'href="#' in told_of(client, {"a.json": CERTIFICATE}, sirens="abc")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "an empty file."),
        (b"\xef\xbb\xbf \n", "an empty file."),
        (b"<?xml version='1.0'?><a/>", "XML, or a web page, and not the JSON"),
        (b"%PDF-1.7\n\xe2\xe3", "a PDF, and not the JSON"),
        (b"PK\x03\x04\x14", "a zip, or a workbook, and not the JSON"),
    ],
)
def test_a_file_that_is_no_answer_is_called_what_it_is(client: TestClient, data: bytes, said: str) -> None:
    for address in ("/en/certificate", "/en/certificates"):
        assert said in text_of_markup(client.post(address, files={"file": ("a.json", data)}).text)
