"""Many pictures: planned, coloured side by side, written down. Only `ray.py` knows Ray."""
