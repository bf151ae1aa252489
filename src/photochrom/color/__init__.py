"""Colour science: spaces, gamut, toning, and colours brought to full size. NumPy only."""
