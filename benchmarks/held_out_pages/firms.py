"""Who bills and who is billed: made-up firms whose identifiers hold their own check digits."""

from dataclasses import dataclass
from random import Random

STREETS = (
    "12 rue des Tanneurs", "4 bis, avenue du Général de Gaulle", "ZA de la Plaine - Bât. C", "118 cours Lafayette",
    "27, quai Kléber", "1050 route de Grenoble", "Le Bourg", "33 boulevard Victor Hugo", "5 impasse du 8 Mai 1945",
)  # fmt: skip
TOWNS = (
    ("69003", "Lyon"), ("75011", "Paris"), ("31000", "Toulouse"), ("59800", "Lille"), ("35700", "Rennes"),
    ("13006", "Marseille"), ("38240", "Meylan"), ("67100", "STRASBOURG"), ("44300", "Nantes"), ("21000", "Dijon"),
)  # fmt: skip
NAMES = {
    "building": (
        "Martin & Fils",
        "Plomberie Delmas",
        "Toitures du Forez",
        "Élec’Ouest",
        "Menuiserie Le Goff",
    ),
    "engineering": (
        "Hydrétudes Conseil",
        "BET Sarrazin",
        "Thermie & Structures",
        "Atelier Vauban Ingénierie",
    ),
    "telecom": ("Alpes Télécom", "Fibrea", "Réseau Direct Pro"),
    "supplies": ("Bureau Service 42", "Papeterie Ronsard", "Quincaillerie Bastille", "Cap Fournitures"),
    "services": ("Cabinet Lenoir", "Studio Garance", "Nettoyage 2000", "Formaprev", "Net & Code"),
}
FORMS = ("SARL", "SAS", "EURL", "SASU", "SA", "SCOP", "")
BUYERS = (
    "BE Exemple",
    "Ingénierie des Deux Rives",
    "SAS Structures Associées",
    "Bureau Arvens",
    "AXÉO Études",
)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as its papers name it; ``iban`` is written without spaces."""

    name: str
    form: str
    street: str
    postcode: str
    town: str
    siren: str
    siret: str
    vat_id: str
    iban: str


def luhn(digits: str) -> str:
    """The digits and the one that makes Luhn's sum a multiple of ten."""
    doubled = [sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(digits))]
    return digits + str(-sum(doubled) % 10)


def french_iban(rng: Random) -> str:
    """A French account: bank, branch, account, RIB key (97 − …), IBAN key (98 − …)."""
    bank, branch, account = (str(rng.randrange(10**n)).zfill(n) for n in (5, 5, 11))
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    bban = f"{bank}{branch}{account}{key:02}"
    return f"FR{98 - int(bban + '152700') % 97:02}{bban}"


def drawn(rng: Random, name: str, form: str) -> Firm:
    """A firm of this name, somewhere in France."""
    siren = luhn(str(rng.randrange(30_000_000, 98_000_000)))
    postcode, town = rng.choice(TOWNS)
    key = (12 + 3 * (int(siren) % 97)) % 97
    return Firm(
        name,
        form,
        rng.choice(STREETS),
        postcode,
        town,
        siren,
        luhn(f"{siren}000{rng.randrange(1, 9)}"),
        f"FR{key:02}{siren}",
        french_iban(rng),
    )
