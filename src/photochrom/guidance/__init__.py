"""What steers the colours: hints, where they spread, and what a model suggests. NumPy only."""
