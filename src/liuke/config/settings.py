"""Django's settings. Wires, decides nothing; what a company may choose lives in the database (platform/preferences)."""

from __future__ import annotations

import os

from django.utils.translation import gettext_lazy as _

from liuke.config import database, paths

HOME = paths.home()
HOME.mkdir(parents=True, exist_ok=True, mode=0o700)

SECRET_KEY = os.environ.get("LIUKE_SECRET_KEY") or paths.secret_key(HOME)
DEBUG = os.environ.get("LIUKE_DEBUG") == "1"
ALLOWED_HOSTS = [h for h in os.environ.get("LIUKE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("LIUKE_ORIGINS", "").split(",") if o]
HTTPS = os.environ.get("LIUKE_HTTPS") == "1"
PROXIES = int(os.environ.get("LIUKE_PROXIES") or 0)  # ours, that a request passes; 0 trusts no header
# A company to look at: one may step into each role's shoes, on loopback only. Its name where the log is a real one.
DEMO = bool(os.environ.get("LIUKE_DEMO"))
DEMO_LOG = "" if os.environ.get("LIUKE_DEMO") == "1" else os.environ.get("LIUKE_DEMO", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "django_htmx",
    "template_partials",
    "liuke.platform",
    "liuke.catalog",
    "liuke.customers",
    "liuke.scores",
    "liuke.workspace",
    "liuke.demo",
]

MIDDLEWARE = [
    "liuke.platform.sessions.views.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random, so lengths tell nothing about a page's secrets
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "liuke.platform.sessions.views.Limits",
    "liuke.platform.sessions.views.Locale",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "liuke.platform.kit.views.answer_htmx",
    "axes.middleware.AxesMiddleware",
    "liuke.workspace.merging.views.FormerAddresses",
    "liuke.platform.sessions.views.Doors",
]

ROOT_URLCONF = "liuke.config.urls"
WSGI_APPLICATION = "liuke.config.wsgi.application"

# Each slice brings its own templates: <domain>/<slice>/templates/<domain>/<slice>/….html
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(str(folder) for folder in paths.PACKAGE.glob("*/*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"kit": "liuke.platform.kit.templatetags.kit"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "liuke.platform.kit.views.frame",
                "liuke.workspace.shell.views.shell",
            ],
        },
    }
]
STATICFILES_DIRS = sorted(str(folder) for folder in paths.PACKAGE.glob("*/*/static"))
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"  # `liuke serve` fills it when the release changes
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names carry their content's hash, so a browser keeps a file for good; compressed once, not per request.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

DATABASES = {
    "default": database.from_url(url)
    if (url := os.environ.get("DATABASE_URL"))
    else database.sqlite(HOME / "liuke.sqlite3")
}

AUTH_USER_MODEL = "platform.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "liuke.platform.users.actions.Passwords"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
CSRF_FAILURE_VIEW = "liuke.platform.sessions.views.csrf_failed"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # of the link that a new colleague sets a password by
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # the audit keeps who signed in and who failed to
AXES_USERNAME_CALLABLE = "liuke.platform.users.views.attempted_name"
AXES_CLIENT_IP_CALLABLE = "liuke.platform.access.views.client_address"
AXES_LOCKOUT_CALLABLE = "liuke.platform.users.views.locked_out"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [
    ("zh-hans", _("Simplified Chinese")),
    ("zh-hant", _("Traditional Chinese")),
    ("en", _("English")),
]
LOCALE_PATHS = sorted(str(folder) for folder in paths.PACKAGE.glob("*/locale"))
USE_TZ = True
TIME_ZONE = os.environ.get("LIUKE_ZONE", "Asia/Shanghai")

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-liuke" if HTTPS else "liuke"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Whether the company's other names speak https too, and whether browsers may learn that for good, is for the company to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 << 20
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"liuke": {"level": "INFO"}},
}
