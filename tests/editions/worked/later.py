"""(a) Other prices, an eighth tariff, a sixth tranche, in force from 2027-01-01: worked by hand.

Prices: 63, 125, 250, 880, 1 090, 1 300, 275, 410; at a control 16, 31, 62, 220, 29, 56, 29, 41. Tranches: 0,85 ‰ to
250 000, 0,70 ‰ to 800 000, 0,50 ‰ to 3 M€, 0,40 ‰ to 15 M€, 0,25 ‰ to 50 M€, 0,15 ‰ beyond; from 190 to 42 000 €.
What the tranches come to at their ends: 212,50; 597,50; 1 697,50; 6 497,50; 15 247,50.
"""

from tests.editions.worked.kinds import Edition, Entry, Invoice, Payment, Plan, Price, Row

ON = "2027-03-01"

FIRST = Price(
    "Five qualifications at tariff 1 and three at tariff 2, 800 000 €.",
    """Instruction: 520 + 5 × 63 + 3 × 125 = 520 + 315 + 375 = 1 210.
    Brand usage: 250 000 × 0,85 ‰ + 550 000 × 0,70 ‰ = 212,50 + 385,00 = 597,50.
    90 + 1 210 + 597,50 = 1 897,50; VAT 379,50.""",
    "first", ON,
    {"dossier": "90.00", "instruction": "1210.00", "brand_usage": "597.50"},
    "1897.50", "379.50", "2277.00",
    tariffs={1: 5, 2: 3}, turnovers={"": "800000"},
    parts=(
        ("dossier.file", "90.00"), ("instruction.flat", "520.00"), ("instruction.each", "315.00"),
        ("instruction.each", "375.00"), ("brand_usage.tranches", "212.50"), ("brand_usage.tranches", "385.00"),
    ),
)  # fmt: skip
CONTROL_8 = Price(
    "A control of two qualifications at the eighth tariff.",
    "130 + 2 × 41 = 212; VAT 42,40.",
    "control", ON, {"annual_control": "212.00"}, "212.00", "42.40", "254.40", tariffs={8: 2},
)  # fmt: skip
RENEWAL_8 = Price(
    "A renewal of two at the eighth tariff, 800 000 €.",
    "520 + 2 × 410 = 1 340; 597,50; together 1 937,50; VAT 387,50.",
    "renewal", ON, {"instruction": "1340.00", "brand_usage": "597.50"}, "1937.50", "387.50", "2325.00",
    tariffs={8: 2}, turnovers={"": "800000"},
)  # fmt: skip
FLOOR = Price(
    "The floor: 150 000 €.",
    "150 000 × 0,85 ‰ = 127,50, raised by 62,50 to 190. 520 + 63 = 583. 583 + 190 = 773; VAT 154,60.",
    "renewal", ON, {"instruction": "583.00", "brand_usage": "190.00"}, "773.00", "154.60", "927.60",
    tariffs={1: 1}, turnovers={"": "150000"},
    parts=(
        ("instruction.flat", "520.00"), ("instruction.each", "63.00"), ("brand_usage.tranches", "127.50"),
        ("brand_usage.floor", "62.50"),
    ),
)  # fmt: skip
CAP = Price(
    "The cap: 300 M€.",
    """15 247,50 + 250 000 000 × 0,15 ‰ = 15 247,50 + 37 500 = 52 747,50, brought down by 10 747,50 to 42 000.
    520 + 63 = 583. 583 + 42 000 = 42 583; VAT 8 516,60.""",
    "renewal", ON, {"instruction": "583.00", "brand_usage": "42000.00"}, "42583.00", "8516.60", "51099.60",
    tariffs={1: 1}, turnovers={"": "300 000 000 €"},
    parts=(
        ("instruction.flat", "520.00"), ("instruction.each", "63.00"), ("brand_usage.tranches", "212.50"),
        ("brand_usage.tranches", "385.00"), ("brand_usage.tranches", "1100.00"),
        ("brand_usage.tranches", "4800.00"), ("brand_usage.tranches", "8750.00"),
        ("brand_usage.tranches", "37500.00"), ("brand_usage.cap", "-10747.50"),
    ),
)  # fmt: skip
NEW = Price(
    "A control with new requests, one of them at the eighth tariff.",
    """Held: 130 + 220 + 2 × 16 = 382. New: 390 once, 1 090 at tariff 5 and 2 × 410 at tariff 8.
    382 + 390 + 1 090 + 820 = 2 682; VAT 536,40.""",
    "control", ON, {"annual_control": "2682.00"}, "2682.00", "536.40", "3218.40",
    tariffs={4: 1, 1: 2}, new_tariffs={5: 1, 8: 2},
    parts=(
        ("annual_control.flat", "130.00"), ("annual_control.each", "32.00"), ("annual_control.each", "220.00"),
        ("annual_control.new_flat", "390.00"), ("annual_control.new_each", "1090.00"),
        ("annual_control.new_each", "820.00"),
    ),
)  # fmt: skip

