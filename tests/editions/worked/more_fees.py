"""(c) The fees of 2024, a fifth one, flat, at a renewal, and a sixth, per qualification, at a control: by hand.

The fifth, « renewal_audit »: 150 €. The sixth, « site_visit »: 10, 20, 30, 40, 50, 60 and 70,50 € for each held.
The rest as in 2024: 60, 120, 240, 850, 1 050, 1 250, 265; at a control 15, 30, 60, 212,50, 28, 54, 28; tranches that come
to 200, 557,50, 1 657,50 and 6 457,50 at their ends; from 180 to 40 000 €.
"""

from tests.editions.worked.kinds import Edition, Entry, Invoice, Payment, Plan, Price, Row

ON = "2026-03-02"

RENEWAL = Price(
    "A renewal bears the fifth fee.",
    """500 + 5 × 60 + 3 × 120 = 1 160. 200 + 550 000 × 0,65 ‰ = 557,50. The audit: 150.
    1 160 + 557,50 + 150 = 1 867,50; VAT 373,50.""",
    "renewal", ON, {"instruction": "1160.00", "brand_usage": "557.50", "renewal_audit": "150.00"},
    "1867.50", "373.50", "2241.00", tariffs={1: 5, 2: 3}, turnovers={"": "800000"},
    parts=(
        ("instruction.flat", "500.00"), ("instruction.each", "300.00"), ("instruction.each", "360.00"),
        ("brand_usage.tranches", "200.00"), ("brand_usage.tranches", "357.50"), ("renewal_audit.audit", "150.00"),
    ),
)  # fmt: skip
CONTROL = Price(
    "A control bears the sixth fee.",
    "125 + 5 × 15 + 3 × 30 = 290. Visits: 5 × 10 + 3 × 20 = 110. 290 + 110 = 400; VAT 80.",
    "control", ON, {"annual_control": "290.00", "site_visit": "110.00"}, "400.00", "80.00", "480.00",
    tariffs={1: 5, 2: 3},
    parts=(
        ("annual_control.flat", "125.00"), ("annual_control.each", "75.00"), ("annual_control.each", "90.00"),
        ("site_visit.each", "50.00"), ("site_visit.each", "60.00"),
    ),
)  # fmt: skip
NEW = Price(
    "The sixth fee counts what is held, not what is newly asked for.",
    """Control: 125 + 2 × 15 + 212,50 + 375 + 1 050 = 1 792,50. Visits: 2 × 10 + 40 = 60.
    1 792,50 + 60 = 1 852,50; VAT 370,50.""",
    "control", ON, {"annual_control": "1792.50", "site_visit": "60.00"}, "1852.50", "370.50", "2223.00",
    tariffs={4: 1, 1: 2}, new_tariffs={5: 1},
)  # fmt: skip

