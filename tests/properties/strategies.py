"""What Hypothesis draws: questions that have a price, with the hard turnovers more often than chance would."""

from hypothesis import strategies as st

from tests import oracle

EVENTS = st.sampled_from(("first", "renewal", "control"))
TERRITORIES = st.sampled_from(sorted(oracle.VAT_PER_THOUSAND))
TARIFFS = st.integers(1, 7)
COUNTS = st.dictionaries(TARIFFS, st.integers(0, 1000), max_size=7)
SOME = COUNTS.filter(lambda counts: any(counts.values()))

LARGEST = 10**12 * 100
"""The largest turnover accepted, in cents."""
HARD = (0, oracle.REACHES_FLOOR, *oracle.EDGES, oracle.REACHES_CAP, LARGEST)

TURNOVERS = st.one_of(
    st.integers(0, oracle.REACHES_CAP + 10_000_00),
    st.integers(0, LARGEST),
    st.builds(
        lambda hard, off: min(max(hard + off, 0), LARGEST), st.sampled_from(HARD), st.integers(-5_000, 5_000)
    ),
    # Turnovers where the sum falls on half a cent, and their neighbours.
    st.builds(
        lambda steps, off: 800_000_00 + 1_000 * (2 * steps + 1) + off,
        st.integers(0, 100_000),
        st.integers(-1, 1),
    ),
)
"""Turnovers in cents."""
