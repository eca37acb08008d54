"""« Devis », « Plan sur 4 ans », « Comparer »: a question asked by a form, and its answer under it."""
