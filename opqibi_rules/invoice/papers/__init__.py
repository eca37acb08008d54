"""What is written about invoices: reports, journals, and invoices themselves."""
