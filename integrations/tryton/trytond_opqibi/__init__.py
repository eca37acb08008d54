"""Tryton: the invoices of OPQIBI checked against its fee schedule before they are posted."""
