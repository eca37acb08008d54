"""The commands of ``opqibi-fees``; no rule of the trade lives here."""
