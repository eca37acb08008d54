"""Files of rows: CSV and workbooks, read without losing one or guessing a letter."""
