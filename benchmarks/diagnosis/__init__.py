"""An independent measure of the invoice checker.

Its wordings, layouts, prices and errors were drawn up from the fee schedule and the user guide alone, by someone who
had read neither the checker nor its tables of words. Whoever works on the checker uses seeds 1 to 99; seeds from
1000 on are kept for measuring.
"""
