"""Which invoice line bills which piece of the price: amounts and quantities first, wording second.

Each line is given the fee it bills, the piece of it where that is known, or several fees at once; what nothing
tells may be read in several ways.
"""
