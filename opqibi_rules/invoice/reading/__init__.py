"""Invoices and parties, read from every form in which they come."""