PRICES = (
    RENEWAL, CONTROL, NEW,
    Price(
        "A first application bears neither.",
        "86 + 1 160 + 557,50 = 1 803,50; VAT 360,70.",
        "first", ON, {"dossier": "86.00", "instruction": "1160.00", "brand_usage": "557.50"},
        "1803.50", "360.70", "2164.20", tariffs={1: 5, 2: 3}, turnovers={"": "800000"},
    ),
    Price(
        "Visits at a price that is not in whole euros.",
        "125 + 3 × 28 = 209. 3 × 70,50 = 211,50. 209 + 211,50 = 420,50; VAT 84,10.",
        "control", ON, {"annual_control": "209.00", "site_visit": "211.50"}, "420.50", "84.10", "504.60",
        tariffs={7: 3},
    ),
    Price(
        "One of each tariff at a control.",
        """125 + 15 + 30 + 60 + 212,50 + 28 + 54 + 28 = 552,50. 10 + 20 + 30 + 40 + 50 + 60 + 70,50 = 280,50.
        552,50 + 280,50 = 833; VAT 166,60.""",
        "control", ON, {"annual_control": "552.50", "site_visit": "280.50"}, "833.00", "166.60", "999.60",
        tariffs=dict.fromkeys(range(1, 8), 1),
    ),
    Price(
        "A turnover of zero pays the floor, and the audit is due.",
        "500 + 60 = 560; 180; 150. Together 890; VAT 178.",
        "renewal", ON, {"instruction": "560.00", "brand_usage": "180.00", "renewal_audit": "150.00"},
        "890.00", "178.00", "1068.00", tariffs={1: 1}, turnovers={"": "0"},
    ),
    Price(
        "The cap is that of the brand-usage fee alone.",
        """6 457,50 + 185 000 000 × 0,25 ‰ = 6 457,50 + 46 250 = 52 707,50, brought down to 40 000. 500 + 120 = 620.
        620 + 40 000 + 150 = 40 770; VAT 8 154.""",
        "renewal", ON, {"instruction": "620.00", "brand_usage": "40000.00", "renewal_audit": "150.00"},
        "40770.00", "8154.00", "48924.00", tariffs={2: 1}, turnovers={"": "200000000"},
    ),
    Price(
        "The end of the third tranche.",
        "86 + 500 + 1 050 + 1 657,50 = 3 293,50; VAT 658,70.",
        "first", ON, {"dossier": "86.00", "instruction": "1550.00", "brand_usage": "1657.50"},
        "3293.50", "658.70", "3952.20", tariffs={5: 1}, turnovers={"": "3000000"},
    ),
    Price(
        "Beyond it, a sum on half a cent.",
        "1 657,50 + 12,50 × 0,40 ‰ = 1 657,505, so 1 657,51. 86 + 1 550 + 1 657,51 = 3 293,51; VAT 658,702, so 658,70.",
        "first", ON, {"dossier": "86.00", "instruction": "1550.00", "brand_usage": "1657.51"},
        "3293.51", "658.70", "3952.21", tariffs={5: 1}, turnovers={"": "3 000 012,50 €"},
    ),
    Price(
        "Energy audits alone.",
        """500 + 1 050 = 1 550. 200 + 150 000 × 0,65 ‰ = 200 + 97,50 = 297,50. 1 550 + 297,50 + 150 = 1 997,50;
        VAT 399,50.""",
        "renewal", ON, {"instruction": "1550.00", "brand_usage": "297.50", "renewal_audit": "150.00"},
        "1997.50", "399.50", "2397.00", qualifications=("1905:5",), turnovers={"energy_audit": "400 000"},
    ),
    Price(
        "Without a turnover, the audit is due all the same and the sum lacks the brand-usage fee.",
        "500 + 2 × 1 250 = 3 000; 150; 3 150 without the brand-usage fee; VAT 630.",
        "renewal", ON, {"instruction": "3000.00", "brand_usage": None, "renewal_audit": "150.00"},
        "3150.00", "630.00", "3780.00", tariffs={6: 2},
    ),
)  # fmt: skip

PLANS = (
    Plan(
        "Four years from a renewal.",
        """Application: 1 160 and the audit, 150, billed with it: 1 310. Notification 557,50. Controls 290 + 110 = 400.
        1 310 + 557,50 + 3 × 400 = 3 067,50. VAT 262 + 111,50 + 3 × 80 = 613,50.
        557,50 from 01/06/2026 to 31/05/2030, 1 461 days: 214 up to 31/12/2026, 579, 945, 1 310.
        557,50 × 214 / 1 461 = 81,660; × 579 = 220,939; × 945 = 360,601; × 1 310 = 499,880.
        So 81,66; 139,28; 139,66; 139,28; 57,62. The audit is an expense of 2026.""",
        "renewal", "2026-03-02", "2026-06-01", 4, {1: 5, 2: 3}, "800000",
        (
            Payment(
                "2026-03-02", "renewal", {"instruction": "1160.00", "renewal_audit": "150.00"}, "1310.00", "more_fees"
            ),
            Payment("2026-06-01", "renewal", {"brand_usage": "557.50"}, "557.50", "more_fees"),
            *(
                Payment(
                    f"{year}-06-01", "control", {"annual_control": "290.00", "site_visit": "110.00"}, "400.00",
                    "more_fees",
                )
                for year in (2027, 2028, 2029)
            ),
        ),
        "3067.50", "3681.00",
        {2026: "1391.66", 2027: "539.28", 2028: "539.66", 2029: "539.28", 2030: "57.62"},
        {2026: "475.84", 2027: "336.56", 2028: "196.90", 2029: "57.62"},
    ),
)  # fmt: skip

