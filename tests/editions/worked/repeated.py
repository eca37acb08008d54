"""(b) The amounts of 2024 under article labels that repeat, I, II, III and IV only: worked by hand.

Prices: 60, 120, 240, 850, 1 050, 1 250, 265; at a control 15, 30, 60, 212,50, 28, 54, 28. Tranches: 0,80 ‰ to 250 000,
0,65 ‰ to 800 000, 0,50 ‰ to 3 M€, 0,40 ‰ to 15 M€, 0,25 ‰ beyond; from 180 to 40 000 €.
What the tranches come to at their ends: 200; 557,50; 1 657,50; 6 457,50.
"""

from tests.editions.worked.kinds import Edition, Entry, Invoice, Payment, Plan, Price, Row

ON = "2026-03-02"

FIRST = Price(
    "Five qualifications at tariff 1 and three at tariff 2, 800 000 €.",
    """500 + 5 × 60 + 3 × 120 = 1 160. 250 000 × 0,80 ‰ + 550 000 × 0,65 ‰ = 200 + 357,50 = 557,50.
    86 + 1 160 + 557,50 = 1 803,50; VAT 360,70.""",
    "first", ON, {"dossier": "86.00", "instruction": "1160.00", "brand_usage": "557.50"},
    "1803.50", "360.70", "2164.20", tariffs={1: 5, 2: 3}, turnovers={"": "800000"},
)  # fmt: skip
CONTROL = Price(
    "A control of two at tariff 1.",
    "125 + 2 × 15 = 155; VAT 31.",
    "control", ON, {"annual_control": "155.00"}, "155.00", "31.00", "186.00", tariffs={1: 2},
    parts=(("annual_control.flat", "125.00"), ("annual_control.each", "30.00")),
)  # fmt: skip
NEW = Price(
    "A control of one at tariff 1, with two new ones at tariff 1: one label, IV, for three parts.",
    "125 + 15 + 375 + 2 × 60 = 635; VAT 127.",
    "control", ON, {"annual_control": "635.00"}, "635.00", "127.00", "762.00", tariffs={1: 1}, new_tariffs={1: 2},
    parts=(
        ("annual_control.flat", "125.00"), ("annual_control.each", "15.00"), ("annual_control.new_flat", "375.00"),
        ("annual_control.new_each", "120.00"),
    ),
)  # fmt: skip
FLOOR = Price(
    "The floor, whose label is that of the tranches: 100 000 €.",
    "100 000 × 0,80 ‰ = 80, raised by 100 to 180. 500 + 2 × 240 = 980. 980 + 180 = 1 160; VAT 232.",
    "renewal", ON, {"instruction": "980.00", "brand_usage": "180.00"}, "1160.00", "232.00", "1392.00",
    tariffs={3: 2}, turnovers={"": "100000"},
    parts=(
        ("instruction.flat", "500.00"), ("instruction.each", "480.00"), ("brand_usage.tranches", "80.00"),
        ("brand_usage.floor", "100.00"),
    ),
)  # fmt: skip
CAP = Price(
    "The cap, whose label is that of the tranches: 1 000 M€.",
    """6 457,50 + 985 000 000 × 0,25 ‰ = 6 457,50 + 246 250 = 252 707,50, brought down by 212 707,50 to 40 000.
    500 + 850 + 1 050 + 1 250 = 3 650. 3 650 + 40 000 = 43 650; VAT 8 730.""",
    "renewal", ON, {"instruction": "3650.00", "brand_usage": "40000.00"}, "43650.00", "8730.00", "52380.00",
    tariffs={4: 1, 5: 1, 6: 1}, turnovers={"": "1000000000"},
    parts=(
        ("instruction.flat", "500.00"), ("instruction.each", "850.00"), ("instruction.each", "1050.00"),
        ("instruction.each", "1250.00"), ("brand_usage.tranches", "200.00"), ("brand_usage.tranches", "357.50"),
        ("brand_usage.tranches", "1100.00"), ("brand_usage.tranches", "4800.00"),
        ("brand_usage.tranches", "246250.00"), ("brand_usage.cap", "-212707.50"),
    ),
)  # fmt: skip
RENEWAL = Price(
    "A renewal of one at tariff 1, 250 000 €.",
    "500 + 60 = 560; 250 000 × 0,80 ‰ = 200; 760; VAT 152.",
    "renewal", ON, {"instruction": "560.00", "brand_usage": "200.00"}, "760.00", "152.00", "912.00",
    tariffs={1: 1}, turnovers={"": "250000"},
)  # fmt: skip

