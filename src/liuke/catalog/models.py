from liuke.catalog.products.models import Product

__all__ = ["Product"]
