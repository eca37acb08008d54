"""(d) Another body: three fees, two turnovers, no floor, tranches from 100 000 €, its own events: worked by hand.

Expertise: 50 and 100, 150, 220 for each asked for. Cotisation, for two years: 1 ‰ from 100 000 to 500 000, 0,50 ‰ beyond,
5 000 € at most; 400 € at 500 000. Passage: 12, 18,50, 25 for each held, at a « suivi » and for a « duplicata ».
The turnover is that of « France »; of « export » where 9001 and 9002 alone are held.
"""

from tests.editions.worked.kinds import Edition, Entry, Invoice, Payment, Plan, Price, Row

ON = "2026-03-02"

ENTRY = Price(
    "An entry of three.",
    """50 + 2 × 100 + 220 = 470. 400 000 × 1 ‰ + 300 000 × 0,50 ‰ = 400 + 150 = 550. 470 + 550 = 1 020; VAT 204.""",
    "entree", ON, {"expertise": "470.00", "cotisation": "550.00"}, "1020.00", "204.00", "1224.00",
    tariffs={1: 2, 3: 1}, turnovers={"": "800000"},
    parts=(
        ("expertise.base", "50.00"), ("expertise.each", "200.00"), ("expertise.each", "220.00"),
        ("cotisation.slices", "400.00"), ("cotisation.slices", "150.00"),
    ),
)  # fmt: skip
FOLLOW_UP = Price(
    "A follow-up, with its half euro.",
    "2 × 12 + 18,50 = 42,50; VAT 8,50.",
    "suivi", ON, {"passage": "42.50"}, "42.50", "8.50", "51.00", tariffs={1: 2, 2: 1},
)  # fmt: skip
COPY = Price(
    "A duplicate, an event that plays no part in the cycle.",
    "3 × 25 = 75; VAT 15.",
    "duplicata", ON, {"passage": "75.00"}, "75.00", "15.00", "90.00", tariffs={3: 3},
    parts=(("passage.each", "75.00"),),
)  # fmt: skip
CAP = Price(
    "The cap: 12 M€.",
    """400 + 11 500 000 × 0,50 ‰ = 400 + 5 750 = 6 150, brought down by 1 150 to 5 000. 50 + 100 = 150.
    150 + 5 000 = 5 150; VAT 1 030.""",
    "reprise", ON, {"expertise": "150.00", "cotisation": "5000.00"}, "5150.00", "1030.00", "6180.00",
    tariffs={1: 1}, turnovers={"": "12000000"},
    parts=(
        ("expertise.base", "50.00"), ("expertise.each", "100.00"), ("cotisation.slices", "400.00"),
        ("cotisation.slices", "5750.00"), ("cotisation.cap", "-1150.00"),
    ),
)  # fmt: skip
OTHERS = Price(
    "9003 beside 9001: no longer 9001 and 9002 alone, so the « France » turnover.",
    "50 + 2 × 100 = 250. 900 000: 400 + 400 000 × 0,50 ‰ = 600. 250 + 600 = 850; VAT 170.",
    "entree", ON, {"expertise": "250.00", "cotisation": "600.00"}, "850.00", "170.00", "1020.00",
    qualifications=("9001:1", "9003:1"), turnovers={"": "900000", "export": "300000"},
)  # fmt: skip