PRICES = (
    FIRST, CONTROL, NEW, FLOOR, CAP, RENEWAL,
    Price(
        "The first day in force; a turnover of zero.",
        "500 + 265 = 765; 86 + 765 + 180 = 1 031; VAT 206,20.",
        "first", "2026-01-01", {"dossier": "86.00", "instruction": "765.00", "brand_usage": "180.00"},
        "1031.00", "206.20", "1237.20", tariffs={7: 1}, turnovers={"": "0"},
    ),
    Price(
        "The half cent, just reached.",
        "200 + 7,70 × 0,65 ‰ = 200,005005, rounded to 200,01. 560 + 200,01 = 760,01; VAT 152,002, so 152.",
        "renewal", ON, {"instruction": "560.00", "brand_usage": "200.01"}, "760.01", "152.00", "912.01",
        tariffs={1: 1}, turnovers={"": "250 007,70 €"},
    ),
    Price(
        "The half cent, just missed.",
        "200 + 7,69 × 0,65 ‰ = 200,0049985, rounded to 200. 560 + 200 = 760; VAT 152.",
        "renewal", ON, {"instruction": "560.00", "brand_usage": "200.00"}, "760.00", "152.00", "912.00",
        tariffs={1: 1}, turnovers={"": "250007.69"},
    ),
    Price(
        "The turnover at which the cap is just reached.",
        "6 457,50 + 134 170 000 × 0,25 ‰ = 6 457,50 + 33 542,50 = 40 000. 560 + 40 000 = 40 560; VAT 8 112.",
        "renewal", ON, {"instruction": "560.00", "brand_usage": "40000.00"}, "40560.00", "8112.00", "48672.00",
        tariffs={1: 1}, turnovers={"": "149170000"},
    ),
    Price(
        "Energy audits alone, at the turnover where the floor ends.",
        "500 + 1 050 + 265 = 1 815; 225 000 × 0,80 ‰ = 180. 1 815 + 180 = 1 995; VAT 399.",
        "renewal", ON, {"instruction": "1815.00", "brand_usage": "180.00"}, "1995.00", "399.00", "2394.00",
        qualifications=("1905:5", "1911:7"), turnovers={"": "5000000", "energy_audit": "225000"},
    ),
    Price(
        "A control with a half euro, and a new one at tariff 5.",
        "125 + 2 × 15 + 212,50 + 375 + 1 050 = 1 792,50; VAT 358,50.",
        "control", ON, {"annual_control": "1792.50"}, "1792.50", "358.50", "2151.00",
        tariffs={4: 1, 1: 2}, new_tariffs={5: 1},
    ),
    Price(
        "Without a turnover, the brand-usage fee is missing and the sum says so.",
        "86 + 500 + 120 = 706, without the brand-usage fee; VAT 141,20.",
        "first", ON, {"dossier": "86.00", "instruction": "620.00", "brand_usage": None},
        "706.00", "141.20", "847.20", tariffs={2: 1},
    ),
    Price(
        "Energy audits alone without their own turnover: another one does not do.",
        "500 + 1 050 = 1 550, and a brand-usage fee that nobody can say; VAT 310.",
        "renewal", ON, {"instruction": "1550.00", "brand_usage": None}, "1550.00", "310.00", "1860.00",
        qualifications=("1905:5",), turnovers={"": "5000000"}, undetermined=True,
    ),
)  # fmt: skip

