"""« Facture »: verdicts on invoices, and what was read of them, to be corrected beside its picture."""
