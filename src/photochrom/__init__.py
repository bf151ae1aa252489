"""Photochrom turns black-and-white pictures into colour."""