PLANS = (
    Plan(
        "Five years: an application, three controls, the renewal.",
        """Application 86 + 1 160 = 1 246. Notification 557,50. Controls 125 + 5 × 15 + 3 × 30 = 290.
        Renewal 1 160, then 557,50. 1 246 + 557,50 + 3 × 290 + 1 160 + 557,50 = 4 391.
        VAT 249,20 + 111,50 + 3 × 58 + 232 + 111,50 = 878,20.
        557,50 from 18/05/2026 to 17/05/2030, 1 461 days: 228 up to 31/12/2026, 593, 959, 1 324.
        557,50 × 228 / 1 461 = 87,002; × 593 = 226,282; × 959 = 365,943; × 1 324 = 505,222.
        So 87,00; 139,28; 139,66; 139,28; 52,28; and the same again from 18/05/2030 on.""",
        "first", "2026-03-02", "2026-05-18", 5, {1: 5, 2: 3}, "800000",
        (
            Payment(
                "2026-03-02", "first", {"dossier": "86.00", "instruction": "1160.00"}, "1246.00", "repeated_articles"
            ),
            Payment("2026-05-18", "first", {"brand_usage": "557.50"}, "557.50", "repeated_articles"),
            Payment("2027-05-18", "control", {"annual_control": "290.00"}, "290.00", "repeated_articles"),
            Payment("2028-05-18", "control", {"annual_control": "290.00"}, "290.00", "repeated_articles"),
            Payment("2029-05-18", "control", {"annual_control": "290.00"}, "290.00", "repeated_articles"),
            Payment("2030-03-02", "renewal", {"instruction": "1160.00"}, "1160.00", "repeated_articles"),
            Payment("2030-05-18", "renewal", {"brand_usage": "557.50"}, "557.50", "repeated_articles"),
        ),
        "4391.00", "5269.20",
        {
            2026: "1333.00", 2027: "429.28", 2028: "429.66", 2029: "429.28", 2030: "1299.28", 2031: "139.28",
            2032: "139.66", 2033: "139.28", 2034: "52.28",
        },
        {
            2026: "470.50", 2027: "331.22", 2028: "191.56", 2029: "52.28", 2030: "470.50", 2031: "331.22",
            2032: "191.56", 2033: "52.28",
        },
    ),
)  # fmt: skip

