"""Settings for all the tests."""

from hypothesis import settings

# A slow machine is no defect of a rule; every failure prints what reproduces it.
settings.register_profile("proof", deadline=None, print_blob=True)
settings.load_profile("proof")
