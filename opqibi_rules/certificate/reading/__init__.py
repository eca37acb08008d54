"""Answers of registers, read from files and live."""
