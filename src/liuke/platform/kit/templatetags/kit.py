"""`{% load kit %}`: every component of the interface kit, gathered from the modules beside this one."""

from __future__ import annotations

from django import template

from liuke.platform.kit.templatetags import badges, blocks, drawings, fields, figures, lists

register = template.Library()

for part in (badges, blocks, drawings, fields, figures, lists):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
