"""The studio: a page and a REST interface on this machine."""
