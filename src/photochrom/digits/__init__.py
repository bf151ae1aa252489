"""The warm-up: a CNN that reads handwritten digits, in Keras on TensorFlow."""
