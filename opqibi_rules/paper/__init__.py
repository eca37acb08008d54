"""How anything is read and written, one of each; nothing here knows OPQIBI."""
