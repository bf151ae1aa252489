"""Training: data, losses, the loop, and export."""