PRICES = (
    ENTRY, FOLLOW_UP, COPY, CAP, OTHERS,
    Price(
        "Below the origin of the first tranche, and no floor: nothing, which is an amount.",
        "60 000 is below 100 000: 0. 50 + 100 = 150; VAT 30.",
        "entree", ON, {"expertise": "150.00", "cotisation": "0.00"}, "150.00", "30.00", "180.00",
        tariffs={1: 1}, turnovers={"": "60000"},
    ),
    Price(
        "A turnover of zero.",
        "50 + 150 = 200; 0. VAT 40.",
        "entree", ON, {"expertise": "200.00", "cotisation": "0.00"}, "200.00", "40.00", "240.00",
        tariffs={2: 1}, turnovers={"": "0"},
    ),
    Price(
        "The origin itself.",
        "100 000: 0. 50 + 220 = 270; VAT 54.",
        "entree", ON, {"expertise": "270.00", "cotisation": "0.00"}, "270.00", "54.00", "324.00",
        tariffs={3: 1}, turnovers={"": "100000"},
    ),
    Price(
        "Half a cent above the origin is rounded up.",
        "5 × 1 ‰ = 0,005, so 0,01. 50 + 100 = 150. 150,01; VAT 30,002, so 30.",
        "entree", ON, {"expertise": "150.00", "cotisation": "0.01"}, "150.01", "30.00", "180.01",
        tariffs={1: 1}, turnovers={"": "100005"},
    ),
    Price(
        "The end of the first tranche.",
        "400 000 × 1 ‰ = 400. 50 + 2 × 220 = 490. 490 + 400 = 890; VAT 178.",
        "reprise", ON, {"expertise": "490.00", "cotisation": "400.00"}, "890.00", "178.00", "1068.00",
        tariffs={3: 2}, turnovers={"": "500000"},
    ),
    Price(
        "Ten euros beyond it: half a cent again.",
        "400 + 10 × 0,50 ‰ = 400,005, so 400,01. 490 + 400,01 = 890,01; VAT 178,002, so 178.",
        "reprise", ON, {"expertise": "490.00", "cotisation": "400.01"}, "890.01", "178.00", "1068.01",
        tariffs={3: 2}, turnovers={"": "500 010 €"},
    ),
    Price(
        "The turnover at which the cap is just reached.",
        "400 + 9 200 000 × 0,50 ‰ = 400 + 4 600 = 5 000. 150 + 5 000 = 5 150; VAT 1 030.",
        "reprise", ON, {"expertise": "150.00", "cotisation": "5000.00"}, "5150.00", "1030.00", "6180.00",
        tariffs={1: 1}, turnovers={"": "9700000"},
    ),
    Price(
        "9001 and 9002 alone pay on the « export » turnover.",
        "50 + 100 + 150 = 300. 200 000 × 1 ‰ = 200, whatever « France » is. 300 + 200 = 500; VAT 100.",
        "entree", ON, {"expertise": "300.00", "cotisation": "200.00"}, "500.00", "100.00", "600.00",
        qualifications=("9001:1", "9002:2"), turnovers={"": "900000", "export": "300000"},
    ),
    Price(
        "9001 alone without its « export » turnover: that of « France » does not do.",
        "50 + 100 = 150, and a cotisation that nobody can say; VAT 30.",
        "entree", ON, {"expertise": "150.00", "cotisation": None}, "150.00", "30.00", "180.00",
        qualifications=("9001:1",), turnovers={"": "300000"}, undetermined=True,
    ),
    Price(
        "Without a turnover, the cotisation is missing and the sum says so.",
        "50 + 2 × 150 = 350, without the cotisation; VAT 70.",
        "reprise", ON, {"expertise": "350.00", "cotisation": None}, "350.00", "70.00", "420.00", tariffs={2: 2},
    ),
)  # fmt: skip

PLANS = (
    Plan(
        "Four years from an entry; the cotisation, due once, covers two.",
        """Application 470. Notification 550. Follow-ups 2 × 12 + 25 = 49. 470 + 550 + 3 × 49 = 1 167.
        VAT 94 + 110 + 3 × 9,80 = 233,40.
        550 from 01/04/2026 to 31/03/2028, 731 days (29/02/2028): 275 up to 31/12/2026, 640 up to 31/12/2027.
        550 × 275 / 731 = 206,908; × 640 = 481,532. So 206,91; 274,62; 68,47.""",
        "entree", "2026-03-02", "2026-04-01", 4, {1: 2, 3: 1}, "800000",
        (
            Payment("2026-03-02", "entree", {"expertise": "470.00"}, "470.00", "other_body"),
            Payment("2026-04-01", "entree", {"cotisation": "550.00"}, "550.00", "other_body"),
            Payment("2027-04-01", "suivi", {"passage": "49.00"}, "49.00", "other_body"),
            Payment("2028-04-01", "suivi", {"passage": "49.00"}, "49.00", "other_body"),
            Payment("2029-04-01", "suivi", {"passage": "49.00"}, "49.00", "other_body"),
        ),
        "1167.00", "1400.40",
        {2026: "676.91", 2027: "323.62", 2028: "117.47", 2029: "49.00"},
        {2026: "343.09", 2027: "68.47"},
    ),
)  # fmt: skip