PRICES = (
    FIRST, CONTROL_8, RENEWAL_8, FLOOR, CAP, NEW,
    Price(
        "The first day in force.",
        "520 + 63 = 583; 90 + 583 + 212,50 = 885,50; VAT 177,10.",
        "first", "2027-01-01", {"dossier": "90.00", "instruction": "583.00", "brand_usage": "212.50"},
        "885.50", "177.10", "1062.60", tariffs={1: 1}, turnovers={"": "250000"},
    ),
    Price(
        "No turnover at all (zero) pays the floor.",
        "520 + 2 × 410 = 1 340; 90 + 1 340 + 190 = 1 620; VAT 324.",
        "first", ON, {"dossier": "90.00", "instruction": "1340.00", "brand_usage": "190.00"},
        "1620.00", "324.00", "1944.00", tariffs={8: 2}, turnovers={"": "0"},
    ),
    Price(
        "One of each of the eight tariffs; half a euro in the second tranche.",
        """63 + 125 + 250 + 880 + 1 090 + 1 300 + 275 + 410 = 4 393; 520 + 4 393 = 4 913.
        212,50 + 0,50 × 0,70 ‰ = 212,50035, rounded to 212,50. 4 913 + 212,50 = 5 125,50; VAT 1 025,10.""",
        "renewal", ON, {"instruction": "4913.00", "brand_usage": "212.50"}, "5125.50", "1025.10", "6150.60",
        tariffs=dict.fromkeys(range(1, 9), 1), turnovers={"": "250 000,50"},
    ),
    Price(
        "A sum that falls on half a cent is rounded up.",
        """597,50 + 10 × 0,50 ‰ = 597,505, rounded to 597,51. 520 + 250 = 770.
        770 + 597,51 = 1 367,51; VAT 273,502, rounded to 273,50.""",
        "renewal", ON, {"instruction": "770.00", "brand_usage": "597.51"}, "1367.51", "273.50", "1641.01",
        tariffs={3: 1}, turnovers={"": "800010"},
    ),
    Price(
        "One cent of turnover less, and it is rounded down.",
        "597,50 + 9,99 × 0,50 ‰ = 597,504995, rounded to 597,50. 770 + 597,50 = 1 367,50; VAT 273,50.",
        "renewal", ON, {"instruction": "770.00", "brand_usage": "597.50"}, "1367.50", "273.50", "1641.00",
        tariffs={3: 1}, turnovers={"": "800009.99"},
    ),
    Price(
        "The sixth tranche: 60 M€.",
        """15 247,50 + 10 000 000 × 0,15 ‰ = 15 247,50 + 1 500 = 16 747,50. 520 + 1 300 = 1 820.
        1 820 + 16 747,50 = 18 567,50; VAT 3 713,50.""",
        "renewal", ON, {"instruction": "1820.00", "brand_usage": "16747.50"}, "18567.50", "3713.50", "22281.00",
        tariffs={6: 1}, turnovers={"": "60000000"},
    ),
    Price(
        "The end of the fifth tranche: 50 M€.",
        "212,50 + 385 + 1 100 + 4 800 + 8 750 = 15 247,50. 1 820 + 15 247,50 = 17 067,50; VAT 3 413,50.",
        "renewal", ON, {"instruction": "1820.00", "brand_usage": "15247.50"}, "17067.50", "3413.50", "20481.00",
        tariffs={6: 1}, turnovers={"": "50000000"},
    ),
    Price(
        "Regulatory energy audits alone pay on their own turnover.",
        """520 + 1 090 + 125 = 1 735. 250 000 × 0,85 ‰ + 50 000 × 0,70 ‰ = 212,50 + 35 = 247,50, whatever the
        engineering turnover. 1 735 + 247,50 = 1 982,50; VAT 396,50.""",
        "renewal", ON, {"instruction": "1735.00", "brand_usage": "247.50"}, "1982.50", "396.50", "2379.00",
        qualifications=("1905:5",), probationary=("0607:2",),
        turnovers={"": "2000000", "energy_audit": "300000"},
    ),
    Price(
        "Without a turnover, the brand-usage fee is missing and the sum says so.",
        "90 + 520 + 63 = 673, without the brand-usage fee; VAT 134,60.",
        "first", ON, {"dossier": "90.00", "instruction": "583.00", "brand_usage": None},
        "673.00", "134.60", "807.60", tariffs={1: 1},
    ),
)  # fmt: skip

