"""The price: the four fees, the quote, the plan."""
