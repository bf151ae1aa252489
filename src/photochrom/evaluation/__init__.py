"""How good colours are: the metrics of the field."""
