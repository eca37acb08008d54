"""Verdicts on certificates as documents."""
