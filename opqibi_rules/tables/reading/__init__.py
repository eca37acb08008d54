"""Facts read from documents that people hold: a nomenclature, a published fee schedule."""
