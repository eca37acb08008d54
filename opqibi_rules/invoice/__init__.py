"""What is billed: invoices, what is wrong with them, and how they are booked."""
