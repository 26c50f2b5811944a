"""Who is asking, and for which tenant. Every route but /health depends on this."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from parley.api.tokens import TENANT_ID, Grant, Role, Tokens
from parley.errors import FieldError, Forbidden, Unauthenticated, invalid

TENANT_HEADER = "Parley-Tenant"
LONGEST_TOKEN = 500
_bearer = HTTPBearer(auto_error=False, description="A token made by `parley admin token create`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the token, acting for exactly one tenant."""

    role: Role
    tenant: str
    user_id: str | None = None

    @property
    def actor(self) -> str:
        """Who is named as the editor of what this caller changes: the user, else the role."""
        return self.user_id or self.role.value


async def _grant(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Grant:
    if credentials is None or not credentials.credentials:
        raise Unauthenticated("Send a token: Authorization: Bearer ...")
    tokens: Tokens = request.app.state.tokens
    token = credentials.credentials
    grant = await tokens.grant(token) if len(token) <= LONGEST_TOKEN else None
    if grant is None:
        raise Unauthenticated("The token is not known.")
    return grant


AnyGrant = Annotated[Grant, Depends(_grant)]
NamedTenant = Annotated[str | None, Header(alias=TENANT_HEADER, description="Role pipeline only.")]


def tenant_of(grant: Grant, named: str | None) -> str | None:
    """The tenant a caller acts for: the token's own, or the one that the pipeline names."""
    if grant.role is not Role.PIPELINE:
        if named is not None:
            raise Forbidden(
                "Only the pipeline names a tenant: yours is your token's.",
                FieldError(TENANT_HEADER, "is not for this role"),
            )
        return grant.tenant
    if named is not None and not TENANT_ID.fullmatch(named):
        raise invalid(TENANT_HEADER, "must be a tenant's id")
    return named


async def _caller(grant: AnyGrant, named: NamedTenant = None) -> Caller:
    tenant = tenant_of(grant, named)
    if tenant is None:
        raise invalid(TENANT_HEADER, "names the tenant, and is missing")
    return Caller(grant.role, tenant, grant.user_id)


AnyCaller = Annotated[Caller, Depends(_caller)]


def only(*roles: Role) -> Callable[[Caller], Coroutine[Any, Any, Caller]]:
    """A dependency that lets these roles pass and answers 403 to the others."""

    async def check(caller: AnyCaller) -> Caller:
        if caller.role not in roles:
            names = " or ".join(role.value for role in roles)
            raise Forbidden(f"This is for the role {names}; yours is {caller.role.value}.")
        return caller

    return check


PIPELINE_ONLY = Depends(only(Role.PIPELINE))
"""For a route that needs no more of its caller than the role."""
Pipeline = Annotated[Caller, PIPELINE_ONLY]
Admin = Annotated[Caller, Depends(only(Role.ADMIN))]
AdminOrPipeline = Annotated[Caller, Depends(only(Role.ADMIN, Role.PIPELINE))]
