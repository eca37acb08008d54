"""Settings for all the tests."""

from hypothesis import settings

# A slow machine is no defect of a rule; every failure prints what reproduces it.
settings.register_profile("proof", deadline=None, print_blob=True)
settings.register_profile("quick", settings.get_profile("proof"), max_examples=10, derandomize=True, database=None)
settings.load_profile("proof")
