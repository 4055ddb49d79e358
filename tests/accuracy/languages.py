"""How each language is built, run and printed. The patterns say how a language prints one frame in its plain form, and no more."""

from make import Language

_SITE = (r"/[^\s\"]*?/run/[^/]+/\.venv|/[^\s\"]*?/python/venv", "/srv/shop/.venv")
_PYTHON = (r"/[^\s\"']*/lib/(python3\.\d+)/(?!site-packages)", r"/usr/local/lib/\1/")

LANGUAGES: dict[str, Language] = {
    "python": Language(
        suffix=".py",
        setup="python3.11 -m venv venv && venv/bin/pip -q install flask sqlalchemy pydantic click loguru structlog celery httpx starlette rich",
        needs=("python3.11", "python3.13"),
        run={"3.11": "{work}/venv/bin/python {dir}/{file}", "3.13": "python3.13 {dir}/{file}"},
        frame=r'^[ |>]*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$',
        next=r"^[ |]*(?:The above exception was the direct cause|During handling of the above|\+-\+?-+ \d+ -+$)",
        innermost_first=False,
        named=-1,
        paths=(_SITE, _PYTHON),
    ),
}
