"""``opqibi-fees init``: a structure file, made by answering questions, or from a certificate."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from opqibi_rules.cli.options import facts, in_iso, option, takes
from opqibi_rules.cli.result import DONE, Result, saved_as
from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import to_amount
from opqibi_rules.paper.files import spare
from opqibi_rules.paper.language import Language
from opqibi_rules.price.declared import Declared
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.certificate.model import Certificate

EXAMPLES = ("opqibi-fees init -o firm.yaml", "opqibi-fees init --from certificate.json -o firm.yaml")

From = Annotated[
    str | None, option("--from FILE", marked("A saved answer of API Entreprise: its qualifications."))
]
_Answer = TypeVar("_Answer")
_YES_OR_NO = {"y": True, "yes": True, "o": True, "oui": True, "n": False, "no": False, "non": False}


@takes(facts, saved_as("yaml"))
def command(tables: Tables, result: Result, source: From = None) -> int:
    """Ask, then write."""
    from opqibi_rules.price.files.structure_text import structure_text

    asking = _Questions(result.language, tables)
    remarks: dict[str, Message | str] = {}
    printed: list[Message] = []
    known = Structure() if source is None else _certified(Path(source), remarks, printed, tables)
    if result.output is not None and result.output.exists():
        spare(result.output)  # said before the questions, not after
        asking.confirm(Message("{name} exists: replace it? (y/n)", name=str(result.output)))
    structure = asking.structure(known, remarks)
    tariffs = asking.declared.tariffs
    result.put(
        {"yaml": lambda: structure_text(structure, result.language, remarks, printed, tariffs=tariffs)}
    )
    return DONE


def _certified(
    path: Path, remarks: dict[str, Message | str], printed: list[Message], tables: Tables
) -> Structure:
    """What a certificate says of its structure; the days it prints are no day of grant: they become remarks."""
    from opqibi_rules.certificate.model import Certificate
    from opqibi_rules.certificate.reading.certificate_answer import one_answer

    answer = one_answer(path)
    if not isinstance(answer.content, Certificate):
        raise RequestError("{name} holds no OPQIBI certificate.", name=str(path))
    printed += _days(answer.content, tables)
    return Structure(siren=answer.siren, qualifications=tuple(_qualifications(answer.content, remarks)))


def _days(certificate: "Certificate", tables: Tables) -> Iterator[Message]:
    from opqibi_rules.certificate.model import last_day

    if certificate.issued is not None:
        yield Message("Their certificate was issued on {issued:date}.", issued=certificate.issued)
    if (ends := last_day(certificate, tables.validity)) is not None:
        yield Message(
            "It runs until {ends:date}: by then the next annual control, or the renewal if they end that day.",
            ends=ends,
        )
    if certificate.qualifications_until is not None:
        yield Message("The qualifications run until {until:date}.", until=certificate.qualifications_until)
    if certificate.probationary_until is not None:
        yield Message("The probationary ones run until {until:date}.", until=certificate.probationary_until)
    yield Message(
        "It does not print when each was granted; add it where you know it: granted_on: 2026-03-02."
    )


def _qualifications(certificate: "Certificate", remarks: dict[str, Message | str]) -> list[Qualification]:
    found: dict[str, Qualification] = {}
    for listed, probationary in ((certificate.qualifications, False), (certificate.probationary, True)):
        for item in listed or ():
            if item.code in found:  # held in full: its trial is over
                continue
            found[item.code] = Qualification(item.code, probationary=probationary)
            if item.name:
                remarks[item.code] = item.name
    return list(found.values())


class _Questions:
    """Questions on the standard error, answers from the standard input; a wrong one is asked again."""

    def __init__(self, language: Language, tables: Tables) -> None:
        self.language, self.say = language, language.say
        self.tables = tables
        self.declared = Declared(tables.schedules)

    def structure(self, known: Structure, remarks: dict[str, Message | str]) -> Structure:
        """Ask all that is not known yet."""
        name = self.ask(Message("Name of the structure (may be empty): "), str) or known.name
        siren = known.siren or self.ask(Message("SIREN, nine digits (may be empty): "), _siren)
        territory = (
            self.ask(Message("Territory, for VAT [metropolitan]: "), self._territory) or "metropolitan"
        )
        held = [self._completed(item) for item in known.qualifications]
        while code := self.ask(Message("Code of a qualification (empty: no more): "), self._code(held)):
            held.append(self._qualification(code, remarks))
        turnovers: list[Turnover] = []
        while year := self.ask(Message("Year of a turnover (empty: no more): "), self._year(turnovers)):
            amounts = {
                base.id: self.ask(
                    Message("{base} turnover, € excl. VAT (empty: unknown): ", base=base.name), to_amount
                )
                for base in self.declared.turnovers.values()
            }
            document = self.ask(Message("Document that certifies it (may be empty): "), str)
            turnovers.append(Turnover.by_base(year, amounts, document))
        return Structure(siren, name, territory, tuple(held), tuple(turnovers))

    def confirm(self, question: Message) -> None:
        """Go on, or leave what is there untouched."""
        if not self.ask(Message("{question} ", question=question), _yes):
            raise typer.Abort

    def ask(self, question: Message, read: Callable[[str], _Answer]) -> _Answer | None:
        """The answer, once it can be read; ``None`` where it is empty."""
        while True:
            sys.stderr.write(self.say(question))
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                raise typer.Abort
            text = line.strip()
            if not text:
                return None
            try:
                return read(text)
            except OpqibiError as error:
                sys.stderr.write(error.explain(self.say) + "\n")

    def _day(self, text: str) -> date:
        return to_day(in_iso(text, self.language))

    def _territory(self, text: str) -> str:
        return self.tables.vat.rule(text, date.max).territory

    def _code(self, held: list[Qualification]) -> Callable[[str], Qualification]:
        def read(text: str) -> Qualification:
            item = Qualification.parse(text)
            if item.code in {known.code for known in held}:
                raise RequestError("{code} is already there.", code=item.code)
            if item.tariff is not None:
                self._tariff(str(item.tariff))
            return item

        return read

    def _qualification(self, item: Qualification, remarks: dict[str, Message | str]) -> Qualification:
        entry = self.tables.nomenclature.entries.get(item.code)
        if entry is not None and entry.name:
            remarks[item.code] = entry.name
            sys.stderr.write(f"  {entry.name}\n")
        probationary = self.ask(Message("Probationary? (y/n) [n]: "), _yes) or False
        granted = None
        if probationary:
            granted = self.ask(
                Message("Since which day, as 2026-03-02 (empty: not granted yet): "), self._day
            )
        return self._completed(
            Qualification(item.code, item.tariff, probationary=probationary, granted_on=granted)
        )

    def _completed(self, item: Qualification) -> Qualification:
        """The qualification with its tariff code, if anybody knows it."""
        entry = self.tables.nomenclature.entries.get(item.code)
        if item.tariff is not None or (entry is not None and entry.tariff is not None):
            return item
        known = self.declared.tariffs
        question = Message(
            "Tariff code of {code}, one of {tariffs} (empty: unknown): ", code=item.code, tariffs=known
        )
        tariff = self.ask(question, self._tariff)
        return Qualification(item.code, tariff, item.probationary, item.granted_on)

    def _tariff(self, text: str) -> int:
        known = self.declared.tariffs
        if text not in map(str, known):
            raise RequestError(
                "« {text} » is not a tariff code; they are {tariffs}.", text=text[:40], tariffs=known
            )
        return int(text)

    def _year(self, turnovers: list[Turnover]) -> Callable[[str], int]:
        def read(text: str) -> int:
            if not (text.isascii() and text.isdigit() and 1980 <= int(text[:5]) <= 2200):
                raise RequestError("« {text} » is not a year; write it as 2025.", text=text[:40])
            if int(text) in {known.year for known in turnovers}:
                raise RequestError("{code} is already there.", code=text)
            return int(text)

        return read


def _siren(text: str) -> str:
    from opqibi_rules.identifiers import has_right_key, read_siren

    siren = read_siren(text)
    if has_right_key(siren):
        return siren
    raise RequestError(
        "« {text} »: the key of this SIREN is wrong; check its digits. A few registered firms bear such a number: "
        "leave it empty, then write it in the file.",
        text=text[:40],
    )


def _yes(text: str) -> bool:
    if text.casefold() not in _YES_OR_NO:
        raise RequestError("Answer y or n.")
    return _YES_OR_NO[text.casefold()]
