"""A trained model, asked for the colours of pictures. The only place that knows ONNX Runtime."""
