"""Liuke 留客: keep the customer."""

__version__ = "0.1.0"
