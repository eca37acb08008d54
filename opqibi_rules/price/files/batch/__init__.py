"""Whole files priced: CSV, Parquet or XLSX in, the same with their fees out.

Whatever the engine that computes (polars, or those of :mod:`opqibi_rules.price.files.batch.engines`), one reader
looks through every CSV, and one writer writes the answer, adds it up and keeps what was rejected: the
same file comes out, byte for byte. CSV and Parquet stream: memory does not grow with the file. The answer is written
whole or not at all; other columns are kept as they are.
"""