RIGHT = Invoice(
    "Right: an application, in detail.",
    "86 + 500 + 300 + 360 + 557,50 = 1 803,50; VAT 360,70.",
    FIRST,
    (
        Row("Dossier postulant", 1, "86.00", "86.00"),
        Row("Frais d’instruction, partie forfaitaire", 1, "500.00", "500.00"),
        Row("Frais d’instruction, tarif 1", 5, "60.00", "300.00"),
        Row("Frais d’instruction, tarif 2", 3, "120.00", "360.00"),
        Row("Utilisation de la marque", 1, "557.50", "557.50"),
    ),
    "1803.50", "360.70", "2164.20",
)  # fmt: skip
RIGHT_CONTROL = Invoice(
    "Right: a control.",
    "125 + 30 = 155; VAT 31.",
    CONTROL,
    (
        Row("Contrôle annuel, forfait", 1, "125.00", "125.00"),
        Row("Contrôle annuel, tarif 1", 2, "15.00", "30.00"),
    ),
    "155.00", "31.00", "186.00",
)  # fmt: skip
INVOICES = (
    RIGHT, RIGHT_CONTROL,
    Invoice(
        "The flat fee for new qualifications forgotten.",
        "635 − 375 = 260. VAT 52.",
        NEW, (Row("Contrôle annuel", 1, "260.00", "260.00"),),
        "260.00", "52.00", "312.00",
        "-375.00", "annual_control", "the flat fee of … for new qualifications forgotten",
    ),
    Invoice(
        "Three new ones, not two.",
        "125 + 15 + 375 + 3 × 60 = 695 for 635: 60 too much. VAT 139.",
        NEW,
        (
            Row("Contrôle annuel, forfait", 1, "125.00", "125.00"),
            Row("Contrôle annuel, tarif 1", 1, "15.00", "15.00"),
            Row("Nouvelles qualifications, forfait", 1, "375.00", "375.00"),
            Row("Nouvelles qualifications, tarif 1", 3, "60.00", "180.00"),
        ),
        "695.00", "139.00", "834.00", "60.00", "annual_control", "one new qualification at tariff 1 too many",
    ),
    Invoice(
        "The mark billed twice.",
        "2 × 557,50 = 1 115 for 557,50. VAT 223.",
        FIRST, (Row("Utilisation de la marque", 1, "1115.00", "1115.00"),),
        "1115.00", "223.00", "1338.00", "557.50", "brand_usage", "billed twice: Brand-usage fee",
    ),
    Invoice(
        "The floor forgotten.",
        "80 for 180: 100 too little. VAT 16.",
        FLOOR, (Row("Utilisation de la marque", 1, "80.00", "80.00"),),
        "80.00", "16.00", "96.00", "-100.00", "brand_usage", "the floor of … forgotten",
    ),
    Invoice(
        "The cap forgotten.",
        "252 707,50 for 40 000: 212 707,50 too much. VAT 50 541,50.",
        CAP, (Row("Utilisation de la marque", 1, "252707.50", "252707.50"),),
        "252707.50", "50541.50", "303249.00", "212707.50", "brand_usage", "the cap of … forgotten",
    ),
    Invoice(
        "The file of a first application, at a renewal.",
        "560 + 86 = 646, of which 86 are not due. VAT 129,20.",
        RENEWAL,
        (Row("Frais d’instruction", 1, "560.00", "560.00"), Row("Dossier postulant", 1, "86.00", "86.00")),
        "646.00", "129.20", "775.20", "86.00", "dossier", "not due at this event: Application file",
    ),
)  # fmt: skip

ENTRIES = (
    Entry(
        """6228: 86 + 1 160 = 1 246. 557,50 from 02/03/2026 to 01/03/2030, 1 461 days, 305 of them in 2026:
        557,50 × 305 / 1 461 = 116,384 in 6511, 441,12 in 486. VAT 360,70. The supplier: 2 164,20.""",
        RIGHT, {"6228": "1246.00", "6511": "116.38", "486": "441.12", "44566": "360.70"}, "2164.20",
    ),
    Entry("6228: 155. VAT 31. The supplier: 186.", RIGHT_CONTROL, {"6228": "155.00", "44566": "31.00"}, "186.00"),
)  # fmt: skip

REPEATED = Edition(
    "repeated", "repeated_articles", ON,
    {
        "dossier": "Application file", "instruction": "Instruction fee", "brand_usage": "Brand-usage fee",
        "annual_control": "Annual-control fee",
    },
    ("first", "renewal", "control"), tuple(range(1, 8)), ("engineering", "energy_audit"),
    PRICES, PLANS, INVOICES, ENTRIES,
    # 60 + 3 × 15; 850 + 3 × 212,50; 265 + 3 × 28.
    {"1": "105.00", "4": "1487.50", "7": "349.00"},
    "149170000.00",
    (
        ({"event": "first", "turnover": "", "t1": "1"}, "turnover_missing"),
        ({"event": "first", "turnover": "1e6", "t1": "1"}, "turnover_not_an_amount"),
        ({"event": "suivi", "turnover": "1", "t1": "1"}, "event_unknown"),
        ({"event": "control", "turnover": "", "t1": "0"}, "no_qualification"),
    ),
)  # fmt: skip
