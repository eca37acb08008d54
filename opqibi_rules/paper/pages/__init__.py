"""What the eye reads on a page: its words and where they stand, from a text layer or from a picture."""
