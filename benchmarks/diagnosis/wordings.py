"""How people who bill, or who type a bill again, name these fees: natural French, from the schedule alone."""

import random
import re
import unicodedata
from collections.abc import Sequence

from benchmarks.diagnosis.schedule import Item, Items


def some(text: str) -> tuple[str, ...]:
    """Wordings set apart by bars."""
    return tuple(" ".join(each.split()) for each in re.split(r"[|\n]", text) if each.strip())


WHOLE: dict[str, Sequence[str]] = {
    "dossier": some("""
        Dossier de candidature | Achat du dossier de première demande | Dossier postulant
        Dossier 1ère demande de qualification | Fourniture du dossier de candidature
        Prix du dossier (première demande) | Retrait d'un dossier de demande de qualification
        Dossier postulant OPQIBI, première demande | Frais de dossier | Envoi du dossier postulant
        Frais de retrait du dossier | Dossier initial de demande | Dossier de qualification (1re demande)
        Acquisition dossier postulant | Formulaire de première demande
    """),
    "instruction": some("""
        Frais d'instruction | Frais d'instruction du dossier de qualification
        Instruction de votre demande de qualification | Frais d'étude du dossier
        Instruction du dossier déposé le 12 courant | Frais instruct. demande de qualification
        Traitement et instruction de la demande | Examen de votre demande de qualification
        Frais d'instruction, forfait et qualifications | Instruction des qualifications demandées
        Frais d'examen du dossier | Instruction dossier | Étude de la candidature par l'instructeur
        Frais d'instruction technique et administrative | Traitement du dossier de qualification
        Instruction (partie fixe + qualifications) | Coût d'instruction des qualifications
    """),
    "brand_usage": some("""
        Droits d'usage de la marque OPQIBI | Droits usage marque 4 ans | Utilisation de la marque
        Redevance de marque, période de quatre ans | Frais de marque OPQIBI | Licence de marque OPQIBI
        Droit d'utilisation de la marque sur CA ingénierie | Marque OPQIBI : usage quadriennal
        Redevance pour l'usage de la marque | Autorisation d'usage de la marque OPQIBI (4 ans)
        Frais d'utilisation marque, dernier CA connu | Droits de marque | Droit de marque OPQIBI 4 ans
        Concession d'usage de la marque | Utilisation du logo et de la marque OPQIBI
        Frais d'utilisation de la marque | Usage de la marque, quatre années | Redevance marque (CA N-1)
    """),
    "annual_control": some("""
        Frais de contrôle annuel | Contrôle annuel de vos qualifications | Contrôle annuel
        Frais ctrl annuel OPQIBI | Contrôle annuel des qualifications détenues
        Suivi et contrôle annuel de la qualification | Vérification annuelle des qualifications
        Contrôle périodique annuel | Contrôle de suivi annuel | Frais annuels de contrôle
        Contrôle annuel, 2e année | Contrôle annuel et maintien du certificat | Ctrl annuel qualif.
    """),
}
PARTS: dict[tuple[str, str], Sequence[str]] = {
    ("instruction", "flat"): some("""
        Frais d'instruction - partie forfaitaire | Forfait d'instruction
        Instruction du dossier : part fixe | Frais fixes d'instruction | Instruction, forfait de base
        Part forfaitaire instruction | Instruction de la demande, montant forfaitaire
        Frais instruct. forfait | Base forfaitaire d'instruction | Ouverture et instruction, forfait
    """),
    ("instruction", "each"): some("""
        Frais d'instruction, qualifications au tarif {t} | Frais instruct. tarif {t} (x{n})
        Qualifications demandées, code tarif {t} | Instruction qualif. T{t}
        {n} qualif. au tarif {t} - instruction | Instruction tarif n° {t}
        Examen des qualifications de tarif {t} | Part proportionnelle instruction : {n} x tarif {t}
        Qualifications tarif {t} | Instruction par qualification, T{t} : {n}
        Qualif. T{t} demandées | Tarif {t}, qualifications à instruire | {n} x T{t} (instruction)
    """),
    ("annual_control", "flat"): some("""
        Contrôle annuel - forfait | Forfait de contrôle annuel | Contrôle annuel, partie fixe
        Part fixe contrôle | Ctrl annuel forfait | Frais fixes de contrôle annuel
        Contrôle annuel : montant forfaitaire
    """),
    ("annual_control", "each"): some("""
        Contrôle annuel, {n} qualif. tarif {t} | Contrôle des qualifications détenues, tarif {t}
        Ctrl annuel tarif {t} (x{n}) | Qualifications détenues T{t}
        Contrôle annuel qualifications code tarif {t} | Contrôle, part proportionnelle : {n} x tarif {t}
        Tarif {t} - qualifications contrôlées | {n} x T{t} (contrôle) | Contrôle par qualification, T{t}
    """),
    ("annual_control", "new_flat"): some("""
        Forfait nouvelles qualifications | Demande de nouvelles qualifications : forfait
        Nouvelles qualif. - montant forfaitaire | Forfait pour nouvelle demande à l'occasion du contrôle
        Forfait extension (nouvelles qualifications) | Nouvelles demandes, part fixe
    """),
    ("annual_control", "new_each"): some("""
        Nouvelles qualifications, tarif {t} | Instruction nouvelle qualif. T{t} (x{n})
        Nouvelles qualifications demandées code tarif {t}
        {n} nouvelle(s) qualification(s) au tarif {t} | Extension : qualifications nouvelles tarif {t}
        Qualif. supplémentaires demandées, tarif {t}
    """),
}
BY_CODE: dict[str, Sequence[str]] = {
    "instruction": some("""
        Qualification {code} {name} | {code} - {name} | Instruction qualification {code} (tarif {t})
        Qualif. {code}, tarif {t}
    """),
    "annual_control": some("""
        Contrôle qualification {code} {name} | Contrôle annuel {code} (tarif {t}) | Ctrl {code} - {name}
        Qualif. détenue {code}, tarif {t}
    """),
    "new": some("""
        Nouvelle qualification {code} {name} | Nouvelle demande {code} (tarif {t})
        Demande de qualif. nouvelle {code}, tarif {t}
    """),
}
GLOBAL: dict[frozenset[str], Sequence[str]] = {
    frozenset(("brand_usage", "dossier", "instruction")): some("""
        Première demande de qualification OPQIBI | Qualification OPQIBI : dossier, instruction et marque
        Qualification OPQIBI, ensemble des frais | Demande initiale de qualification, frais complets
        Dossier, instruction, droits de marque 4 ans | Frais de qualification OPQIBI (1ère demande)
        Frais OPQIBI première demande (dossier + instruction + marque) | Qualification, tous frais compris
    """),
    frozenset(("brand_usage", "instruction")): some("""
        Renouvellement de qualification (instruction + marque) | Frais d'instruction et droits de marque
        Instruction et utilisation de la marque pour 4 ans | Instruct. + usage marque OPQIBI
        Frais OPQIBI : instruction, marque | Instruction & marque
    """),
    frozenset(("dossier", "instruction")): some("""
        Dossier et frais d'instruction | Dossier postulant + instruction
        Dépôt de la demande : dossier et instruction
    """),
    frozenset(("annual_control", "dossier")): some("Dossier et contrôle annuel | Contrôle annuel + dossier"),
    frozenset(("annual_control", "brand_usage")): some(
        "Contrôle annuel et usage de la marque | Contrôle + marque"
    ),
    frozenset(("brand_usage", "dossier")): some("Dossier postulant et droits de marque | Dossier + marque"),
}
HEADINGS = some("""
    Selon barème OPQIBI du 08/02/2024 | Votre qualification OPQIBI | Période de facturation : année en cours
    Notre interlocuteur : service qualification | Suite à la décision du comité
""")
RENEWAL = some("Renouvellement - {words} | {words} (renouvellement) | {words}, renouvellement quadriennal")
EXTRAS = some("""
    OPQIBI - {words} | {words} HT | {words} selon barème en vigueur | {words} - barème du 08/02/24
    {words} (voir courrier joint) | {words} réf. dossier {ref}
""")
STRANGERS: dict[str, int] = {
    "Frais de gestion administrative": 15,
    "Frais d'envoi recommandé": 9,
    "Insertion à l'annuaire des qualifiés": 120,
    "Plaque signalétique": 95,
    "Duplicata de certificat": 25,
    "Journée d'information « bien préparer sa candidature »": 190,
    "Frais de relance": 12,
    "Cotisation de membre bienfaiteur": 250,
    "Reprographie et archivage du dossier papier": 38,
    "Déplacement de l'instructeur": 164,
    "Traitement en urgence": 300,
}
"""What else an association may bill, and for about how much."""
RECOVERY = "Indemnité forfaitaire de recouvrement (facture précédente)"
DEPOSITS = some("""
    Acompte de {p} % à la commande | Acompte {p} % sur frais de qualification
    Premier versement ({p} %) | Acompte sur votre demande de qualification
""")
DISCOUNTS = some("Remise commerciale {p} % | Remise {p} % adhérent | Geste commercial | Rabais accordé")
SURCHARGES = some("""
    Majoration {p} % pour dépôt tardif | Majoration de retard | Supplément dossier incomplet ({p} %)
""")
SERVICES = some("""
    Abonnement annuel logiciel de calcul | Location de salle de réunion
    Maintenance du parc informatique | Prestation de nettoyage des bureaux
    Assurance responsabilité civile professionnelle | Fourniture de papier et consommables
    Honoraires d'expertise comptable | Huile d'olive et nougat, colis cadeaux
    Campagne publicitaire presse régionale
""")
SELLERS = some("""
    OPQIBI | Opqibi | Association OPQIBI | OPQIBI (association loi 1901)
    OPQIBI - La qualification de l'ingénierie | ASSOCIATION OPQIBI | O.P.Q.I.B.I. | OPQIBI Paris
""")
OTHER_SELLERS = some("""
    QUALIBAT | Qualifelec | OPQTECC | Cabinet Martin Conseil | Bureau Veritas Formation | AFNOR
""")
FIRMS = some("""
    BET Lacassagne | Ingénierie Dubreuil & Associés | Thermiconseil | Atelier Structures Garonne
    EnergiÉtudes | Cabinet Hamelin | Fluides Océan | BE Roussel Frères | Géo-Forages Ingénierie
    Éclairagistes Réunis | OTEC Bâtiment | Bureau d'études Malaval
""")
CODES = {
    "0103": "AMO en technique",
    "0901": "Repérage et diagnostic amiante avant travaux",
    "0902": "Maîtrise d'oeuvre en désamiantage",
    "1007": "Etude des ressources géothermiques",
    "1202": "Structures béton courantes",
    "1224": "Performance énergétique de l'enveloppe",
    "1301": "Réseaux courants de distribution d'eau",
    "1326": "Performance énergétique, traitement climatique",
    "1331": "Etude thermique maison individuelle",
    "1332": "Etude thermique bâtiment collectif",
    "1333": "Etude ACV bâtiments neufs",
    "1407": "Étude d'éclairage intérieur",
    "1910": "Accompagnement au commissionnement",
    "2008": "Biomasse en combustion",
    "2010": "Solaire thermique, étude",
    "2011": "Solaire photovoltaïque, étude",
    "2013": "Géothermie, maîtrise d'œuvre",
    "2014": "Solaire thermique, ingénierie",
    "2015": "Solaire photovoltaïque, ingénierie",
    "2111": "Génie écologique",
} | {
    f"{chapter}{number:02}": f"{what} {trade}"
    for chapter, trade in {
        11: "en voirie",
        13: "en réseaux",
        14: "en électricité",
        15: "en acoustique",
        17: "en infrastructures",
        19: "en maîtrise d'ouvrage",
    }.items()
    for number, what in {
        41: "Étude",
        42: "Ingénierie",
        43: "Assistance",
        44: "Diagnostic",
        45: "Programmation",
    }.items()
}
"""Some qualifications by their codes, and as many of our own making."""
SHORT = (
    ("qualifications", "qualif."),
    ("qualification", "qualif."),
    ("instruction", "instr."),
    ("annuelle", "ann."),
    ("annuels", "ann."),
    ("annuel", "ann."),
    ("Contrôle", "Ctrl"),
    ("contrôle", "ctrl"),
    ("Renouvellement", "Renouv."),
    ("utilisation", "util."),
    ("Dossier", "Doss."),
    ("forfaitaire", "forf."),
    ("Nouvelles", "Nouv."),
)
STYLES = ("plain", "plain", "plain", "typographic", "upper", "bare", "upper bare", "lower bare", "short")


