"""Prices on columns."""
