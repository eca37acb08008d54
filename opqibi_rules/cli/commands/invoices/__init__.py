"""Invoices: checked, or made."""
