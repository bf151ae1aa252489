"""The networks, in PyTorch: Alpha, Beta, Full and Vivid."""
