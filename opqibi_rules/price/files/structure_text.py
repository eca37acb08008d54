"""Writing a structure file: the YAML that :mod:`opqibi_rules.price.files.structure_file` reads, with comments."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.price.structure import Structure


def structure_text(
    structure: Structure,
    language: Language,
    remarks: Mapping[str, Message | str] = FrozenDict(),
    printed: Iterable[Message] = (),
    *,
    tariffs: Iterable[int],
) -> str:
    """The file, each part explained in the reader's language.

    ``remarks`` say something of a qualification, by its code, and ``printed`` of all of them; ``tariffs`` are the
    tariff codes that there are.
    """

    def comment(message: Message | str) -> str:
        return f"# {message if isinstance(message, str) else language.say(message)}"

    lines = (
        *_identity(structure, comment),
        *_qualifications(structure, comment, remarks, printed, tuple(tariffs)),
        *_accounts(structure, comment),
    )
    return "\n".join(lines) + "\n"


_Comment = Callable[[Message | str], str]


def _identity(structure: Structure, comment: _Comment) -> Iterator[str]:
    yield comment(Message("A structure, as every command of opqibi-fees takes it: --structure FILE."))
    yield comment(Message("Whoever it is (both may be left out)."))
    yield f"siren: {_value(structure.siren)}"
    yield f"name: {_value(structure.name)}"
    yield comment(
        Message("Where it is established, for VAT; opqibi-fees tables show vat lists the territories.")
    )
    yield f"territory: {_value(structure.territory)}"
    yield ""


def _qualifications(
    structure: Structure,
    comment: _Comment,
    remarks: Mapping[str, Message | str],
    printed: Iterable[Message],
    tariffs: tuple[int, ...],
) -> Iterator[str]:
    yield comment(Message("Its qualifications, held or asked for. Tariff codes: {tariffs}.", tariffs=tariffs))
    yield comment(
        Message("Each is in the nomenclature or on your last invoice; null leaves it to the table at hand.")
    )
    yield from map(comment, printed)
    yield "qualifications:" if structure.qualifications else "qualifications: []"
    for item in structure.qualifications:
        if item.code in remarks:
            yield f"  {comment(remarks[item.code])}"
        yield f"  - {_mapping(item.to_dict())}"
    yield ""


def _accounts(structure: Structure, comment: _Comment) -> Iterator[str]:
    yield comment(Message("Its turnovers, in euros excl. VAT, certified by an external document;"))
    yield comment(Message("a year without a figure is left out: missing is not zero."))
    yield "turnovers:" if structure.turnovers else "turnovers: []"
    for year in structure.turnovers:
        yield f"  - {_mapping(year.to_dict())}"
    if structure.controls:
        yield ""
        yield comment(Message("The days of its annual controls, as far as they are known."))
        yield f"controls: {_value(structure.controls)}"
    if structure.year_end:
        yield ""
        yield comment(Message("The close of its financial year, month and day."))
        yield f"year_end: {_value(str(structure.year_end))}"
    if structure.paid:
        yield ""
        yield comment(
            Message("What it has paid, in euros excl. VAT: a fee of several years is spread over them.")
        )
        yield "paid:"
    for one in structure.paid:
        yield f"  - {_mapping(one.to_dict())}"


def _mapping(fields: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{name}: {_value(value)}" for name, value in fields.items()) + "}"


def _value(value: object) -> str:
    """A scalar or a list of scalars as JSON writes it, which YAML reads; days as ISO."""
    return json.dumps(value, ensure_ascii=False, default=str)
