"""What the package asks of a machine, and of whom."""
