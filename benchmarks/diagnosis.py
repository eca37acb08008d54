"""How often the diagnosis is right: ``python -m benchmarks.diagnosis [CASES] [RIGHT]``.

Seeded errors: found (the verdict is a discrepancy), the true cause among the first three explanations, and
first where it is the only stiff one. Right invoices: no alarm.
"""

import sys
import time
from collections import Counter

from benchmarks.seeded_invoices import Case, right, wrong
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.diagnosis import Explanation


def check(case: Case) -> InvoiceCheck:
    return check_invoice(case.invoice, expected=case.expected, **case.options)


def is_true(explanation: Explanation, case: Case) -> bool:
    """The explanation tells the seeded error: its cause, its tariffs and its number."""
    if explanation.cause != case.cause:
        return False
    values = explanation.changes[0].message.values
    return all(values.get(name) == value for name, value in case.told.items())


def found(result: InvoiceCheck) -> bool:
    """The error was seen: a discrepancy, or for a cent of VAT rounding, the finding that says so."""
    return result.verdict == "discrepancy" or any(f.code == "vat_rounding" for f in result.findings)


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rights = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    seen = top = unique = unique_first = 0
    missed: Counter[tuple[str | None, str]] = Counter()
    by_shape: Counter[tuple[str, bool]] = Counter()
    slowest = 0.0
    start = time.perf_counter()
    for seed in range(cases):
        case = wrong(seed)
        begun = time.perf_counter()
        result = check(case)
        slowest = max(slowest, time.perf_counter() - begun)
        explanations = result.explanations
        seen += found(result)
        told = any(is_true(explanation, case) for explanation in explanations[:3])
        top += told
        by_shape[case.shape, told] += 1
        if not told or not found(result):
            missed[case.cause, case.shape] += 1
            if "-v" in sys.argv:
                print(seed, case.shape, case.cause, dict(case.told), result.summary)
                for explanation in explanations[:5]:
                    print("      ", explanation.cost, explanation.message)
        if explanations and explanations[0].confidence != "possible":
            unique += 1
            unique_first += is_true(explanations[0], case)
    spent = time.perf_counter() - start
    print(f"{cases} seeded errors, {spent / cases * 1000:.1f} ms each, {slowest * 1000:.0f} ms at most")
    print(f"found: {seen / cases:.2%}")
    print(f"true cause in the first three: {top / cases:.2%}")
    for shape in sorted({shape for shape, _ in by_shape}):
        yes, no = by_shape[shape, True], by_shape[shape, False]
        print(f"    {shape}: {yes / (yes + no):.2%} of {yes + no}")
    print(f"first cause right where it is the only one: {unique_first / unique:.2%} of {unique}")
    for (cause, shape), count in missed.most_common():
        print(f"    not in the first three: {cause}, {shape}: {count}")
    alarms = sum(check(right(seed)).verdict != "conform" for seed in range(rights))
    print(f"{rights} right invoices: {alarms} false alarms")


if __name__ == "__main__":
    main()
