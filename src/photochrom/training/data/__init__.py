"""Photographs as an endless stream of training crops."""