RIGHT = Invoice(
    "Right: an entry, in detail.",
    "50 + 200 + 220 + 550 = 1 020; VAT 204.",
    ENTRY,
    (
        Row("Frais d’expertise, part fixe", 1, "50.00", "50.00"),
        Row("Frais d’expertise, tarif 1", 2, "100.00", "200.00"),
        Row("Frais d’expertise, tarif 3", 1, "220.00", "220.00"),
        Row("Cotisation", 1, "550.00", "550.00"),
    ),
    "1020.00", "204.00", "1224.00",
)  # fmt: skip
RIGHT_FOLLOW_UP = Invoice(
    "Right: a follow-up.",
    "24 + 18,50 = 42,50; VAT 8,50.",
    FOLLOW_UP,
    (
        Row("Frais de passage, tarif 1", 2, "12.00", "24.00"),
        Row("Frais de passage, tarif 2", 1, "18.50", "18.50"),
    ),
    "42.50", "8.50", "51.00",
)  # fmt: skip
INVOICES = (
    RIGHT, RIGHT_FOLLOW_UP,
    Invoice(
        "Three at tariff 1, not two.",
        "3 × 100 = 300 for 200: 100 too much. 1 120; VAT 224.",
        ENTRY, (RIGHT.rows[0], Row("Frais d’expertise, tarif 1", 3, "100.00", "300.00"), *RIGHT.rows[2:]),
        "1120.00", "224.00", "1344.00", "100.00", "expertise", "one qualification at tariff 1 too many",
    ),
    Invoice(
        "The cap forgotten.",
        "6 150 for 5 000: 1 150 too much. VAT 1 230.",
        CAP, (Row("Cotisation", 1, "6150.00", "6150.00"),),
        "6150.00", "1230.00", "7380.00", "1150.00", "cotisation", "the cap of … forgotten",
    ),
    Invoice(
        "The two years of the cotisation billed for one.",
        "550 / 2 = 275: 275 too little. VAT 55.",
        ENTRY, (Row("Cotisation", 1, "275.00", "275.00"),),
        "275.00", "55.00", "330.00", "-275.00", "cotisation", "the fee for 2 years billed for one",
    ),
    Invoice(
        "The « export » turnover taken for that of « France ».",
        "300 000 give 200 for 600: 400 too little. VAT 40.",
        OTHERS, (Row("Cotisation", 1, "200.00", "200.00"),),
        "200.00", "40.00", "240.00", "-400.00", "cotisation", "« export »",
    ),
    Invoice(
        "Two at tariff 2, not one.",
        "24 + 2 × 18,50 = 61 for 42,50: 18,50 too much. VAT 12,20.",
        FOLLOW_UP, (RIGHT_FOLLOW_UP.rows[0], Row("Frais de passage, tarif 2", 2, "18.50", "37.00")),
        "61.00", "12.20", "73.20", "18.50", "passage", "one qualification at tariff 2 too many",
    ),
    Invoice(
        "A duplicate billed twice.",
        "2 × 75 = 150 for 75. VAT 30.",
        COPY, (Row("Frais de passage", 1, "150.00", "150.00"),),
        "150.00", "30.00", "180.00", "75.00", "passage", "billed twice: Visit fee",
    ),
)  # fmt: skip

ENTRIES = (
    Entry(
        """6226, of our own table: 470. 550 from 02/03/2026 to 01/03/2028, 731 days (29/02/2028), 305 in 2026:
        550 × 305 / 731 = 229,480 in 6281, 320,52 in 486. VAT 204. The supplier: 1 224.""",
        RIGHT, {"6226": "470.00", "6281": "229.48", "486": "320.52", "44566": "204.00"}, "1224.00",
    ),
    Entry("6256, of our own table: 42,50. VAT 8,50. The supplier: 51.",
          RIGHT_FOLLOW_UP, {"6256": "42.50", "44566": "8.50"}, "51.00"),
)  # fmt: skip

OTHER_BODY = Edition(
    "other_body", "other_body", ON,
    {"expertise": "Expertise fee", "cotisation": "Subscription", "passage": "Visit fee"},
    ("entree", "reprise", "suivi", "duplicata"), (1, 2, 3), ("france", "export"),
    PRICES, PLANS, INVOICES, ENTRIES,
    # 100 + 3 × 12; 150 + 3 × 18,50; 220 + 3 × 25.
    {"1": "136.00", "2": "205.50", "3": "295.00"},
    "9700000.00",
    (
        ({"event": "entree", "turnover": "", "t1": "1"}, "turnover_missing"),
        ({"event": "first", "turnover": "1", "t1": "1"}, "event_unknown"),
        ({"event": "suivi", "turnover": "", "t1": "x"}, "t1_not_a_count"),
        ({"event": "duplicata", "turnover": ""}, "no_qualification"),
    ),
)  # fmt: skip
