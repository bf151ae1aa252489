"""The version, which is told in every coloured picture.

A constant, as asking for that of an installed package takes a twentieth of a second.
"""

VERSION = "0.1.0"