def pick(seed: str, key: str, options: Sequence[str]) -> str:
    """Always the same choice for the same seed and key: two bills that differ in one item differ in no other word."""
    return random.Random(f"{seed}/{key}").choice(options)


def bare(text: str) -> str:
    """Without accents, as an old accounting tool prints it."""
    text = text.replace("œ", "oe").replace("’", "'").replace("«", '"').replace("»", '"')
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def styled(text: str, style: str) -> str:
    match style:
        case "typographic":
            return text.replace("'", "’")
        case "upper":
            return text.upper()
        case "bare":
            return bare(text)
        case "upper bare":
            return bare(text).upper()
        case "lower bare":
            return bare(text).lower()
        case "short":
            for long, short in SHORT:
                text = text.replace(long, short)
            return text
    return text


def of_part(item: Item, seed: str) -> str:
    """The words of one item on a line of its own."""
    if item.words is not None:
        return item.words
    options = PARTS.get((item.fee, item.part), WHOLE.get(item.fee, ()))
    return pick(seed, f"{item.fee} {item.part} {item.tariff}", options).format(n=item.quantity, t=item.tariff)


def of_code(item: Item, number: int, code: str, seed: str) -> str:
    """The words of one qualification, by its code."""
    kind = "new" if item.part == "new_each" else item.fee
    words = pick(seed, f"code {kind}", BY_CODE[kind])
    return words.format(code=code, name=CODES[code], t=item.tariff, n=number)


def of_fee(fee: str, items: Items, seed: str, *, detail: bool) -> str:
    """The words of a whole fee, at times with its counts by tariff code."""
    words = pick(seed, fee, WHOLE[fee])
    counts = [f"{item.quantity} T{item.tariff}" for item in items if item.tariff]
    return f"{words} ({' + '.join(counts)})" if detail and counts else words


def of_fees(fees: frozenset[str], items: Items, seed: str, *, detail: bool) -> str:
    """The words of one line for several fees."""
    if len(fees) == 1:
        return of_fee(next(iter(fees)), items, seed, detail=detail)
    words = pick(seed, "global", GLOBAL.get(fees, ("Frais de qualification OPQIBI",)))
    counts = [f"{item.quantity} T{item.tariff}" for item in items if item.tariff]
    return f"{words} ({', '.join(counts)})" if detail and counts else words
