"""The words by which others name what the schedules name: on invoices, their pages, in files of structures."""
