"""Training the networks: data, losses, loop, and the export to ONNX."""