BEFORE = Price(
    "The day before, the schedule of 2024 prices the same question.",
    """500 + 5 × 60 + 3 × 120 = 1 160. 250 000 × 0,80 ‰ + 550 000 × 0,65 ‰ = 200 + 357,50 = 557,50.
    86 + 1 160 + 557,50 = 1 803,50; VAT 360,70.""",
    "first", "2026-12-31", {"dossier": "86.00", "instruction": "1160.00", "brand_usage": "557.50"},
    "1803.50", "360.70", "2164.20", tariffs={1: 5, 2: 3}, turnovers={"": "800000"},
)  # fmt: skip

PLANS = (
    Plan(
        "Two at the eighth tariff, within the schedule.",
        """Application 90 + 520 + 2 × 410 = 1 430. Notification 597,50 (800 000 €). Controls 130 + 2 × 41 = 212.
        1 430 + 597,50 + 3 × 212 = 2 663,50. VAT 286 + 119,50 + 3 × 42,40 = 532,70.
        597,50 is borne from 01/05/2027 to 30/04/2031, 1 461 days: 245 up to 31/12/2027, 611, 976, 1 341.
        597,50 × 245 / 1 461 = 100,197; × 611 = 249,879; × 976 = 399,151; × 1 341 = 548,424.
        So 100,20; 149,68; 149,27; 149,27; 49,08.""",
        "first", "2027-02-01", "2027-05-01", 4, {8: 2}, "800000",
        (
            Payment("2027-02-01", "first", {"dossier": "90.00", "instruction": "1340.00"}, "1430.00", "bareme_2027"),
            Payment("2027-05-01", "first", {"brand_usage": "597.50"}, "597.50", "bareme_2027"),
            Payment("2028-05-01", "control", {"annual_control": "212.00"}, "212.00", "bareme_2027"),
            Payment("2029-05-01", "control", {"annual_control": "212.00"}, "212.00", "bareme_2027"),
            Payment("2030-05-01", "control", {"annual_control": "212.00"}, "212.00", "bareme_2027"),
        ),
        "2663.50", "3196.20",
        {2027: "1530.20", 2028: "361.68", 2029: "361.27", 2030: "361.27", 2031: "49.08"},
        {2027: "497.30", 2028: "347.62", 2029: "198.35", 2030: "49.08"},
    ),
    Plan(
        "An application under the schedule of 2024, notified under that of 2027.",
        """Application on 05/10/2026, of 2024: 86 + 1 160 = 1 246. Notification on 15/01/2027, of 2027: 597,50.
        Controls, of 2027: 130 + 5 × 16 + 3 × 31 = 303. 1 246 + 597,50 + 3 × 303 = 2 752,50.
        VAT 249,20 + 119,50 + 3 × 60,60 = 550,50.
        597,50 from 15/01/2027 to 14/01/2031, 1 461 days: 351 up to 31/12/2027, 717, 1 082, 1 447.
        597,50 × 351 / 1 461 = 143,547; × 717 = 293,229; × 1 082 = 442,502; × 1 447 = 591,774.
        So 143,55; 149,68; 149,27; 149,27; 5,73.""",
        "first", "2026-10-05", "2027-01-15", 4, {1: 5, 2: 3}, "800000",
        (
            Payment("2026-10-05", "first", {"dossier": "86.00", "instruction": "1160.00"}, "1246.00", "bareme_2024"),
            Payment("2027-01-15", "first", {"brand_usage": "597.50"}, "597.50", "bareme_2027"),
            Payment("2028-01-15", "control", {"annual_control": "303.00"}, "303.00", "bareme_2027"),
            Payment("2029-01-15", "control", {"annual_control": "303.00"}, "303.00", "bareme_2027"),
            Payment("2030-01-15", "control", {"annual_control": "303.00"}, "303.00", "bareme_2027"),
        ),
        "2752.50", "3303.00",
        {2026: "1246.00", 2027: "143.55", 2028: "452.68", 2029: "452.27", 2030: "452.27", 2031: "5.73"},
        {2027: "453.95", 2028: "304.27", 2029: "155.00", 2030: "5.73"},
    ),
)  # fmt: skip

