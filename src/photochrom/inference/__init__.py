"""A trained model that predicts the colours of pictures. The only place that knows ONNX Runtime."""
