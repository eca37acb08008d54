"""Prices on paper: quotes, plans and comparisons as documents, workbooks, pages, pictures and calendars."""