RIGHT = Invoice(
    "Right: a renewal, in detail.",
    "500 + 300 + 360 + 557,50 + 150 = 1 867,50; VAT 373,50.",
    RENEWAL,
    (
        Row("Frais d’instruction, partie forfaitaire", 1, "500.00", "500.00"),
        Row("Frais d’instruction, tarif 1", 5, "60.00", "300.00"),
        Row("Frais d’instruction, tarif 2", 3, "120.00", "360.00"),
        Row("Utilisation de la marque", 1, "557.50", "557.50"),
        Row("Audit de renouvellement", 1, "150.00", "150.00"),
    ),
    "1867.50", "373.50", "2241.00",
)  # fmt: skip
RIGHT_CONTROL = Invoice(
    "Right: a control and its visits.",
    "125 + 75 + 90 + 50 + 60 = 400; VAT 80.",
    CONTROL,
    (
        Row("Contrôle annuel, forfait", 1, "125.00", "125.00"),
        Row("Contrôle annuel, tarif 1", 5, "15.00", "75.00"),
        Row("Contrôle annuel, tarif 2", 3, "30.00", "90.00"),
        Row("Visites de site, tarif 1", 5, "10.00", "50.00"),
        Row("Visites de site, tarif 2", 3, "20.00", "60.00"),
    ),
    "400.00", "80.00", "480.00",
)  # fmt: skip
WHOLE = (
    Row("Frais d’instruction", 1, "1160.00", "1160.00"),
    Row("Utilisation de la marque", 1, "557.50", "557.50"),
)
INVOICES = (
    RIGHT, RIGHT_CONTROL,
    Invoice(
        "The audit billed twice.",
        "1 160 + 557,50 + 300 = 2 017,50: 150 too much. VAT 403,50.",
        RENEWAL, (*WHOLE, Row("Audit de renouvellement", 1, "300.00", "300.00")),
        "2017.50", "403.50", "2421.00", "150.00", "renewal_audit", "billed twice: Renewal audit",
    ),
    Invoice(
        "Four visits at tariff 2, not three.",
        "4 × 20 = 80 for 60: 20 too much. 420; VAT 84.",
        CONTROL, (*RIGHT_CONTROL.rows[:4], Row("Visites de site, tarif 2", 4, "20.00", "80.00")),
        "420.00", "84.00", "504.00", "20.00", "site_visit", "one qualification at tariff 2 too many",
    ),
    Invoice(
        "The audit left out of an invoice that should bear it.",
        "1 160 + 557,50 = 1 717,50 for 1 867,50: 150 too little. VAT 343,50.",
        RENEWAL, WHOLE, "1717.50", "343.50", "2061.00", "-150.00", "renewal_audit", "not billed: Renewal audit",
        fees=("instruction", "brand_usage", "renewal_audit"),
    ),
    Invoice(
        "A visit for a qualification that is only asked for.",
        "2 × 10 + 40 + 50 = 110 for 60: 50 too much. VAT 22.",
        NEW, (Row("Visites de site", 1, "110.00", "110.00"),),
        "110.00", "22.00", "132.00", "50.00", "site_visit", "one qualification at tariff 5 too many",
    ),
    Invoice(
        "Visits at a renewal, which bears none.",
        "1 160 + 110 = 1 270, of which 110 are not due. VAT 254.",
        RENEWAL, (WHOLE[0], Row("Visite de site", 1, "110.00", "110.00")),
        "1270.00", "254.00", "1524.00", "110.00", "site_visit", "not due at this event: Site visit",
    ),
)  # fmt: skip

ENTRIES = (
    Entry(
        """6228: 1 160. 6226, of our own table: the audit, 150. 557,50 from 02/03/2026 to 01/03/2030, 1 461 days, 305 in
        2026: 557,50 × 305 / 1 461 = 116,384 in 6511, 441,12 in 486. VAT 373,50. The supplier: 2 241,00.""",
        RIGHT, {"6228": "1160.00", "6226": "150.00", "6511": "116.38", "486": "441.12", "44566": "373.50"},
        "2241.00",
    ),
    Entry("6228: 290. 6256, of our own table: the visits, 110. VAT 80. The supplier: 480.",
          RIGHT_CONTROL, {"6228": "290.00", "6256": "110.00", "44566": "80.00"}, "480.00"),
)  # fmt: skip

MORE_FEES = Edition(
    "more_fees", "more_fees", ON,
    {
        "dossier": "Application file", "instruction": "Instruction fee", "brand_usage": "Brand-usage fee",
        "annual_control": "Annual-control fee", "renewal_audit": "Renewal audit", "site_visit": "Site visit",
    },
    ("first", "renewal", "control"), tuple(range(1, 8)), ("engineering", "energy_audit"),
    PRICES, PLANS, INVOICES, ENTRIES,
    # 60 + 3 × (15 + 10); 120 + 3 × (30 + 20); 265 + 3 × (28 + 70,50).
    {"1": "135.00", "2": "270.00", "7": "560.50"},
    "149170000.00",
    (
        ({"event": "renewal", "turnover": "", "t1": "1"}, "turnover_missing"),
        ({"event": "control", "turnover": "", "t1": "1", "t2": "1001"}, "t2_not_a_count"),
        ({"event": "audit", "turnover": "1", "t1": "1"}, "event_unknown"),
        ({"event": "renewal", "turnover": "1", "t1": "1", "new_t1": "1"}, "new_without_control"),
    ),
)  # fmt: skip
