"""What is due: now, over the years, for whole files; and what an amount was made of."""
