"""What is due: the schedule's fees, line by line, and all that follows from them."""
