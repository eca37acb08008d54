"""The application: the API, the page, and what stands before both."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

import opqibi_rules
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.requests import wrong_fields
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.web import api, reference
from opqibi_rules.web.certificates import many, one
from opqibi_rules.web.invoices import page
from opqibi_rules.web.openapi import description
from opqibi_rules.web.prices import compare, plan, quote
from opqibi_rules.web.problems import problem
from opqibi_rules.web.settings import Settings
from opqibi_rules.web.shield import Shield

STATIC = Path(__file__).resolve().parent / "static"
_PAGES = (quote, plan, page, one, compare, many)
_ROUTERS = (api.router, api.health_router, reference.router, *(tab.router for tab in _PAGES))


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application, ready for any server; all that it needs is in ``settings``."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.workers = Workers(settings.workers, settings.seconds - 5, settings.tables.own)
        await app.state.workers.warm()
        yield
        await app.state.workers.close()

    app = FastAPI(
        title="OPQIBI fees",
        version=opqibi_rules.__version__,
        summary="The price and the validity of an OPQIBI qualification: exact fees, verdicts with their reasons.",
        openapi_url=None,  # ours bears a tag
        docs_url=None,  # their pages load scripts from elsewhere; ours loads nothing
        redoc_url=None,
        lifespan=lifespan,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    app.openapi = lambda: description(app)  # type: ignore[method-assign] # the documented way to extend it
    app.state.service = Service(settings.tables, settings.today)
    app.state.settings = settings
    app.state.seal = secrets.token_bytes(32)
    for router in _ROUTERS:
        app.router.routes += router.routes  # nothing is added to them: to include them would match each twice
    app.mount("/static", StaticFiles(directory=STATIC))
    for kind in (RequestValidationError, RefusedError, HTTPException):
        app.add_exception_handler(kind, _refused)
    app.add_middleware(Shield, settings=settings)
    if settings.origins:
        # Before the shield: a browser asks leave without its token, and must be able to read a refusal.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization"],
        )
    return app


def _refused(request: Request, error: Exception) -> Response:
    """What a route, or the reading of its request, refuses."""
    scope = request.scope
    match error:
        case RequestValidationError():
            return problem(scope, 422, wrong_fields(error.errors(), skip=1))
        case RefusedError():
            busy = {"Retry-After": "10"} if error.status == HTTPStatus.SERVICE_UNAVAILABLE else None
            return problem(scope, error.status, error.wrong, busy)
        case HTTPException():
            return problem(scope, error.status_code, headers=error.headers)
    raise error
