"""An invoice read from the words of its pages, believed only where the document confirms it.

The door is :func:`~opqibi_rules.invoice.reading.page.reader.read_pages`: it takes the
:class:`~opqibi_rules.paper.pages.words.Page` of a text layer or of a picture, and gives a
:class:`~opqibi_rules.invoice.reading.page.result.PageReading`.
"""
