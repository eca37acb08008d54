"""The facts: typed tables, where they are found, which one holds on a day."""
