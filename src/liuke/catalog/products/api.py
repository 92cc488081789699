"""What is sold, over the API."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from liuke.catalog.products.models import Product
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Id, Limit, Rows, listed
from liuke.platform.api.views import Need, TokenRequest

router = Router(tags=["Products"])
READ = Need("catalog:read", Right.VIEW_CUSTOMERS)


class ProductOut(Schema):
    id: int
    code: str
    name: str
    kind: str
    category: str


def _told(one: Product) -> ProductOut:
    return ProductOut(**{name: getattr(one, name) for name in ProductOut.model_fields})


@router.get("/products", response=Rows[ProductOut], auth=READ, summary="Products")
def products(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ProductOut]:
    return listed(request, response, Product.objects.all(), _told, after=after, limit=limit)


@router.get("/products/{int:pk}", response=ProductOut, auth=READ, summary="One product")
def product(request: TokenRequest, pk: Id) -> ProductOut:
    return _told(get_object_or_404(Product, pk=pk))
