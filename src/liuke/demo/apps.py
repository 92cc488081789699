from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "liuke.demo"
    label = "demo"
