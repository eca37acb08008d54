"""Who sells and who buys: what an invoice must say of them that a quote does not, in YAML or JSON.

::

    seller:
      name: OPQIBI
      siren: "123456782"
      vat_id: FR11123456782
      address: [1 rue de l’Exemple]
      postcode: "75002"
      city: Paris
      iban: FR7630006000011234567890189
    buyer:
      name: Bureau d’études Exemple
      siren: "435054481"
      vat_id: FR34435054481
      address: [2 avenue du Modèle]
      postcode: "69003"
      city: Lyon
    payment: {due: 2026-12-21}

``electronic_address`` is where the e-invoice is sent (BT-34, BT-49): the SIREN by default, scheme 0225. The
mentions that French law asks for have defaults, which ``mentions`` replaces.

A supplier file says who bills this firm, as an invoice that it accepted showed it::

    name: OPQIBI
    siren: "123456782"
    vat_id: FR11123456782
    ibans: [FR7630006000011234567890189]
"""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from opqibi_rules.errors import RequestError
from opqibi_rules.identifiers import compact, read_siren, read_vat_number
from opqibi_rules.invoice.model import Party
from opqibi_rules.invoice.parties import Supplier
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import checked
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.tables.description import Country, Day, Filled, Like

_Siren = Annotated[str, BeforeValidator(read_siren)]
_VatId = Annotated[str, BeforeValidator(read_vat_number)]


def _account(number: str) -> str:
    """An account that there may be.

    Raises:
        RequestError: its key does not fit its digits.
    """
    from stdnum import iban  # noqa: PLC0415 - only a file that names an account pays for it

    if not iban.is_valid(number):
        raise RequestError(
            "the key of the account {iban} does not fit its digits: there is none.", iban=number
        )
    return number


_Iban = Annotated[
    str,
    Like("[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", Message("an IBAN, such as FR7630006000…")),
    BeforeValidator(compact),  # people group its digits
    AfterValidator(_account),
]
_Scheme = Annotated[
    str, Like("[0-9A-Z]{2,4}", Message("a scheme of electronic addresses, such as 0225 or EM"))
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartyModel(_Model):
    """The seller or the buyer."""

    name: Filled
    siren: _Siren | None = None
    vat_id: _VatId | None = None
    address: list[Filled] = Field([], max_length=3)
    postcode: Filled | None = None
    city: Filled | None = None
    country: Country = "FR"
    electronic_address: Filled | None = None
    electronic_scheme: _Scheme = "0225"

    @model_validator(mode="after")
    def _french_has_a_siren(self) -> "PartyModel":
        if self.country == "FR" and self.siren is None:
            raise RequestError("a French party bears a SIREN of nine digits.")
        return self

    def party(self) -> Party:
        """What a check knows of it."""
        return Party(self.name, self.siren, None, self.vat_id, self.postcode, self.country)


class SellerModel(PartyModel):
    """The seller, who is also paid."""

    vat_id: _VatId
    iban: _Iban | None = None


class MentionsModel(_Model):
    """What every invoice between firms in France says (code de commerce, articles L. 441-9 and L. 441-10)."""

    late_penalties: Filled = (
        "En cas de retard de paiement, des pénalités au taux de trois fois l’intérêt légal sont exigibles."
    )
    recovery_fee: Filled = (
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €."
    )
    discount: Filled = "Pas d’escompte pour paiement anticipé."


class PaymentModel(_Model):
    """When it is due."""

    due: Day | None = None
    terms: Filled | None = None
    """In words; « Paiement à réception » where nothing is said."""

    def words(self) -> str | None:
        """The terms to print; none where the due date says it all."""
        return self.terms or (None if self.due else "Paiement à réception.")


class PartiesModel(_Model):
    """The whole file."""

    seller: SellerModel
    buyer: PartyModel
    payment: PaymentModel = PaymentModel()
    mentions: MentionsModel = MentionsModel()
    operation: Literal["B1", "S1", "M1"] = "S1"
    """BT-23: what is billed (goods, services, both); OPQIBI bills services."""


class SupplierModel(_Model):
    """Who bills this firm, as an invoice that it accepted showed it."""

    name: Filled | None = None
    siren: _Siren | None = None
    vat_id: _VatId | None = None
    ibans: list[_Iban] = Field([], max_length=20)

    def supplier(self) -> Supplier:
        """What a check compares with."""
        return Supplier(name=self.name, siren=self.siren, vat_id=self.vat_id, ibans=tuple(self.ibans))


def read_supplier(path: Path) -> Supplier:
    """Read a supplier file.

    Raises:
        FileError: all its mistakes, each with its path and line.
    """
    return checked(strict_yaml.read(file_bytes(path), str(path)), SupplierModel).supplier()


def supplier_text(supplier: Supplier) -> str:
    """A supplier file: the YAML that :func:`read_supplier` reads.

    Raises:
        RequestError: the supplier has a number that such a file cannot hold.
    """
    given = {
        "name": supplier.name,
        "siren": supplier.siren,
        "vat_id": supplier.vat_id,
        "ibans": supplier.ibans,
    }
    known = {key: value for key, value in given.items() if value}
    text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in known.items())
    checked(strict_yaml.read(text.encode(), "supplier"), SupplierModel)
    return text


def read_parties(path: Path) -> PartiesModel:
    """Read a file of parties.

    Raises:
        FileError: all its mistakes, each with its path and line.
    """
    return checked(strict_yaml.read(file_bytes(path), str(path)), PartiesModel)