RIGHT = Invoice(
    "Right: an application, in detail.",
    "90 + 520 + 315 + 375 + 597,50 = 1 897,50; VAT 379,50.",
    FIRST,
    (
        Row("Dossier postulant", 1, "90.00", "90.00"),
        Row("Frais d’instruction, partie forfaitaire", 1, "520.00", "520.00"),
        Row("Frais d’instruction, tarif 1", 5, "63.00", "315.00"),
        Row("Frais d’instruction, tarif 2", 3, "125.00", "375.00"),
        Row("Utilisation de la marque", 1, "597.50", "597.50"),
    ),
    "1897.50", "379.50", "2277.00",
)  # fmt: skip
RIGHT_CONTROL = Invoice(
    "Right: a control at the eighth tariff.",
    "130 + 82 = 212; VAT 42,40.",
    CONTROL_8,
    (
        Row("Contrôle annuel, partie forfaitaire", 1, "130.00", "130.00"),
        Row("Contrôle annuel, tarif 8", 2, "41.00", "82.00"),
    ),
    "212.00", "42.40", "254.40",
)  # fmt: skip
INVOICES = (
    RIGHT, RIGHT_CONTROL,
    Invoice(
        "Four at tariff 2, not three.",
        "4 × 125 = 500 for 375: 125 too much. 1 897,50 + 125 = 2 022,50; VAT 404,50.",
        FIRST,
        (*RIGHT.rows[:3], Row("Frais d’instruction, tarif 2", 4, "125.00", "500.00"), RIGHT.rows[4]),
        "2022.50", "404.50", "2427.00", "125.00", "instruction", "one qualification at tariff 2 too many",
    ),
    Invoice(
        "The prices of 2024, in 2027.",
        "500 + 300 + 360 = 1 160 for 1 210: 50 too little. VAT 232.",
        FIRST, (Row("Frais d’instruction", 1, "1160.00", "1160.00"),),
        "1160.00", "232.00", "1392.00", "-50.00", "instruction", "billed by another schedule",
    ),
    Invoice(
        "The eighth tariff taken for the third.",
        "520 + 410 + 250 = 1 180 for 1 340: 160 too little (410 − 250). VAT 236.",
        RENEWAL_8, (Row("Frais d’instruction", 1, "1180.00", "1180.00"),),
        "1180.00", "236.00", "1416.00",
        "-160.00", "instruction", "one qualification billed at tariff 3 instead of tariff 8",
    ),
    Invoice(
        "The floor forgotten.",
        "127,50 for 190: 62,50 too little. VAT 25,50.",
        FLOOR, (Row("Utilisation de la marque", 1, "127.50", "127.50"),),
        "127.50", "25.50", "153.00", "-62.50", "brand_usage", "the floor of … forgotten",
    ),
    Invoice(
        "The cap forgotten.",
        "52 747,50 for 42 000: 10 747,50 too much. VAT 10 549,50.",
        CAP, (Row("Utilisation de la marque", 1, "52747.50", "52747.50"),),
        "52747.50", "10549.50", "63297.00", "10747.50", "brand_usage", "the cap of … forgotten",
    ),
    Invoice(
        "The flat fee for new qualifications forgotten.",
        "2 682 − 390 = 2 292. VAT 458,40.",
        NEW, (Row("Contrôle annuel", 1, "2292.00", "2292.00"),),
        "2292.00", "458.40", "2750.40",
        "-390.00", "annual_control", "the flat fee of … for new qualifications forgotten",
    ),
)  # fmt: skip

ENTRIES = (
    Entry(
        """6228: 90 + 1 210 = 1 300. 597,50 from 01/03/2027 to 28/02/2031, 1 461 days, 306 of them in 2027:
        597,50 × 306 / 1 461 = 125,144 in 6511, 472,36 in 486. VAT 379,50. The supplier: 2 277,00.""",
        RIGHT, {"6228": "1300.00", "6511": "125.14", "486": "472.36", "44566": "379.50"}, "2277.00",
    ),
    Entry("6228: 212. VAT 42,40. The supplier: 254,40.",
          RIGHT_CONTROL, {"6228": "212.00", "44566": "42.40"}, "254.40"),
)  # fmt: skip

LATER = Edition(
    "later", "bareme_2027", ON,
    {
        "dossier": "Application file", "instruction": "Instruction fee", "brand_usage": "Brand-usage fee",
        "annual_control": "Annual-control fee",
    },
    ("first", "renewal", "control"), tuple(range(1, 9)), ("engineering", "energy_audit"),
    PRICES, PLANS, INVOICES, ENTRIES,
    # 63 + 3 × 16; 125 + 3 × 31; 410 + 3 × 41.
    {"1": "111.00", "2": "218.00", "8": "533.00"},
    "228350000.00",  # 15 247,50 + 178 350 000 × 0,15 ‰ = 15 247,50 + 26 752,50 = 42 000
    (
        ({"event": "first", "turnover": "", "t8": "1"}, "turnover_missing"),
        ({"event": "first", "turnover": "-1", "t8": "1"}, "turnover_negative"),
        ({"event": "audit", "turnover": "1", "t8": "1"}, "event_unknown"),
        ({"event": "first", "turnover": "1"}, "no_qualification"),
        ({"event": "renewal", "turnover": "1", "t1": "1", "new_t8": "1"}, "new_without_control"),
    ),
)  # fmt: skip
