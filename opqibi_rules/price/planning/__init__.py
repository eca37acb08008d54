"""Over the years: what is held, when it falls due, who bears it; plans, and choices compared."""
