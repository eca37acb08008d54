"""The doors: one file a format, reading and writing."""
